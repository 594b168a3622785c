/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends a token to the revocation endpoint. */
#include "helpers/oauth/revoke.h"

#include <time.h>

#include "helpers/oauth/encode.h"

bool
revoke_token(struct job *job, const char *url, const struct secret *token,
    const char *hint)
{
	struct client_request request = { 0 };
	struct answer answer = { 0 };
	enum answer_use use = job->use;
	bool ok;

	job->use = ANSWER_TO_REVOCATION;
	client_begin(&request, NULL);
	encode_form_secret(&request.form, "token", token);
	encode_form(&request.form, "token_type_hint", hint);
	ok = client_authenticate(&job->client, url, time(NULL), &request,
		 &job->failure)
	    && job_ask(job, url, &request, &answer)
	    && ((answer.status == 200 && answer.error == NULL)
		|| job_fail_answer(job, url, &answer));
	job->use = use;
	client_request_free(&request);
	answer_free(&answer);
	return ok;
}
