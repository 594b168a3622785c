/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AUTH (RFC 4954): which SASL mechanism, and the exchange.
 *
 * The mechanisms are rows of one table in auth.c, in order of preference.
 * PLAIN, LOGIN, EXTERNAL, XOAUTH2 and OAUTHBEARER are made here; the others
 * come from libgsasl through smtp/sasl.h.
 */
#ifndef VEREDUS_SMTP_AUTH_H
#define VEREDUS_SMTP_AUTH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/str.h"

struct session;

struct auth_params {
	char *mechanism;  /* "off", "on" or a mechanism in lower case */
	char *user;       /* or NULL */
	struct secret password; /* or token; filled by config/credentials.c */
	char *ntlm_domain; /* or NULL */
	bool cleartext;   /* tls off was written down for this local server:
	                   * a secret may pass without TLS */
	bool has_certificate; /* a client certificate is configured */
};

/* What a mechanism needs from the account. */
struct mechanism_needs {
	bool user;
	bool password;
};

/* The upper-case SASL name of a setting's value ("scram-sha-1"), or NULL. */
const char *auth_mechanism_name(const char *setting);
/* Whether this build can do it. */
bool auth_mechanism_is_available(const char *name);
/*
 * What has to be at hand before connecting: with "on" a user and a password.
 */
struct mechanism_needs auth_needs(const struct auth_params *params);
/* All names that `auth` takes, comma-separated, for help and errors. */
void auth_mechanism_list(struct str *out);

/*
 * Chooses a mechanism and runs it.  Nothing is sent when none fits:
 * ERROR_NO_MECHANISM lists what was offered, why each was skipped, and the
 * setting that would change it.  A refusal is ERROR_AUTH.  Success needs 235,
 * and for mechanisms that prove the server that proof as well.
 */
bool auth_login(struct session *s, const struct auth_params *params,
    struct error *err);

void auth_params_free(struct auth_params *params);

#endif
