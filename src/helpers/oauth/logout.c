/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Revokes a grant, and removes the files with tokens. */
#include "helpers/oauth/logout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "helpers/oauth/revoke.h"
#include "oauth/store.h"

#define WAIT_MAX 30

static const char *
revoke_url(const struct job *job, const struct oauth_grant_file *grant)
{
	return grant->revoke_url != NULL ? grant->revoke_url
					 : job->params.revoke_url;
}

/* Tells whether the grant is still valid at the provider. */
static void
revoke_grant(struct job *job, const struct oauth_grant_file *grant)
{
	const char *const urls[] = { revoke_url(job, grant) };

	job_enter_sandbox(job, urls, COUNT_OF(urls), 0);
	if (urls[0] == NULL)
		dialogue_say("valid",
		    "the provider has no address for that (oauth_revoke_url)");
	else if (revoke_token(job, urls[0], &grant->refresh_token,
		     REVOKE_REFRESH))
		dialogue_say("revoked", NULL);
	else
		dialogue_say("valid", job->failure.text);
	oauth_failure_free(&job->failure);
}

static bool
remove_file(struct job *job, const char *suffix, bool *removed)
{
	char *path = oauth_store_path(&job->params, suffix, NULL);
	bool ok = path == NULL || unlink(path) == 0 || errno == ENOENT;

	if (path != NULL && ok && errno != ENOENT)
		*removed = true;
	if (!ok)
		oauth_fail(&job->failure, OAUTH_CONFIG, "cannot remove %s: %s",
		    path, strerror(errno));
	free(path);
	return ok;
}

static bool
remove_files(struct job *job)
{
	bool removed = false;
	bool ok;

	errno = 0;
	ok = remove_file(job, OAUTH_GRANT_SUFFIX, &removed);
	errno = 0;
	ok = remove_file(job, OAUTH_ACCESS_SUFFIX, &removed) && ok;
	if (!ok)
		return false;
	lock_write_note(&job->lock, NULL);
	dialogue_say(removed ? "removed" : "none", NULL);
	if (removed)
		job_log(job, LOG_NOTICE, "removed at logout");
	return true;
}

static bool
has_store(struct job *job, bool *found)
{
	struct error err = { 0 };
	bool absent;
	bool ok =
	    oauth_store_check(job->params.store, job->owner, &absent, &err);

	*found = ok && !absent;
	return ok || oauth_fail_error(&job->failure, &err);
}

/* With the lock: no other process renews what is being removed. */
static bool
remove_grant(struct job *job)
{
	struct oauth_grant_file grant = { 0 };
	bool found;

	if (!lock_open(&job->lock, &job->params, job->owner, &job->failure)
	    || !lock_wait(&job->lock, clock_after_seconds(WAIT_MAX),
		&job->failure))
		return false;
	if (job_read_grant(job, &grant, &found) && found)
		revoke_grant(job, &grant);
	/* A damaged file is removed, too. */
	oauth_failure_free(&job->failure);
	oauth_grant_file_free(&grant);
	return remove_files(job);
}

bool
logout_run(struct job *job)
{
	bool found;

	if (!job_start(job, false) || !has_store(job, &found))
		return false;
	if (found)
		return remove_grant(job);
	dialogue_say("none", NULL);
	return true;
}
