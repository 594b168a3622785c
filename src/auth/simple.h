/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SASL mechanisms whose responses are one formatted line: PLAIN, LOGIN,
 * EXTERNAL, XOAUTH2 and OAUTHBEARER.  Makes the responses, but sends nothing.
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
	bool done;              /* complete: the server may reply 235 */
	struct str token_error; /* why the server rejects the token, or empty */
};

/*
 * Appends the response to a decoded challenge; the response is not encoded yet.
 * The challenge is NULL for the first response if the client sends first.
 * Errors: ERROR_CONFIG if the mechanism cannot send this user or password;
 * ERROR_PROTOCOL if the server sends a challenge after the last response.
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
