/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prepares a run: the account, its files, and the sandbox. */
#include "helpers/oauth/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/text.h"
#include "helpers/oauth/guard.h"
#include "helpers/oauth/json.h"
#include "helpers/url.h"
#include "oauth/store.h"

#define TIMEOUT_MAX 60

bool
job_check(struct job *job)
{
	const struct oauth_params *p = &job->params;
	const struct {
		const char *name, *url;
	} urls[] = {
		{ "oauth_auth_url", p->auth_url },
		{ "oauth_token_url", p->token_url },
		{ "oauth_device_url", p->device_url },
		{ "oauth_revoke_url", p->revoke_url },
		{ "oauth_issuer", p->issuer },
	};

	for (size_t i = 0; i < COUNT_OF(urls); i++)
		if (urls[i].url != NULL
		    && !http_check_url(urls[i].url, urls[i].name,
			&job->failure))
			return false;
	if (oauth_params_origin(p) == NULL)
		return oauth_fail(&job->failure, OAUTH_CONFIG,
		    "neither oauth_token_url nor oauth_issuer is set");
	if (p->timeout < 1 || p->timeout > TIMEOUT_MAX || p->store[0] != '/')
		return oauth_fail(&job->failure, OAUTH_CONFIG,
		    "the request has an invalid timeout or store");
	return true;
}

static bool
prepare_store(struct job *job, bool makes_store)
{
	const char *folder = job->params.store;
	struct error err = { 0 };
	bool absent;

	if (!oauth_store_check(folder, job->owner, &absent, &err))
		return oauth_fail_error(&job->failure, &err);
	if (!absent || !makes_store)
		return true;
	if (!file_make_folder(folder))
		return oauth_fail(&job->failure, OAUTH_CONFIG,
		    "cannot make the folder oauth_store %s: %s", folder,
		    strerror(errno));
	return oauth_store_check(folder, job->owner, &absent, &err)
	    || oauth_fail_error(&job->failure, &err);
}

bool
job_start(struct job *job, bool makes_store)
{
	const struct oauth_params *p = &job->params;

	json_start();
	if (!client_start(&job->client, p, &job->failure))
		return false;
	job->digest = client_digest(&job->client);
	return guard_become_owner(p->store, &job->owner, &job->failure)
	    && prepare_store(job, makes_store)
	    && http_start(&job->http, p, &job->failure);
}

/* As far as the kernel can: the main program knows whether it must. */
void
job_enter_sandbox(struct job *job, const char *const *urls, size_t count,
    unsigned calls)
{
	struct sandbox s = { .calls = calls };
	struct str missing = { 0 };

	if (job->params.no_sandbox)
		return;
	http_allow(&job->http, urls, count, &s);
	/* The URLs of the metadata are not known yet. */
	s.rules.any_port =
	    job->params.proxy == NULL && job->params.issuer != NULL;
	landlock_allow(&s.rules, job->params.store, LANDLOCK_OWN_FOLDER);
	sandbox_allow_instruments(&s);
	(void)sandbox_enter(&s, &missing);
	sandbox_free(&s);
	str_free(&missing);
}

void
job_free(struct job *job)
{
	lock_free(&job->lock);
	http_free(&job->http);
	client_free(&job->client);
	dialogue_free(&job->dialogue);
	oauth_params_free(&job->params);
	oauth_failure_free(&job->failure);
	redact_free(&job->sent);
	free(job->digest);
	free(job->warning);
}

void
job_hide(struct job *job, const struct client_request *request)
{
	redact_free(&job->sent);
	client_hide(&job->client, request, &job->sent);
}

bool
job_ask(struct job *job, const char *url, const struct client_request *request,
    struct answer *answer)
{
	struct str *body = &job->http.response.body;

	(void)mlock(request->form.data, request->form.len);
	if (!http_post(&job->http, url, &request->form, &request->authorization,
		&job->failure))
		return false;
	job_hide(job, request);
	answer_parse(answer, job->http.status, str_text(body), body->len,
	    &job->sent);
	secret_wipe(body->data, body->len);
	str_truncate(body, 0);
	return true;
}

bool
job_fail_answer(struct job *job, const char *url, const struct answer *answer)
{
	char *host = url_host(url);

	answer_fail(answer, job->use, &job->params, host, &job->failure);
	free(host);
	return false;
}

void
job_make_access(const struct job *job, const char *token_url,
    const struct answer *answer, int64_t now, struct oauth_access *access)
{
	oauth_identity_set(&access->identity, &job->params, token_url);
	access->obtained = now;
	access->expires =
	    now + oauth_lifetime(answer->has_lifetime, answer->expires_in);
	secret_copy(&access->token, &answer->access_token);
}

bool
job_fail_no_grant(struct job *job)
{
	char *command = oauth_login_command(&job->params);

	oauth_fail(&job->failure, OAUTH_CONFIG, "nobody has logged in: run %s",
	    command);
	free(command);
	return false;
}

static bool
fail_damaged(struct job *job, struct error *err)
{
	char *command = oauth_login_command(&job->params);

	error_prefix(err, "the file with the login in %s is damaged (run %s)",
	    job->params.store, command);
	free(command);
	return oauth_fail_error(&job->failure, err);
}

bool
job_read_grant(struct job *job, struct oauth_grant_file *grant, bool *found)
{
	struct error err = { 0 };
	struct str text = { 0 };
	bool absent;
	bool ok = oauth_store_read(&job->params, OAUTH_GRANT_SUFFIX, job->owner,
	    &text, &absent, &err);

	*found = ok && !absent;
	if (!ok)
		oauth_fail_error(&job->failure, &err);
	else if (!absent
	    && !record_read(&oauth_grant_record, grant, text.data, text.len,
		&err))
		ok = fail_damaged(job, &err);
	else if (!absent
	    && !oauth_identity_check(&grant->identity, &job->params,
		"the login", &err))
		ok = oauth_fail_error(&job->failure, &err);
	str_wipe(&text);
	return ok;
}

void
job_log(const struct job *job, int priority, const char *format, ...)
{
	struct str text = { 0 }, clean = { 0 };
	va_list args;

	if (job->params.syslog_plus_1 == 0)
		return;
	log_set_facility((int)job->params.syslog_plus_1 - 1);
	str_printf(&text, "oauth: user=%s ", job->params.user);
	va_start(args, format);
	str_vprintf(&text, format, args);
	va_end(args);
	text_clean(&clean, text.data, text.len, 2 * TEXT_MAX);
	log_line(priority, clean.data);
	str_free(&text);
	str_free(&clean);
}
