/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AUTH (RFC 4954): which SASL mechanism, and the exchange.
 *
 * The mechanisms are rows of one table in auth_choose.c, in order of
 * preference.  PLAIN, LOGIN, EXTERNAL, XOAUTH2 and OAUTHBEARER are made in
 * auth_simple.c; the others come from libgsasl through auth/sasl.h.
 *
 * What may be used where, with a "safe" session being one whose TLS peer has
 * been verified (or need not be, see `unverified`), or one with this machine
 * for which TLS was switched off (see `cleartext`):
 *
 *   - a mechanism that shows the secret to the server (PLAIN, LOGIN, XOAUTH2,
 *     OAUTHBEARER): in a safe session only, however it was asked for;
 *   - the others with "on": in a safe session only, too;
 *   - the others by name: in any session.  They do not show the secret, but a
 *     listener can test guesses against what he saw;
 *   - CRAM-MD5, DIGEST-MD5 and NTLM are weak, and XOAUTH2 and OAUTHBEARER want
 *     a token where the others want a password: by name only.  So are GSSAPI
 *     and GS2-KRB5, unless there is no password;
 *   - a -PLUS mechanism binds the login to the TLS session.  SCRAM without
 *     -PLUS does not tell the server whether we could have done that, because
 *     libgsasl 2.2 cannot: who wants to be sure that nobody removed -PLUS from
 *     the offer writes `auth scram-sha-256-plus`.
 */
#ifndef VEREDUS_CLIENT_LOGIN_H
#define VEREDUS_CLIENT_LOGIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/str.h"

struct session;

struct auth_params {
	char *mechanism;        /* "off", "on" or a mechanism in lower case */
	char *user;             /* or NULL */
	struct secret password; /* or token; filled by config/credentials.c */
	char *ntlm_domain;      /* or NULL */
	bool cleartext;  /* tls off was written down for this local server:
	                   * a secret may pass without TLS */
	bool unverified; /* tls_certcheck off was written down: a secret may
	                   * pass to a server that proved nothing */
	bool has_certificate; /* a client certificate is configured */
};

/* What a mechanism needs from the account. */
struct mechanism_needs {
	bool user;
	bool password;
};

/*
 * The upper-case SASL name of a setting's value ("scram-sha-1"); NULL for
 * "on", "off" and what is no mechanism.
 */
const char *auth_mechanism_name(const char *setting);
/*
 * What has to be at hand before connecting: with "on" a user and a password,
 * unless there is neither, but a client certificate.
 */
struct mechanism_needs auth_needs(const struct auth_params *params);
/*
 * Loads the library if the mechanism is named and one of it, so that it is
 * there at AUTH; why it is not is told there.
 */
void auth_load(const struct auth_params *params);
/*
 * Appends the mechanisms that "on" chooses from, comma-separated, the best one
 * first; `password` says whether there will be one.
 */
void auth_preferences(const struct auth_params *params, bool password,
    struct str *out);
/* All names that `auth` takes, comma-separated, for help and errors. */
void auth_mechanism_list(struct str *out);

/*
 * Chooses a mechanism and runs it; with "off" or NULL there is nothing to do.
 * Nothing is sent when none fits: ERROR_NO_MECHANISM lists what was offered,
 * why each was skipped, and the setting that would change it; or when user or
 * password cannot be what they should (ERROR_CONFIG).  A rejection is ERROR_REJECTED,
 * a challenge that makes no sense ERROR_PROTOCOL.  Success needs 235, and for
 * mechanisms that prove the server that proof as well (else ERROR_REJECTED).
 * There is no second try with a weaker mechanism.
 */
bool auth_login(struct session *s, const struct auth_params *params,
    struct error *err);

#endif
