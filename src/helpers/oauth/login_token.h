/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The token of a login: what every flow has in common when it requests one.
 */
#ifndef VEREDUS_HELPERS_OAUTH_LOGIN_TOKEN_H
#define VEREDUS_HELPERS_OAUTH_LOGIN_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "helpers/oauth/job.h"
#include "helpers/oauth/metadata.h"

/* How long a person has. */
#define LOGIN_SECONDS 600

/* A login under way. */
struct login {
	struct job *job;
	struct endpoints endpoints;
	struct answer answer; /* with the tokens */
	int64_t now; /* when they were asked for, in seconds since 1970 */
};

/*
 * Sends a request for tokens, and fills the answer.  After an answer with a token
 * no signal ends the process.  False if there is no response.
 */
bool login_ask(struct login *l, const struct client_request *request);
/* The same, and a failure if the answer has no token. */
bool login_get_token(struct login *l, const struct client_request *request);
/* Sets the failure of a person, or of a caller, that has given up. */
bool login_give_up(struct job *job);

#endif
