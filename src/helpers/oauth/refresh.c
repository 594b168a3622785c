/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Renews the access token of an account: one process asks, and all others that
 * wait for the same get what it got. */
#include "helpers/oauth/refresh.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/text.h"
#include "helpers/oauth/encode.h"
#include "helpers/oauth/guard.h"
#include "helpers/oauth/new_file.h"
#include "oauth/store.h"

#define WAIT_MAX 30
/* What the critical part may take in addition to its request. */
#define GRACE 5

/* What a look at the store finds. */
struct found {
	enum oauth_freshness freshness;
	struct oauth_access access;
};

static void
say_access(const struct oauth_access *access)
{
	dialogue_say_secret("access", &access->token);
	dialogue_say_number("obtained", access->obtained);
	dialogue_say_number("expires", access->expires);
	dialogue_say("end", NULL);
}

/* A token that the mail server has rejected is not used again. */
static bool
look(struct job *job, struct found *found)
{
	struct error err = { 0 };
	bool has_token;

	oauth_access_free(&found->access);
	found->freshness = OAUTH_STALE;
	if (!oauth_store_read_access(&job->params, job->owner, &found->access,
		&has_token, &err))
		return oauth_fail_error(&job->failure, &err);
	if (has_token
	    && (job->params.rejected == 0
		|| found->access.obtained != job->params.rejected))
		found->freshness =
		    oauth_access_freshness(&found->access, time(NULL));
	return true;
}

/* Whether a failure that was noted by another process holds for this one, too. */
static bool
has_failed(struct job *job, int64_t started)
{
	struct oauth_failure note = { 0 };
	bool holds;

	lock_read_note(&job->lock, &note);
	holds = oauth_failure_holds(&note, job->digest, time(NULL))
	    && (!job->params.retry || note.time > started);
	if (holds) {
		oauth_fail(&job->failure, note.outcome, "%s", note.text);
		job->failure.no_retry = note.no_retry;
	}
	oauth_failure_free(&note);
	return holds;
}

static void
note_failure(struct job *job)
{
	struct oauth_failure *f = &job->failure;

	f->time = time(NULL);
	f->no_retry =
	    oauth_no_retry(f->outcome, job->http.retry_after, f->time);
	alloc_replace(&f->digest, job->digest);
	lock_write_note(&job->lock, f);
	job_log(job, LOG_WARNING, "refused: %s", f->text);
}

/* The files that an answer replaces. */
struct new_files {
	struct new_file grant, access;
};

static bool
prepare(struct job *job, bool has_grant, struct new_files *files)
{
	new_file_clean(&job->params);
	return (!has_grant
		   || new_file_prepare(&files->grant, &job->params,
		       OAUTH_GRANT_SUFFIX, &job->failure))
	    && new_file_prepare(&files->access, &job->params,
		OAUTH_ACCESS_SUFFIX, &job->failure);
}

static void
free_files(struct new_files *files)
{
	new_file_free(&files->grant);
	new_file_free(&files->access);
}

static bool
make_request(struct job *job, const struct oauth_grant_file *grant,
    const char *url, int64_t now, struct client_request *request)
{
	if (grant == NULL)
		return client_ask_alone(&job->client, url, now, request,
		    &job->failure);
	client_begin(request, "refresh_token");
	encode_form_secret(&request->form, "refresh_token",
	    &grant->refresh_token);
	encode_form(&request->form, "scope", job->params.scope);
	return client_authenticate(&job->client, url, now, request,
	    &job->failure);
}

static bool
send_request(struct job *job, const struct oauth_grant_file *grant, int64_t now,
    struct answer *answer)
{
	const char *url =
	    grant != NULL ? grant->identity.token_url : job->params.token_url;
	struct client_request request = { 0 };
	bool ok = make_request(job, grant, url, now, &request);

	if (ok) {
		guard_critical(job->params.timeout + GRACE);
		ok = job_ask(job, url, &request, answer)
		    && (answer_has_token(answer)
			|| job_fail_answer(job, url, answer));
	}
	client_request_free(&request);
	return ok;
}

