/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The client, as the provider knows it: how it authenticates (RFC 6749 section
 * 2.3, RFC 7523 section 2.2), and the requests that it makes without a person.
 */
#ifndef VEREDUS_HELPERS_OAUTH_CLIENT_H
#define VEREDUS_HELPERS_OAUTH_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "base/str.h"
#include "helpers/oauth/jwt.h"
#include "net/redact.h"
#include "oauth/failure.h"
#include "oauth/params.h"

struct client {
	const struct oauth_params *params;
	enum oauth_client_auth auth; /* not OAUTH_AUTH_AUTO */
	struct secret secret;
	struct jwt_key key;
};

/* A request to the provider, which has secrets: the parts are reserved at once,
 * and wiped. */
struct client_request {
	struct str form;
	struct str authorization; /* a line of the header, or empty */
};

/* Reads the secret and the keys from their files.  Failures: OAUTH_CONFIG,
 * OAUTH_TEMPORARY. */
bool client_start(struct client *c, const struct oauth_params *p,
    struct oauth_failure *failure);
void client_free(struct client *c);

/* Begins an empty request with this grant_type, or with none if it is NULL. */
void client_begin(struct client_request *r, const char *grant_type);
/* Adds the client and its authentication; url is where the request goes. */
bool client_authenticate(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure);
/* Fills an empty request for a token that no person consents to. */
bool client_ask_alone(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure);
/* Adds the secrets in the request, for answers that repeat them. */
void client_hide(const struct client *c, const struct client_request *r,
    struct redact_forms *sent);
void client_request_free(struct client_request *r);

/* A digest of what a request depends on, so that a failure that was noted does not
 * count after a change; the caller frees it. */
char *client_digest(const struct client *c);

#endif
