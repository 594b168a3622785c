/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --configure: finds the submission servers of an address in the DNS (RFC
 * 6186, RFC 8314) and prints an account for them, in the syntax of
 * veredus.conf(5).
 */
#ifndef VEREDUS_MODES_CONFIGURE_H
#define VEREDUS_MODES_CONFIGURE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"
#include "config/account.h"
#include "config/settings.h"
#include "dns/dns.h"

/*
 * Makes default settings look up the servers of the domain of the address
 * (`host srv`).  *address is the addr-spec in the text; the caller frees it in
 * any case.  Errors: ERROR_ADDRESS; ERROR_USAGE for an account name that a
 * configuration file cannot contain.
 */
bool configure_begin(struct settings *s, const char *text, char **address,
    struct error *err);

/*
 * Gives the account another name, that of the address, if the file to which the
 * output goes defines it already, or if the system's file locks it.  That file
 * is standard output, or else the user's.  Appends a comment that says so.
 * Errors: ERROR_USAGE if the name was given, or if the address is in use, too.
 */
bool configure_name(struct settings *s, bool is_given, const char *address,
    const struct user *user, struct str *comment, struct error *err);

/*
 * Looks up the servers of the resolved account, and appends the lines of the
 * configuration file.  Errors: those of srv_find(); ERROR_REJECTED (exit
 * status 68) if the domain has no submission server.
 */
bool configure(const struct account *a, const char *address,
    const struct dns_source *dns, struct str *out, struct error *err);

#endif
