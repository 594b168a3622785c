/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The private key of the client, and what signs with it: JSON web tokens (RFC
 * 7519) that authenticate a client or ask for a token (RFC 7523).
 */
#ifndef VEREDUS_HELPERS_OAUTH_JWT_H
#define VEREDUS_HELPERS_OAUTH_JWT_H

#include <gnutls/abstract.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "oauth/failure.h"
#include "oauth/params.h"

/* { 0 } is no key. */
struct jwt_key {
	gnutls_privkey_t key;
	enum oauth_key_alg alg;
	char *id;     /* for the header, or NULL */
	char *digest; /* x5t#S256: of the certificate; or NULL */
	char *client; /* the client that a key file of Google names, or NULL */
};

/* What a token says; a claim that is NULL is left out. */
struct jwt_claims {
	const char *issuer;
	const char *subject;
	const char *audience;
	const char *scope;
	int64_t now;      /* seconds since 1970 */
	unsigned seconds; /* how long the token is valid */
};

/* Reads oauth_key_file, a PEM file or a JSON file of Google, and oauth_cert_file.
 * Failures: OAUTH_CONFIG, OAUTH_TEMPORARY. */
bool jwt_key_read(struct jwt_key *key, const struct oauth_params *p,
    struct oauth_failure *failure);
/* The same from the contents of the files; cert may be empty. */
bool jwt_key_parse(struct jwt_key *key, const struct oauth_params *p,
    const struct str *file, const struct str *cert,
    struct oauth_failure *failure);
void jwt_key_free(struct jwt_key *key);

/* Appends a signed token. */
bool jwt_sign(const struct jwt_key *key, const struct jwt_claims *claims,
    struct str *out, struct oauth_failure *failure);

#endif
