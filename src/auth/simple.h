/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mechanisms whose responses are one formatted line: PLAIN, LOGIN,
 * EXTERNAL, XOAUTH2 and OAUTHBEARER.  Knows what they say, not how it is sent.
 */
#ifndef VEREDUS_AUTH_SIMPLE_H
#define VEREDUS_AUTH_SIMPLE_H

#include <stdbool.h>

#include "auth/params.h"
#include "base/error.h"
#include "base/str.h"

struct simple_exchange {
	const struct auth_params *params;
	const char *host;       /* of the server, or NULL */
	const char *port;       /* of the server in decimal, or NULL */
	unsigned steps;         /* responses made so far */
	bool done;              /* all was said: the server may say 235 */
	struct str token_error; /* why the server rejects the token, or empty */
};

/*
 * One step: the decoded challenge in (NULL for the response that needs none),
 * the response, not yet encoded, out.  Errors: ERROR_CONFIG when user or
 * password cannot be sent this way, ERROR_PROTOCOL when the server asks for
 * more than the mechanism has.
 */
typedef bool simple_respond_fn(struct simple_exchange *x,
    const struct str *challenge, struct str *response, struct error *err);

simple_respond_fn simple_plain;
simple_respond_fn simple_login;
simple_respond_fn simple_external;
simple_respond_fn simple_xoauth2;
simple_respond_fn simple_oauthbearer;

void simple_free(struct simple_exchange *x);

#endif
