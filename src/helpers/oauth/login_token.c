/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests the token of a login; a signal cannot lose one that was issued. */
#include "helpers/oauth/login_token.h"

#include <time.h>

#include "helpers/oauth/guard.h"

/* What the critical part may take in addition to its request. */
#define GRACE 5

bool
login_give_up(struct job *job)
{
	return oauth_fail(&job->failure, OAUTH_TEMPORARY,
	    "the login was given up; nothing is stored");
}

bool
login_ask(struct login *l, const struct client_request *request)
{
	bool ok;

	l->now = time(NULL);
	guard_critical(l->job->params.timeout + GRACE);
	ok = job_ask(l->job, l->endpoints.token_url, request, &l->answer);
	if (ok && answer_has_token(&l->answer))
		guard_critical(0);
	else
		guard_relax();
	return ok;
}

bool
login_get_token(struct login *l, const struct client_request *request)
{
	return login_ask(l, request)
	    && (answer_has_token(&l->answer)
		|| job_fail_answer(l->job, l->endpoints.token_url, &l->answer));
}