/* Whether another host, with which this one shares the folder, has renewed the
 * grant since it was read. */
static bool
has_other_grant(struct job *job, struct oauth_grant_file *grant)
{
	struct oauth_failure before = job->failure;
	struct oauth_grant_file now = { 0 };
	struct secret_text old = { 0 }, new = { 0 };
	bool found, differs;

	job->failure = (struct oauth_failure){ 0 };
	differs = job_read_grant(job, &now, &found) && found;
	oauth_failure_free(&job->failure);
	job->failure = before;
	secret_reveal(&grant->refresh_token, &old);
	secret_reveal(&now.refresh_token, &new);
	differs = differs && !text_equal(old.data, new.data);
	secret_text_free(&old);
	secret_text_free(&new);
	if (differs) {
		oauth_grant_file_free(grant);
		*grant = now;
	} else {
		oauth_grant_file_free(&now);
	}
	return differs;
}

/* A person is told beside the token. */
static void
warn(struct job *job, const char *what)
{
	free(job->warning);
	job->warning =
	    alloc_printf("%s, so the next refresh may need a new login", what);
	job_log(job, LOG_ERR, "%s", job->warning);
}

/*
 * Writes both files, the grant first; without an access token, only that.  If that
 * fails after all, the answer may be the only one with a valid refresh token: then
 * this message gets the access token, and a person is told.
 */
static void
commit(struct job *job, struct new_files *files,
    const struct oauth_grant_file *grant, const struct oauth_access *access)
{
	bool ok = (grant == NULL
		      || new_file_commit(&files->grant, &oauth_grant_record,
			  grant, &job->failure))
	    && (access == NULL
		|| new_file_commit(&files->access, &oauth_access_record, access,
		    &job->failure));
	char *what;

	if (ok) {
		lock_write_note(&job->lock, NULL);
		return;
	}
	what = alloc_printf("%s: the token could not be stored",
	    job->failure.text);
	warn(job, what);
	free(what);
	oauth_failure_free(&job->failure);
}

/* Stores what the answer has.  The grant is kept also if SMTP cannot use the token
 * beside it. */
static bool
use_answer(struct job *job, const struct answer *answer, int64_t now,
    struct oauth_grant_file *grant, struct new_files *files,
    struct oauth_access *access)
{
	const char *url =
	    grant != NULL ? grant->identity.token_url : job->params.token_url;
	struct oauth_failure failure = { 0 };
	bool ok = answer->token_type == NULL
	    || answer_check_type(answer->token_type, &failure);

	job_make_access(job, url, answer, now, access);
	if (grant != NULL)
		grant->renewed = now;
	if (grant != NULL && secret_is_set(&answer->refresh_token))
		secret_copy(&grant->refresh_token, &answer->refresh_token);
	commit(job, files, grant, ok ? access : NULL);
	if (grant != NULL && answer->has_bad_refresh)
		warn(job, "the new refresh token cannot be stored");
	if (!ok) {
		oauth_failure_free(&job->failure);
		job->failure = failure;
	}
	return ok;
}

static bool
ask(struct job *job, struct oauth_grant_file *grant, struct new_files *files,
    struct oauth_access *access)
{
	int64_t now = time(NULL);
	struct answer answer = { 0 };
	bool ok = send_request(job, grant, now, &answer);

	if (!ok && grant != NULL && job->failure.outcome == OAUTH_LOGIN
	    && has_other_grant(job, grant)) {
		answer_free(&answer);
		now = time(NULL);
		ok = send_request(job, grant, now, &answer);
	}
	ok = ok && use_answer(job, &answer, now, grant, files, access);
	guard_relax();
	answer_free(&answer);
	return ok;
}

