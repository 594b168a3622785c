/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The redirection with which the provider answers the authorization request (RFC
 * 6749 section 4.1.2): checked wherever it comes from, the browser or a person.
 */
#ifndef VEREDUS_HELPERS_OAUTH_REDIRECT_H
#define VEREDUS_HELPERS_OAUTH_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

/* What the redirection must have. */
struct redirect_wanted {
	const char *path;   /* of the redirect URI */
	const char *state;  /* of the request */
	const char *issuer; /* RFC 9207; NULL: not known, any is accepted */
	bool needs_issuer;  /* the metadata has promised it */
};

enum redirect_kind {
	REDIRECT_INVALID, /* not for this request: ignore it */
	REDIRECT_CODE,
	REDIRECT_ERROR /* the provider or the person refuses */
};

struct redirect {
	enum redirect_kind kind;
	struct secret code;
	bool is_pasted;    /* by a person, who may try again */
	bool other_issuer; /* invalid only because of its issuer */
	char *error;       /* with REDIRECT_ERROR */
	char *description; /* or NULL; not cleaned */
};

/* Fill an empty struct; they differ in what they read: the query of an address, the
 * first line of a request of HTTP, or what a person pastes, the address or the code
 * alone. */
void redirect_from_query(struct redirect *r,
    const struct redirect_wanted *wanted, const char *query);
void redirect_from_request(struct redirect *r,
    const struct redirect_wanted *wanted, const char *line, size_t len);
void redirect_from_paste(struct redirect *r,
    const struct redirect_wanted *wanted, const char *text);
void redirect_free(struct redirect *r);

#endif
