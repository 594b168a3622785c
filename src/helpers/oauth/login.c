/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a login: consent, checks, test by the caller, and the files. */
#include "helpers/oauth/login.h"

#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/syscall_filter.h"
#include "base/text.h"
#include "helpers/oauth/browser.h"
#include "helpers/oauth/device.h"
#include "helpers/oauth/login_token.h"
#include "helpers/oauth/new_file.h"
#include "helpers/oauth/refresh.h"
#include "helpers/oauth/revoke.h"

/* How long the caller may take for its test of the token. */
#define TEST_SECONDS 900

static bool
ask_alone(struct login *l)
{
	struct client_request request = { 0 };
	bool ok = client_ask_alone(&l->job->client, l->endpoints.token_url,
		      time(NULL), &request, &l->job->failure)
	    && login_get_token(l, &request);

	client_request_free(&request);
	return ok;
}

static bool
uses_listener(const struct oauth_params *p)
{
	return p->grant == OAUTH_CODE && p->flow != OAUTH_DEVICE;
}

/* A person is not asked for what cannot be kept.  Opens what the sandbox forbids,
 * and enters it. */
static bool
prepare(struct login *l, struct listener *listener)
{
	struct job *job = l->job;
	const struct oauth_params *p = &job->params;
	const char *const urls[] = { p->token_url, p->device_url,
		p->revoke_url };

	if (!http_check_trust(p, &job->failure)
	    || !lock_open(&job->lock, p, job->owner, &job->failure)
	    || !new_file_try(p, &job->failure)
	    || (uses_listener(p) && !browser_listen(job, listener)))
		return false;
	job_enter_sandbox(job, urls, COUNT_OF(urls),
	    uses_listener(p) ? SYSCALL_ACCEPT : 0);
	if (!metadata_get(&l->endpoints, &job->http, &job->failure))
		return false;
	return l->endpoints.token_url != NULL
	    || oauth_fail(&job->failure, OAUTH_CONFIG,
		"oauth_token_url is not set, and the metadata of oauth_issuer "
		"has none");
}

static bool
ask(struct login *l, struct listener *listener)
{
	const struct oauth_params *p = &l->job->params;

	if (p->grant != OAUTH_CODE)
		return ask_alone(l);
	if (p->flow == OAUTH_DEVICE)
		return device_ask(l);
	return l->endpoints.auth_url != NULL
	    ? browser_ask(l, listener)
	    : oauth_fail(&l->job->failure, OAUTH_CONFIG,
		"oauth_auth_url is not set");
}

static bool
store(struct login *l)
{
	struct job *job = l->job;
	struct oauth_access access = { 0 };
	struct oauth_grant_file grant = { .flow = job->params.flow,
		.login = l->now,
		.renewed = l->now };
	const char *url = l->endpoints.token_url;
	bool has_grant = job->params.grant == OAUTH_CODE;
	bool ok;

	job_make_access(job, url, &l->answer, l->now, &access);
	oauth_identity_set(&grant.identity, &job->params, url);
	secret_copy(&grant.refresh_token, &l->answer.refresh_token);
	alloc_replace(&grant.revoke_url, l->endpoints.revoke_url);
	ok = refresh_store(job, has_grant ? &grant : NULL, &access);
	oauth_access_free(&access);
	oauth_grant_file_free(&grant);
	if (!ok)
		return false;
	dialogue_say("stored", NULL);
	job_log(job, LOG_NOTICE, "stored at login");
	return true;
}

/* What is not kept must not stay valid. */
static void
drop(struct login *l)
{
	const struct answer *a = &l->answer;
	bool has_refresh = secret_is_set(&a->refresh_token);

	if (l->endpoints.revoke_url != NULL)
		(void)revoke_token(l->job, l->endpoints.revoke_url,
		    has_refresh ? &a->refresh_token : &a->access_token,
		    has_refresh ? REVOKE_REFRESH : REVOKE_ACCESS);
}

/* Whether the caller keeps the token: it says "keep" or "drop". */
static bool
is_kept(struct job *job, bool *is_dropped)
{
	int64_t deadline = clock_after_seconds(TEST_SECONDS);
	const char *line;

	while ((line = dialogue_next_line(&job->dialogue)) == NULL)
		if (!dialogue_wait(&job->dialogue, deadline)
		    || clock_has_passed(deadline))
			return false;
	*is_dropped = text_equal(line, "drop");
	return text_equal(line, "keep");
}

static bool
test_and_store(struct login *l)
{
	struct job *job = l->job;
	bool is_dropped = false;

	if (!answer_check_login(&l->answer, &job->params,
		job->params.grant == OAUTH_CODE, &job->failure)) {
		struct oauth_failure failure = job->failure;

		job->failure = (struct oauth_failure){ 0 };
		drop(l);
		oauth_failure_free(&job->failure);
		job->failure = failure;
		return false;
	}
	dialogue_say_secret("token", &l->answer.access_token);
	if (is_kept(job, &is_dropped) && store(l))
		return true;
	if (job->failure.outcome != OAUTH_OK)
		return false;
	drop(l);
	if (!is_dropped)
		return login_give_up(job);
	oauth_failure_free(&job->failure);
	dialogue_say("dropped", NULL);
	return true;
}

bool
login_run(struct job *job)
{
	struct login l = { .job = job };
	struct listener listener;
	bool ok;

	job->use = ANSWER_TO_LOGIN;
	listener_init(&listener);
	ok = job_start(job, true) && prepare(&l, &listener)
	    && ask(&l, &listener) && test_and_store(&l);
	listener_close(&listener);
	answer_free(&l.answer);
	endpoints_free(&l.endpoints);
	return ok;
}
