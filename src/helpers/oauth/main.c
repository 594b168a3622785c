/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * veredus-oauth: gets and keeps the OAuth2 tokens of an account.  Its only argument
 * is what to do; the account is on standard input (src/oauth/request.h).  Prints
 * lines with the result, or one line with the failure to standard error, and exits
 * with its class (src/oauth/failure.h).
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attr.h"
#include "helpers/oauth/guard.h"
#include "helpers/oauth/job.h"
#include "helpers/oauth/login.h"
#include "helpers/oauth/logout.h"
#include "helpers/oauth/refresh.h"
#include "helpers/oauth/status.h"

static const struct {
	const char *word;
	bool (*run)(struct job *job);
} commands[] = {
	{ "refresh", refresh_run },
	{ "login", login_run },
	{ "logout", logout_run },
	{ "status", status_run },
};

static bool (*find_command(int argc, char *argv[]))(struct job *job)
{
	for (size_t i = 0; argc == 2 && i < COUNT_OF(commands); i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].run;
	return NULL;
}

int
main(int argc, char *argv[])
{
	bool (*run)(struct job * job) = find_command(argc, argv);
	struct job job = { 0 };
	int status = EX_OK;

	if (run == NULL) {
		fprintf(stderr,
		    "usage: veredus-oauth refresh|login|logout|status "
		    "<REQUEST\n");
		return EX_USAGE;
	}
	if (!guard_start(&job.failure)
	    || !dialogue_read_request(&job.dialogue, &job.params, &job.failure)
	    || !job_check(&job) || !run(&job)) {
		status = oauth_class_exit_status(job.failure.outcome);
		fprintf(stderr, "%s\n", job.failure.text);
	} else if (job.warning != NULL) {
		fprintf(stderr, "%s\n", job.warning);
	}
	job_free(&job);
	return status;
}
