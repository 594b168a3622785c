/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers in autoconfig documents, which the helper program veredus-autoconfig
 * fetches from the domain and from the database of Thunderbird
 * (helpers/autoconfig/), so that HTTPS and XML stay out of this program.
 */
#ifndef VEREDUS_CONFIG_AUTOCONFIG_H
#define VEREDUS_CONFIG_AUTOCONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "config/account.h"

#define AUTOCONFIG_SERVERS_MAX 10

enum autoconfig_tls { AUTOCONFIG_PLAIN, AUTOCONFIG_STARTTLS, AUTOCONFIG_TLS };

enum autoconfig_auth {
	AUTOCONFIG_AUTH_UNKNOWN,
	AUTOCONFIG_AUTH_NONE,
	AUTOCONFIG_AUTH_EXTERNAL,
	AUTOCONFIG_AUTH_NTLM,
	AUTOCONFIG_AUTH_GSSAPI,
	AUTOCONFIG_AUTH_OAUTH2,
	AUTOCONFIG_AUTH_PASSWORD
};

/* The host is a valid name; the user is text from outside, which is cleaned before
 * it is printed. */
struct autoconfig_server {
	char *host;
	unsigned port;
	enum autoconfig_tls tls;
	enum autoconfig_auth auth;
	char *user; /* NULL: only the person knows it */
};

struct autoconfig {
	char *absent;     /* why no server has TLS, or NULL: one has */
	char *source;     /* the URL of the document */
	bool is_database; /* of Thunderbird, not of the domain */
	char *title;      /* the provider, or NULL, as the other texts */
	char *note;       /* what the person must do before a login works */
	char *help;       /* the address of a page about it */
	struct autoconfig_server servers[AUTOCONFIG_SERVERS_MAX];
	size_t count;
	size_t first; /* the first with TLS */
};

/* Whether the helper program is installed. */
bool autoconfig_is_available(void);

/* Borrowed. */
struct autoconfig_question {
	const char *domain; /* in ASCII */
	const char *address;
	const char *mx; /* the MX host of the domain, or NULL */
};

/*
 * Runs the helper.  The resolved account has the proxy (oauth_proxy), the trusted
 * certificates (oauth_trust_file) and whether there is a sandbox.  Fills the empty
 * struct.  Errors: ERROR_CONFIG without the helper, or without the proxy_host that
 * "oauth_proxy on" needs; ERROR_CONNECT if the database cannot be reached; those of
 * command_read_output().
 */
bool autoconfig_find(const struct account *a,
    const struct autoconfig_question *q, int64_t deadline,
    struct autoconfig *found, struct error *err);
/* The same for what the helper has printed; ERROR_SYSTEM if it is malformed. */
bool autoconfig_read(const struct str *text, struct autoconfig *found,
    struct error *err);
void autoconfig_free(struct autoconfig *found);

#endif
