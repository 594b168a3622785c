/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --configure: finds the submission servers of an address, by the SRV records of
 * its domain (RFC 6186, RFC 8314), by the table of providers, by the MX hosts of
 * the domain, or by its autoconfig document, and prints an account for them.
 */
#ifndef VEREDUS_CONFIGURE_CONFIGURE_H
#define VEREDUS_CONFIGURE_CONFIGURE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "config/account.h"
#include "config/settings.h"
#include "configure/write.h"
#include "dns/dns.h"

/*
 * Makes default settings look up the servers of the domain of the address
 * (`host srv`).  *address is the addr-spec in the text; the caller frees it in
 * any case.  Errors: ERROR_ADDRESS, also for several addresses or a group, and for an
 * address that a configuration file cannot contain; ERROR_USAGE for such an account
 * name.
 */
bool configure_begin(struct settings *s, const char *text,
    const struct user *user, char **address, struct error *err);

/*
 * Gives the account another name, that of the address, if the target defines it
 * already, or if the system's file locks it.  Appends a comment that says so, and
 * which other account mail from the address uses.  Errors: ERROR_USAGE if the
 * name was given, or if the address is in use, too; if the file will be written,
 * also if mail from the address uses another account and no name was given, and
 * ERROR_CONFIG if the file has an error already.
 */
bool configure_name(struct settings *s, bool is_given, const char *address,
    const struct configure_target *target, struct str *comment,
    struct error *err);

/* Whether the table of providers has an entry of that name (NULL: none is asked
 * for).  Errors: ERROR_USAGE, with all names; those of providers_find(). */
bool configure_check_provider(const char *name, const struct str *table,
    struct error *err);

/* Borrowed. */
struct configure_request {
	const struct account *account; /* resolved */
	const char *address;
	const char *provider; /* the name of an entry (--provider), or NULL */
	const struct str *table; /* of providers */
	bool online;             /* documents may be asked for (--online) */
	bool keyring; /* the password is in the keyring (--keyring) */
	const struct dns_source *dns;
	const struct user *user;
};

/*
 * Looks up the servers, and appends the lines of the configuration file.  Fills
 * the empty todo, which the caller frees.  Errors: those of srv_find(),
 * providers_find() and autoconfig_find(); ERROR_USAGE for an unknown provider, a
 * user that no file can contain, or a keyring for a server that takes no password;
 * ERROR_REJECTED (exit status 68) if nothing names a submission server of the
 * domain.
 */
bool configure(const struct configure_request *r, struct str *out,
    struct configure_todo *todo, struct error *err);

#endif
