/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes the servers of an account in a child process. */
#include "check/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/background.h"
#include "base/file.h"
#include "base/process.h"
#include "check/login.h"
#include "check/probe.h"
#include "check/remedy.h"
#include "modes/enter_sandbox.h"
#include "modes/probe.h"
#include "submission/envelope.h"

/* A list of findings is never longer, unless the child process was taken over. */
#define FINDINGS_MAX ((size_t)4 * 1024 * 1024)
#define BLOCK ((size_t)4096)

/* ---- in the child process ---- */

static void
add_error(const struct account *a, enum check_item item,
    const struct error *err, struct findings *f)
{
	const struct failure failure = { .account = a,
		.err = err,
		.target = &f->target };
	struct str remedy = { 0 };

	findings_add_error(f, item, err);
	remedy_of_failure(&failure, &remedy);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

/* Makes the envelope for some of the recipients; false after a finding. */
static bool
make_envelope(struct context *context, char **recipients, size_t count,
    struct findings *f)
{
	struct cmdline chosen = *context->cmdline;
	struct error err = { 0 };
	bool ok;

	chosen.operands = (struct strv){ .items = recipients, .count = count };
	context_next_submission(context);
	context->submission.cmdline = &chosen;
	ok = submission_build_envelope(&context->submission, &err);
	context->submission.cmdline = context->cmdline;
	if (!ok)
		add_error(&context->account, ITEM_RCPT, &err, f);
	error_free(&err);
	return ok;
}

/* Leaves out the recipients that are invalid, so that the others are tested. */
static void
add_recipients(struct context *context, struct findings *f)
{
	const struct strv *given = &context->cmdline->operands;
	struct strv valid = { 0 };

	for (size_t i = 0; i < given->count; i++)
		if (make_envelope(context, &given->items[i], 1, f))
			strv_add(&valid, given->items[i]);
	context_next_submission(context);
	if (valid.count > 0)
		make_envelope(context, valid.items, valid.count, f);
	strv_free(&valid);
}

/* check_account() has told what is wrong with the files for TLS and the proxy. */
static bool
prepare(struct context *context, bool offers, struct delivery_params *params,
    struct findings *f)
{
	struct error err = { 0 };
	bool has_login, ok;

	context_start_lookup(context);
	has_login = check_login(context, false, f);
	/* Without its login, nothing can be said about recipients. */
	if (offers && has_login)
		add_recipients(context, f);
	ok = !account_uses_mx(&context->account)
	    || context->submission.envelope.count > 0;
	if (!ok || !context_prepare_connection(context, NULL))
		return false;
	context_delivery_params(context, params);
	if (!has_login)
		params->auth = NULL;
	ok = context_enter_sandbox(context, &err);
	if (!ok)
		add_error(&context->account, ITEM_SANDBOX, &err, f);
	error_free(&err);
	return ok;
}

static void
probe_account(struct context *context, bool offers, struct findings *f)
{
	struct delivery_params params;
	struct probe_result result = { 0 };
	struct error err = { 0 };

	context_next_submission(context);
	if (prepare(context, offers, &params, f)) {
		probe(&params, &context->submission.envelope, &result, &err);
		check_add_probe(&context->account, &result, &err, f);
	}
	resolve_free(&context->lookup);
	probe_result_free(&result);
	error_free(&err);
}

ATTR_NORETURN static void
work(struct context *context, bool offers, const struct findings *f, int out)
{
	struct findings found = { .account = f->account, .target = f->target };
	struct str octets = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	probe_account(context, offers, &found);
	findings_write(&found, &octets);
	background_exit(!file_write(out, octets.data, octets.len));
}

/* ---- in the parent process ---- */

static void
read_findings(int in, struct str *octets)
{
	ssize_t n;

	do {
		char *to = str_reserve(octets, BLOCK);

		n = process_read(in, to, BLOCK);
		octets->len += n > 0 ? (size_t)n : 0;
		octets->data[octets->len] = '\0';
	} while (n > 0 && octets->len < FINDINGS_MAX);
}

static void
mend_with_command(struct findings *f, const char *option)
{
	struct str command = { 0 };

	remedy_add_command(&command, &f->target, option, f->account);
	findings_mend(f, "%s", str_text(&command));
	str_free(&command);
}

static void
add_no_answer(struct findings *f, const char *why)
{
	findings_add(f, FINDING_FAIL, ITEM_SERVER,
	    "the process that tests the servers ended too early: %s", why);
	mend_with_command(f, "--probe");
}

/* Waits for the child process, which a signal has ended with this one. */
static bool
finish(pid_t child, int in, struct findings *f, struct error *err)
{
	struct str octets = { 0 };
	int status = 0;

	read_findings(in, &octets);
	close(in);
	if (process_signal() != 0)
		kill(child, SIGTERM);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (process_signal() != 0) {
		str_free(&octets);
		return process_fail_signal(" during the check", err);
	}
	if (!findings_read(f, &octets) || status != 0)
		add_no_answer(f,
		    WIFSIGNALED(status) ? strsignal(WTERMSIG(status))
					: "it gave no answer");
	str_free(&octets);
	return true;
}

bool
check_server(struct context *context, bool offers, struct findings *f,
    struct error *err)
{
	int ends[2];
	pid_t child;

	if (!offers && account_uses_mx(&context->account)) {
		findings_add(f, FINDING_NOTE, ITEM_SERVER,
		    "no server was tried: with \"host mx\", the recipients "
		    "decide which ones there are");
		mend_with_command(f, "--check RECIPIENT");
		return true;
	}
	if (pipe2(ends, O_CLOEXEC) < 0) {
		add_no_answer(f, strerror(errno));
		return true;
	}
	child = fork();
	if (child == 0) {
		close(ends[0]);
		work(context, offers, f, ends[1]);
	}
	close(ends[1]);
	if (child > 0)
		return finish(child, ends[0], f, err);
	add_no_answer(f, strerror(errno));
	close(ends[0]);
	return true;
}
