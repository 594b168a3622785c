/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SASL mechanisms (RFC 4422), and the choice among those that a server
 * offers.  Sends nothing: client/login.h has the exchange.
 *
 * The mechanisms are the rows of one table in mechanism.c, in order of
 * preference.  auth/simple.h makes the responses of PLAIN, LOGIN, EXTERNAL,
 * XOAUTH2 and OAUTHBEARER; auth/sasl.h those of all others, with libgsasl.
 *
 * A session is safe if the server was verified by TLS, if the account says
 * that it need not be (`unverified`), or if the server is on this machine and
 * the account turns TLS off (`cleartext`).
 *
 *   - A mechanism that reveals the secret to the server (PLAIN, LOGIN,
 *     XOAUTH2, OAUTHBEARER) is used in a safe session only, with "on" and by
 *     name.
 *   - With "on" the other mechanisms are used in a safe session only, too.
 *   - By name they are used in every session.  They do not reveal the secret,
 *     but an eavesdropper can test guesses against the exchange.
 *   - CRAM-MD5, DIGEST-MD5 and NTLM are weak, and XOAUTH2 and OAUTHBEARER need
 *     an access token in place of the password: they are used by name only,
 *     but "on" chooses among these two if the password is a token.
 *     So are GSSAPI and GS2-KRB5, unless there is no password.
 *   - A -PLUS mechanism binds the login to the TLS session.  SCRAM without
 *     -PLUS does not tell the server that the client supports channel binding,
 *     because libgsasl 2.2 cannot: only `auth scram-sha-256-plus` protects
 *     against an attacker who removes -PLUS from the offer.
 */
#ifndef VEREDUS_AUTH_MECHANISM_H
#define VEREDUS_AUTH_MECHANISM_H

#include <stdbool.h>

#include "auth/params.h"
#include "auth/simple.h"
#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

/* The properties of a mechanism; or-ed in its row. */
enum mechanism_trait {
	MECHANISM_SHOWS_SECRET = 1 << 0, /* reveals the secret to the server */
	MECHANISM_USER = 1 << 1,         /* needs a user */
	MECHANISM_PASSWORD = 1 << 2,     /* needs a password or token */
	MECHANISM_CERTIFICATE = 1 << 3,  /* needs a client certificate */
	MECHANISM_BINDING = 1 << 4,      /* needs TLS channel binding */
	MECHANISM_SERVER_FIRST = 1 << 5, /* the server sends first */
	MECHANISM_WEAK = 1 << 6,         /* weak: by name only */
	MECHANISM_TOKEN = 1 << 7,        /* needs a token: by name only */
	MECHANISM_TICKET = 1 << 8 /* Kerberos: by name if a password is set */
};

struct mechanism {
	const char *name;    /* of SASL: "PLAIN" */
	const char *setting; /* of the configuration: "plain" */
	unsigned traits;
	simple_respond_fn *respond; /* NULL: libgsasl makes the responses */
};

bool mechanism_is(const struct mechanism *m, enum mechanism_trait trait);

/* What the server offers for a login, and how far the session can be trusted. */
struct auth_offer {
	bool has_auth;                 /* the server offers AUTH */
	const struct strv *mechanisms; /* the mechanisms it lists with AUTH */
	bool encrypted;                /* the session uses TLS */
	bool verified;                 /* TLS verified the server */
	bool local;                    /* the server is on this machine */
	bool sent_certificate; /* TLS sent the server a client certificate */
	bool has_binding;      /* the session has a TLS channel binding */
};

/*
 * Returns the mechanism to use, the one that params names or the best one.
 * Returns NULL and sets ERROR_NO_MECHANISM if AUTH is not offered or no
 * offered mechanism is usable: the text lists them, why each is not used, and
 * the setting that would change this.  ERROR_CONFIG: params names no mechanism.
 */
const struct mechanism *mechanism_choose(const struct auth_offer *offer,
    const struct auth_params *params, struct error *err);

/* Whether one of the offered mechanisms needs TLS channel binding. */
bool auth_needs_binding(const struct strv *offered);

/* What a mechanism needs from the account. */
struct mechanism_needs {
	bool user;
	bool password;
};

/* Whether the login may use a Kerberos ticket. */
bool auth_may_use_ticket(const struct auth_params *params);

/*
 * Returns what the account must have before the connection is made.  With "on"
 * this is a user and a password, unless the account has neither, but a client
 * certificate.
 */
struct mechanism_needs auth_needs(const struct auth_params *params);

/*
 * Loads libgsasl if params names a mechanism that needs it.  If that fails,
 * sasl_begin() reports the error later.
 */
void auth_load(const struct auth_params *params);

/*
 * Returns the SASL name ("SCRAM-SHA-1") for the value of a setting
 * ("scram-sha-1"); NULL for "on", "off" and unknown names.
 */
const char *auth_mechanism_name(const char *setting);

/*
 * Appends the mechanisms that "on" chooses from, separated by commas, the best
 * one first.  `password`: whether the account has a password.
 */
void auth_preferences(const struct auth_params *params, bool password,
    struct str *out);

/* Appends the names of all mechanisms as values of `auth`, separated by commas. */
void auth_mechanism_list(struct str *out);

#endif