/* The caller has the lock. */
static bool
renew(struct job *job, struct oauth_access *access)
{
	bool has_grant = job->params.grant == OAUTH_CODE;
	struct oauth_grant_file grant = { 0 };
	struct new_files files = { 0 };
	bool found = false;
	bool ok = !has_grant || job_read_grant(job, &grant, &found);

	if (ok && has_grant && !found)
		ok = job_fail_no_grant(job);
	oauth_access_free(access);
	ok = ok && prepare(job, has_grant, &files)
	    && ask(job, has_grant ? &grant : NULL, &files, access);
	free_files(&files);
	oauth_grant_file_free(&grant);
	if (ok)
		job_log(job, LOG_INFO, "renewed: valid until %" PRId64,
		    access->expires);
	return ok;
}

/* With the lock: another process may have been faster. */
static bool
renew_once(struct job *job, struct found *found, int64_t started)
{
	struct oauth_access renewed = { 0 };
	bool ok;

	if (!look(job, found))
		return false;
	if (found->freshness == OAUTH_FRESH)
		return true;
	if (has_failed(job, started))
		return false;
	ok = renew(job, &renewed);
	if (ok) {
		oauth_access_free(&found->access);
		found->access = renewed;
		found->freshness = OAUTH_FRESH;
		return true;
	}
	note_failure(job);
	oauth_access_free(&renewed);
	return false;
}

static int64_t
wait_deadline(const struct job *job)
{
	unsigned half = job->params.deadline / 2;

	return clock_after_seconds(
	    job->params.deadline > 0 && half < WAIT_MAX ? half : WAIT_MAX);
}

static bool
fail_busy(struct job *job)
{
	return oauth_fail(&job->failure, OAUTH_TEMPORARY,
	    "another veredus has been renewing the token for too long: try "
	    "again later");
}

/* Until there is a token, a failure, or the lock. */
static bool
get(struct job *job, struct found *found)
{
	int64_t started = time(NULL), deadline = wait_deadline(job);

	for (;; lock_pause()) {
		if (!look(job, found))
			return false;
		if (found->freshness == OAUTH_FRESH)
			return true;
		if (job->lock.path == NULL
		    && !lock_open(&job->lock, &job->params, job->owner,
			&job->failure))
			return false;
		if (has_failed(job, started)
		    || !lock_try(&job->lock, &job->failure))
			return false;
		if (job->lock.held)
			return renew_once(job, found, started);
		/* The process with the lock renews it. */
		if (found->freshness == OAUTH_IN_MARGIN)
			return true;
		if (clock_has_passed(deadline))
			return fail_busy(job);
	}
}

/* The token URL of an issuer is in the grant. */
static void
enter_sandbox(struct job *job)
{
	const char *const urls[] = { job->params.token_url };

	job_enter_sandbox(job, urls, COUNT_OF(urls), 0);
}

/* Whether there is anything with which a token could be had. */
static bool
check_grant(struct job *job)
{
	struct oauth_grant_file grant = { 0 };
	bool found, ok;

	if (job->params.grant != OAUTH_CODE)
		return job->params.token_url != NULL
		    || oauth_fail(&job->failure, OAUTH_CONFIG,
			"oauth_token_url is not set");
	ok = job_read_grant(job, &grant, &found)
	    && (found || job_fail_no_grant(job));
	oauth_grant_file_free(&grant);
	return ok;
}

bool
refresh_run(struct job *job)
{
	struct found found = { 0 };
	bool ok;

	if (!job_start(job, job->params.grant != OAUTH_CODE)
	    || !check_grant(job))
		return false;
	enter_sandbox(job);
	ok = get(job, &found) || found.freshness == OAUTH_IN_MARGIN;
	if (ok)
		say_access(&found.access);
	oauth_access_free(&found.access);
	return ok;
}

bool
refresh_store(struct job *job, const struct oauth_grant_file *grant,
    const struct oauth_access *access)
{
	struct new_files files = { 0 };
	bool ok =
	    lock_wait(&job->lock, clock_after_seconds(WAIT_MAX), &job->failure)
	    && prepare(job, grant != NULL, &files)
	    && (grant == NULL
		|| new_file_commit(&files.grant, &oauth_grant_record, grant,
		    &job->failure))
	    && new_file_commit(&files.access, &oauth_access_record, access,
		&job->failure);

	if (ok)
		lock_write_note(&job->lock, NULL);
	free_files(&files);
	return ok;
}
