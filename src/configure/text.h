/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The account that --configure prints, in the syntax of veredus.conf(5), with
 * comments that say why.
 */
#ifndef VEREDUS_CONFIGURE_TEXT_H
#define VEREDUS_CONFIGURE_TEXT_H

#include <stdbool.h>

#include "base/str.h"
#include "config/account.h"
#include "config/autoconfig.h"
#include "config/providers.h"
#include "route/destination.h"

/* What was found; borrowed. */
struct configure_finding {
	const struct account *account; /* its name, and the user if it is set */
	const char *address;
	/* The servers of the SRV records, with a current one, or NULL. */
	const struct destination *srv;
	/* Why the DNSSEC validation of the name server is trusted, or NULL. */
	const char *trust;
	/* The entry of the table.  Beside SRV records, the entry with their server;
	 * without them, the only source. */
	const struct provider *provider;
	enum provider_key key; /* what the entry was found by */
	const char
	    *evidence; /* the name that matched: of a document, the MX host
	                        * that it was found by, or NULL */
	bool secure;   /* DNSSEC validated the evidence */
	/* The document with the server, or NULL: then the provider is the entry with
	 * that server, or NULL. */
	const struct autoconfig *online;
	const char
	    *user; /* of the document, if a file can contain it, or NULL */
	const char *keyring_lookup; /* the command for the password, or NULL */
};

/* What the person lacks for a login. */
enum configure_login {
	CONFIGURE_PASSWORD,
	CONFIGURE_TOKEN,
	CONFIGURE_NO_PASSWORD /* neither of them */
};

/* The first host of the account. */
const char *configure_host(const struct configure_finding *f);
/* Returns the name of a host as a value of `host`, where mx and srv are words and
 * such a name needs a trailing dot; the caller frees it. */
char *configure_host_value(const char *name);
enum configure_login configure_login(const struct configure_finding *f);
/* The user of the account, or NULL if it has none or only the person knows it; the
 * caller frees it. */
char *configure_user(const struct configure_finding *f);
/* Whether only the person knows the user. */
bool configure_lacks_user(const struct configure_finding *f);
void configure_text(const struct configure_finding *f, struct str *out);

#endif
