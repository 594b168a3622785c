/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answers of a provider: tokens (RFC 6749 section 5.1) or an error (section
 * 5.2), and what they mean for the account.
 */
#ifndef VEREDUS_HELPERS_OAUTH_ANSWER_H
#define VEREDUS_HELPERS_OAUTH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "net/redact.h"
#include "oauth/failure.h"
#include "oauth/params.h"

/* What the request was for. */
enum answer_use { ANSWER_TO_RENEWAL, ANSWER_TO_LOGIN, ANSWER_TO_REVOCATION };

/* { 0 } is empty. */
struct answer {
	long status; /* of HTTP */
	bool is_json;
	char *error;
	char *description; /* of the error: cleaned, one line */
	struct secret access_token;
	struct secret refresh_token;
	bool has_bad_refresh; /* there is one that cannot be stored */
	char *token_type;
	char *scope;
	bool has_lifetime;
	int64_t expires_in;
};

/* Fills an empty answer.  A description hides the secrets in `sent`, which may be
 * NULL: they were in the request. */
void answer_parse(struct answer *a, long status, const char *body, size_t len,
    const struct redact_forms *sent);
/* Makes an empty answer of an error that came another way; the description may be
 * NULL, and is not clean. */
void answer_set_error(struct answer *a, const char *error,
    const char *description);
void answer_free(struct answer *a);

/* Whether the provider, or its host, is not able to answer now. */
bool answer_is_server_failure(const struct answer *a);
/* Whether the answer has a token, and nothing that forbids its use. */
bool answer_has_token(const struct answer *a);

/*
 * Says why the answer has no token: class and text, with a hint.  `host` is that
 * of the provider.  Only `error` and the status decide the class.
 */
bool answer_fail(const struct answer *a, enum answer_use use,
    const struct oauth_params *p, const char *host,
    struct oauth_failure *failure);
/* Whether SMTP can use a token of this type.  Failures: OAUTH_CONFIG. */
bool answer_check_type(const char *type, struct oauth_failure *failure);

/*
 * Whether an answer to a login has what was asked for: a type that SMTP can use,
 * the whole scope, and a refresh token if `needs_refresh`.
 */
bool answer_check_login(const struct answer *a, const struct oauth_params *p,
    bool needs_refresh, struct oauth_failure *failure);

/* The first of the words in `wanted` that `got` lacks, or NULL; the caller frees
 * it.  Words that providers do not repeat are never missed. */
char *answer_missing_scope(const char *wanted, const char *got);

#endif
