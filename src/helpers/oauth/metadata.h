/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses of the provider: those of the settings, and of the metadata of the
 * issuer for what is not set (RFC 8414; OpenID Connect Discovery).
 */
#ifndef VEREDUS_HELPERS_OAUTH_METADATA_H
#define VEREDUS_HELPERS_OAUTH_METADATA_H

#include <stdbool.h>
#include <stddef.h>

#include "helpers/oauth/http.h"
#include "oauth/failure.h"
#include "oauth/params.h"

struct endpoints {
	char *auth_url;
	char *token_url;
	char *device_url;
	char *revoke_url;
	/* The provider names itself in each redirection: RFC 9207. */
	bool has_issuer_parameter;
};

/* Fills empty endpoints; asks the issuer if one is set and any URL is missing. */
bool metadata_get(struct endpoints *e, struct http *h,
    struct oauth_failure *failure);
/* Adds what the document says of what is missing; false if it is not one of this
 * issuer, or has an invalid URL. */
bool metadata_parse(struct endpoints *e, const char *issuer, const char *text,
    size_t len, struct oauth_failure *failure);
void endpoints_free(struct endpoints *e);

/* Where the document is: with `openid` as OpenID Connect has it.  The caller frees
 * the URL. */
char *metadata_url(const char *issuer, bool openid);

#endif
