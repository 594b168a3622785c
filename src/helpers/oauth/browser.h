/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The authorization code with PKCE (RFC 6749 section 4.1, RFC 7636): the browser
 * brings the code to this host, or a person pastes it.
 */
#ifndef VEREDUS_HELPERS_OAUTH_BROWSER_H
#define VEREDUS_HELPERS_OAUTH_BROWSER_H

#include <stdbool.h>

#include "base/str.h"
#include "helpers/oauth/listener.h"
#include "helpers/oauth/login_token.h"

/* Opens the port of the redirection, before the sandbox. */
bool browser_listen(struct job *job, struct listener *listener);
/*
 * The endpoints have an auth_url.  Prints the address for the person, waits for
 * the code, and exchanges it.  The answer has a token afterwards.
 */
bool browser_ask(struct login *l, struct listener *listener);

/* What makes an authorization request one of a kind. */
struct browser_request {
	struct str redirect_uri;
	struct str state;
	struct str verifier;
};

/* Appends the address of the authorization request; public for its test. */
void browser_add_url(struct str *url, const struct oauth_params *p,
    const char *auth_url, const struct browser_request *request);

#endif
