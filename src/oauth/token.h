/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the token store keeps of an account: the access token, which the main
 * program reads, and the grant with the refresh token, which veredus-oauth alone
 * reads.  All times are seconds since 1970 in UTC.
 */
#ifndef VEREDUS_OAUTH_TOKEN_H
#define VEREDUS_OAUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "oauth/fields.h"
#include "oauth/params.h"

/* To whom a token belongs, and where it came from. */
struct oauth_identity {
	char *token_url;
	char *issuer; /* whose metadata has the token URL; or NULL */
	char *client_id;
	char *user;
	char *scope;
};

struct oauth_access {
	struct oauth_identity identity;
	int64_t obtained; /* the time before the request */
	int64_t expires;
	struct secret token;
};

struct oauth_grant_file {
	struct oauth_identity identity;
	enum oauth_flow flow;
	int64_t login;   /* when the person consented */
	int64_t renewed; /* when the last refresh succeeded */
	struct secret refresh_token;
	char *revoke_url; /* or NULL */
};

extern const struct record oauth_access_record;
extern const struct record oauth_grant_record;

void oauth_access_free(struct oauth_access *access);
void oauth_grant_file_free(struct oauth_grant_file *grant);

/* Fills an empty identity; token_url is that of the answer's server. */
void oauth_identity_set(struct oauth_identity *identity,
    const struct oauth_params *p, const char *token_url);
/*
 * Whether a token with that identity may be used with these parameters; a token
 * never goes to another URL, and never with another client.  `what` begins the
 * text of the error, ERROR_CONFIG.
 */
bool oauth_identity_check(const struct oauth_identity *identity,
    const struct oauth_params *p, const char *what, struct error *err);

enum oauth_freshness {
	OAUTH_STALE,     /* not to be used */
	OAUTH_IN_MARGIN, /* valid, but to be renewed */
	OAUTH_FRESH
};

enum oauth_freshness oauth_access_freshness(const struct oauth_access *access,
    int64_t now);

/* The seconds for which a token counts as valid, from expires_in of the answer;
 * RFC 6749 section 5.1 only recommends that the answer has it. */
int64_t oauth_lifetime(bool is_told, int64_t expires_in);

/* The command with which a person logs in, for texts; the caller frees it. */
char *oauth_login_command(const struct oauth_params *p);

#endif
