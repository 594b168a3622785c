/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --configure prints: an account for an address, in the form of
 * veredus.conf(5), as the DNS knows its servers (RFC 6186, RFC 8314).
 */
#ifndef VEREDUS_MODES_CONFIGURE_H
#define VEREDUS_MODES_CONFIGURE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "config/account.h"
#include "config/settings.h"
#include "dns/dns.h"
#include "route/destination.h"

/* Whom the account is for. */
struct configured {
	const char *account;
	const char *address;
	const char *user; /* NULL: the address */
};

/*
 * Makes settings that are all default look for the servers of the address's domain
 * (`host srv`).  *address is the addr-spec in the text; the caller frees it in
 * any case.  Errors: ERROR_ADDRESS, ERROR_USAGE.
 */
bool configure_begin(struct settings *s, const char *text, char **address,
    struct error *err);

/*
 * Looks for the servers of the resolved account, and appends the lines.
 * Errors: those of srv_find(), but ERROR_REJECTED (68) when the domain names
 * no server.
 */
bool configure(const struct account *a, const char *address,
    const struct dns_source *dns, struct str *out, struct error *err);

/* The lines for a route that has a host.  trust says why the DNS is believed
 * to be authentic; NULL: it is not. */
void configure_print(struct str *out, const struct configured *what,
    const struct destination *route, const char *trust);

#endif
