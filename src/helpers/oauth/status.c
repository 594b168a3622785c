/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the facts for --login-status. */
#include "helpers/oauth/status.h"

#include "base/str.h"
#include "helpers/oauth/guard.h"
#include "helpers/oauth/json.h"
#include "helpers/oauth/new_file.h"
#include "oauth/store.h"

static void
say_grant(const struct oauth_grant_file *grant)
{
	dialogue_say_number("login", grant->login);
	dialogue_say("flow", oauth_flow_words[grant->flow]);
	dialogue_say_number("renewed", grant->renewed);
}

static bool
say_access(struct job *job)
{
	struct oauth_access access = { 0 };
	struct error err = { 0 };
	bool found;

	if (!oauth_store_read_access(&job->params, job->owner, &access, &found,
		&err))
		return oauth_fail_error(&job->failure, &err);
	if (found) {
		dialogue_say_number("obtained", access.obtained);
		dialogue_say_number("expires", access.expires);
	}
	oauth_access_free(&access);
	return true;
}

/* A temporary failure is told, but is none of the account. */
static bool
say_failure(struct job *job)
{
	struct oauth_failure note = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };
	bool absent, ok;

	ok = oauth_store_read(&job->params, OAUTH_LOCK_SUFFIX, job->owner,
	    &text, &absent, &err);
	if (!ok) {
		oauth_fail_error(&job->failure, &err);
	} else if (!absent
	    && record_read(&oauth_failure_record, &note, str_text(&text),
		text.len, NULL)) {
		dialogue_say_number("failed", note.time);
		dialogue_say("failure", note.text);
		ok = note.outcome <= OAUTH_SPACE
		    || oauth_fail(&job->failure, note.outcome, "%s", note.text);
	}
	oauth_failure_free(&note);
	str_free(&text);
	return ok;
}

static bool
say_stored(struct job *job)
{
	struct oauth_grant_file grant = { 0 };
	bool needs_grant = job->params.grant == OAUTH_CODE;
	bool found = false;
	bool ok = !needs_grant
	    || (job_read_grant(job, &grant, &found)
		&& (found || job_fail_no_grant(job)));

	if (ok && found)
		say_grant(&grant);
	oauth_grant_file_free(&grant);
	return ok && say_access(job) && say_failure(job);
}

/* A token that is still fresh hides from messages that the next one cannot be kept.
 * Without a grant, the first message makes the folder. */
static bool
can_keep_token(struct job *job)
{
	struct error err = { 0 };
	bool absent;

	if (!oauth_store_check(job->params.store, job->owner, &absent, &err))
		return oauth_fail_error(&job->failure, &err);
	return absent || new_file_try(&job->params, &job->failure);
}

/* The secret and the key may be open only to the caller, so they are read first;
 * what is wrong with them does not hide what is stored. */
bool
status_run(struct job *job)
{
	struct oauth_failure of_client = { 0 };
	bool ok;

	json_start();
	(void)client_start(&job->client, &job->params, &of_client);
	ok = guard_become_owner(job->params.store, &job->owner, &job->failure);
	if (ok) {
		ok = say_stored(job) && can_keep_token(job);
		dialogue_say("end", NULL);
	}
	if (!ok || of_client.outcome == OAUTH_OK) {
		oauth_failure_free(&of_client);
		return ok;
	}
	oauth_failure_free(&job->failure);
	job->failure = of_client;
	return false;
}
