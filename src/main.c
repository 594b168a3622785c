/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses the command line, runs the mode that it names, and returns the exit
 * status.  The table of modes says which steps a mode needs before its work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "check/check.h"
#include "client/etrn.h"
#include "config/cmdline.h"
#include "config/cmdline_parse.h"
#include "config/option_print.h"
#include "configure/run.h"
#include "delivery/deliver.h"
#include "modes/check_aliases.h"
#include "modes/context.h"
#include "modes/enter_sandbox.h"
#include "modes/explain.h"
#include "modes/explain_queue.h"
#include "modes/host_status.h"
#include "modes/login.h"
#include "modes/login_account.h"
#include "modes/login_status.h"
#include "modes/output.h"
#include "modes/pretend.h"
#include "modes/print.h"
#include "modes/probe.h"
#include "modes/probe_json.h"
#include "modes/probe_text.h"
#include "modes/queue_check.h"
#include "modes/queue_list.h"
#include "modes/queue_manage.h"
#include "modes/queue_show.h"
#include "modes/session.h"
#include "modes/usage.h"
#include "relay/check.h"
#include "relay/explain.h"
#include "relay/serve.h"
#include "relay/service.h"
#include "report/report_file.h"
#include "report/result.h"
#include "report/watch.h"
#include "runner/archive.h"
#include "runner/caller_pause.h"
#include "runner/rate_limit.h"
#include "runner/return.h"
#include "runner/run.h"
#include "runner/submit.h"
#include "submission/envelope.h"
#include "submission/message.h"

/* Stop draining standard input after this many octets. */
#define DRAIN_MAX ((uint64_t)1024 * 1024 * 1024)

/* The steps before the work of a mode, in this order. */
enum mode_step {
	FIND_USER = 1 << 0,
	READ_CONFIG = 1 << 1,
	READ_MESSAGE = 1 << 2,
	/* Reads the message if the account or the recipients depend on it. */
	READ_HEADER = 1 << 3,
	SELECT_ACCOUNT = 1 << 4,
	START_LOOKUP = 1 << 5,
	BUILD_ENVELOPE = 1 << 6,
	/* Builds the envelope if there are recipients. */
	BUILD_ANY_ENVELOPE = 1 << 7,
	COMPLETE_MESSAGE = 1 << 8,
	PREPARE_TLS = 1 << 9,
	GET_LOGIN = 1 << 10
};

/* The first steps of a mode that uses an account. */
#define CONFIGURE (FIND_USER | READ_CONFIG | SELECT_ACCOUNT)
/* Those of --probe. */
#define PROBE_STEPS \
	(CONFIGURE | READ_HEADER | BUILD_ANY_ENVELOPE | PREPARE_TLS | GET_LOGIN)

static bool
needs_header(const struct cmdline *cmdline)
{
	return cmdline->recipients_from_header || cmdline->read_envelope_from;
}

static bool
has_recipients(const struct cmdline *cmdline)
{
	return cmdline->operands.count > 0 || cmdline->recipients_from_header;
}

static bool
read_message(struct context *context, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;

	if (context->no_input)
		return error_set(err, ERROR_NO_INPUT,
		    "there is no message: standard input is closed");
	/* Nobody should have to type a message before the error. */
	if (cmdline->mode == MODE_SEND && !has_recipients(cmdline)
	    && isatty(STDIN_FILENO))
		return submission_no_recipients(false, err);
	return submission_read_message(&context->submission, err);
}

static bool
complete_message(struct context *context, struct error *err)
{
	return submission_complete_message(&context->submission, err)
	    && context_filter_message(context, err);
}

/*
 * Runs the steps in the set, up to the first one that fails.  Files are read
 * first; only the lookup is started early, since it takes some time.
 */
static bool
run_steps(struct context *context, unsigned set, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	struct submission *s = &context->submission;

	if ((set & READ_HEADER) != 0 && needs_header(cmdline))
		set |= READ_MESSAGE;
	if ((set & BUILD_ANY_ENVELOPE) != 0 && has_recipients(cmdline))
		set |= BUILD_ENVELOPE;

	if ((set & FIND_USER) != 0)
		context_find_user(context);
	if ((set & READ_CONFIG) != 0 && !context_read_config(context, err))
		return false;
	if ((set & READ_MESSAGE) != 0 && !read_message(context, err))
		return false;
	if ((set & SELECT_ACCOUNT) != 0
	    && !context_select_account(context, err))
		return false;
	if ((set & START_LOOKUP) != 0 && !submission_is_queued_first(context))
		context_start_lookup(context);
	if ((set & BUILD_ENVELOPE) != 0 && !submission_build_envelope(s, err))
		return false;
	if ((set & COMPLETE_MESSAGE) != 0 && !complete_message(context, err))
		return false;
	if ((set & PREPARE_TLS) != 0
	    && !context_prepare_connection(context, err))
		return false;
	return (set & GET_LOGIN) == 0
	    || context_get_login(context,
		cmdline->personality == PERSONALITY_VEREDUS, err);
}

/* The work of the modes.  Their output in `out` is printed even if they fail. */

/* With -bs and --service, this process has been in the sandbox of all accounts
 * since before it read from its client. */
static bool
prepare_attempt(struct context *context, struct delivery_params *params,
    struct error *err)
{
	if (!run_steps(context, PREPARE_TLS | GET_LOGIN, err))
		return false;
	context_delivery_params(context, params);
	context_waive_policies(context, params);
	return context->cmdline->mode != MODE_SEND
	    || context_enter_sandbox(context, err);
}

static bool
attempt(struct context *context, struct error *err)
{
	struct submission *s = &context->submission;
	struct delivery_params params;
	struct watch watch;
	bool ok;

	if (!prepare_attempt(context, &params, err)) {
		envelope_fail(&s->envelope, err);
		rate_limit_end_attempt(context);
		return false;
	}
	if (!archive_begin_attempt(context, err)) {
		rate_limit_end_attempt(context);
		return false;
	}
	params.observers = watch_begin(&watch, context->cmdline, &s->message,
	    params.observers);
	ok =
	    deliver(&params, &s->envelope, &s->message, &context->session, err);
	archive_end_attempt(context);
	rate_limit_end_attempt(context);
	watch_end(&watch);
	return ok;
}

/* On a terminal, or with -v, with a line for each message, unless that is JSON. */
static bool
run_queue(struct context *context, struct str *out, struct error *err)
{
	bool shown = !report_file_is_stdout()
	    && (context->cmdline->verbose || isatty(STDOUT_FILENO));

	return queue_run(context, shown ? out : NULL, err);
}

static bool
return_messages(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return queue_return(context, err);
}

static bool
send_message(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return submit(context, attempt, err);
}

static bool
serve_client(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return serve(context, NULL, attempt, err);
}

static bool
serve_peer(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return service_run(context, attempt, err);
}

static bool
check_all(struct context *context, struct str *out, struct error *err)
{
	return check(context,
	    context->cmdline->service ? service_check_account : NULL, out, err);
}

static bool
init_aliases(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return check_aliases(context, err);
}

static bool
end_pauses(const void *context)
{
	return caller_end_pauses(context);
}

static bool
log_in(struct context *context, struct str *out, struct error *err)
{
	if (!login(context, out, err))
		return false;
	if (login_as_owner(context, end_pauses, context))
		str_add(out,
		    "The mail that waits for this account goes out in the next "
		    "queue run.\n");
	return true;
}

/* -bv: expands each recipient alone, because the envelope has an address once for
 * all of them. */
static bool
verify(struct context *context, struct str *out, struct error *err)
{
	struct strv recipients = { 0 };
	bool ok =
	    submission_list_recipients(&context->submission, &recipients, err);

	for (size_t i = 0; ok && i < recipients.count; i++) {
		struct envelope e = { 0 };

		ok = submission_expand_recipient(&context->submission,
		    recipients.items[i], &e, err);
		if (ok)
			verify_print(out, &context->account, &e);
		envelope_free(&e);
	}
	strv_free(&recipients);
	return ok;
}

/* Runs the steps itself, so that the results before an error are printed. */
static bool
explain_message(struct context *context, struct explanation *x,
    struct error *err)
{
	struct submission *s = &context->submission;
	bool ok;

	if (context->cmdline->service)
		return service_explain(context, x, err);
	ok = run_steps(context, CONFIGURE | READ_HEADER, err);
	explain_begin(context, x);
	return ok
	    && (has_recipients(context->cmdline)
		    ? submission_build_envelope(s, err)
		    : submission_set_sender(s, err))
	    && explain(context, x, err);
}

static bool
explain_run(struct context *context, struct str *out, struct error *err)
{
	struct explanation x = { 0 };
	bool ok = explain_message(context, &x, err);

	if (context->cmdline->json)
		explanation_json(&x, err, out);
	else
		explanation_text(&x, out);
	explanation_free(&x);
	return ok;
}

/* Without recipients, the message has a sender all the same. */
static bool
print_message(struct context *context, struct str *out, struct error *err)
{
	struct submission *s = &context->submission;

	return (has_recipients(context->cmdline)
		       ? submission_build_envelope(s, err)
		       : submission_set_sender(s, err))
	    && complete_message(context, err) && print(context, out, err);
}

static void
pretend(struct context *context, struct str *out)
{
	struct strv notes = { 0 };

	pretend_print(out, &context->account, &context->submission.envelope);
	pretend_queue(context, out);
	context_add_notes(context, &notes);
	pretend_notes(out, &notes);
	strv_free(&notes);
}

/* Runs the steps itself, so that an object tells of their errors. */
static bool
probe_servers(struct context *context, struct str *out, struct error *err)
{
	struct probe_result result = { 0 };
	struct delivery_params params;
	bool ok = run_steps(context, PROBE_STEPS, err);

	if (ok) {
		context_delivery_params(context, &params);
		ok = context_enter_sandbox(context, err)
		    && probe(&params, &context->submission.envelope, &result,
			err);
	}
	if (context->cmdline->json)
		probe_json(&result, &context->account, err, out);
	else
		probe_text(&result, &context->account.tls.fingerprints, out);
	probe_result_free(&result);
	return ok;
}

static bool
show_server(struct context *context, struct str *out, struct error *err)
{
	struct delivery_params params;

	context_delivery_params(context, &params);
	return context_enter_sandbox(context, err)
	    && serverinfo(&params, out, err);
}

/* Checks the name first: a usage error does not depend on the configuration. */
static bool
start_remote_queue(struct context *context, struct str *out, struct error *err)
{
	const unsigned set = CONFIGURE | START_LOOKUP | PREPARE_TLS | GET_LOGIN;
	char *line = etrn_line(context->cmdline->node, err);
	struct delivery_params params;
	bool ok = line != NULL && run_steps(context, set, err);

	(void)out;
	if (ok) {
		context_delivery_params(context, &params);
		ok = context_enter_sandbox(context, err)
		    && remote_queue_start(&params, line, err);
	}
	free(line);
	return ok;
}

static void
list_options(struct context *context, struct str *out)
{
	(void)context;
	option_list(out);
}

static void
print_version(struct context *context, struct str *out)
{
	(void)context;
	usage_version(out);
}

static void
print_help(struct context *context, struct str *out)
{
	usage_help(context->cmdline, out);
}

static const struct mode_row {
	bool (
	    *work)(struct context *context, struct str *out, struct error *err);
	unsigned steps; /* of enum mode_step */
	/* Output that cannot fail, after the work. */
	void (*print)(struct context *context, struct str *out);
} modes[] = {
	[MODE_SEND] = { .work = send_message,
	    .steps = CONFIGURE | READ_MESSAGE | START_LOOKUP | BUILD_ENVELOPE
		| COMPLETE_MESSAGE },
	[MODE_SERVE] = { .work = serve_client, .steps = FIND_USER },
	[MODE_SERVICE] = { .work = serve_peer },
	[MODE_CHECK] = { .work = check_all },
	[MODE_PRINT_QUEUE] = { .work = queue_list,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_SHOW] = { .work = queue_show,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_DELETE] = { .work = queue_manage,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_HOLD] = { .work = queue_manage,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_RELEASE] = { .work = queue_manage,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_REQUEUE] = { .work = queue_manage,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_RETURN] = { .work = return_messages,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_QUEUE_CHECK] = { .work = queue_check },
	[MODE_LOGIN] = { .work = log_in, .steps = FIND_USER | READ_CONFIG },
	[MODE_LOGIN_STATUS] = { .work = login_status,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_LOGOUT] = { .work = logout, .steps = FIND_USER | READ_CONFIG },
	[MODE_INIT_ALIASES] = { .work = init_aliases,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_HOST_STATUS] = { .work = host_status,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_PURGE_STATUS] = { .work = host_status_purge,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_RUN_QUEUE] = { .work = run_queue,
	    .steps = FIND_USER | READ_CONFIG },
	[MODE_VERIFY] = { .work = verify,
	    .steps = CONFIGURE | READ_HEADER | BUILD_ENVELOPE },
	[MODE_CONFIGURE] = { .work = configure_run, .steps = FIND_USER },
	[MODE_EXPLAIN] = { .work = explain_run },
	[MODE_PRETEND] = { .print = pretend,
	    .steps = CONFIGURE | READ_HEADER | BUILD_ANY_ENVELOPE },
	[MODE_PRINT] = { .work = print_message,
	    .steps = CONFIGURE | READ_MESSAGE },
	[MODE_PROBE] = { .work = probe_servers },
	[MODE_SERVERINFO] = { .work = show_server,
	    .steps = CONFIGURE | PREPARE_TLS },
	[MODE_REMOTE_QUEUE] = { .work = start_remote_queue },
	[MODE_LIST_OPTIONS] = { .print = list_options },
	[MODE_VERSION] = { .print = print_version },
	[MODE_HELP] = { .print = print_help },
};

/*
 * Reads standard input to its end, so that a caller that is still writing gets
 * our exit status instead of a broken pipe.  A terminal is not drained.
 */
static void
drain_input(const struct context *context)
{
	char block[16384];
	uint64_t drained = 0;
	ssize_t n;

	if (context->no_input || context->submission.message_read
	    || isatty(STDIN_FILENO))
		return;
	do {
		n = process_read(STDIN_FILENO, block, sizeof(block));
		drained += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 && drained < DRAIN_MAX);
}

static void
run_mode(const struct mode_row *mode, struct context *context,
    struct error *err)
{
	struct str out = { 0 };
	bool ok = run_steps(context, mode->steps, err)
	    && (mode->work == NULL || mode->work(context, &out, err));

	if (ok && mode->print != NULL)
		mode->print(context, &out);
	if (out.len > 0)
		output_flush(&out, ok ? err : NULL);
	if (!ok && context->cmdline->mode == MODE_SEND)
		drain_input(context);
	str_free(&out);
}

/* After a usage error, too, a program that reads an object gets one. */
static void
print_object(const struct context *context, const struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	static const struct explanation no_explanation;
	static const struct probe_result no_result;
	struct str out = { 0 };

	if (!cmdline->json)
		return;
	if (cmdline->mode == MODE_CHECK)
		check_print_error(err, &out);
	else if (cmdline->mode == MODE_EXPLAIN)
		explanation_json(&no_explanation, err, &out);
	else if (cmdline->mode == MODE_PROBE)
		probe_json(&no_result, &context->account, err, &out);
	output_flush(&out, NULL);
	str_free(&out);
}

/* After a usage error, too, a program that reads the report gets one. */
static bool
open_report(const struct cmdline *cmdline, bool ok, struct error *err)
{
	return cmdline->report == NULL
	    || report_file_open(cmdline, ok ? err : NULL);
}

int
main(int argc, char *argv[])
{
	struct cmdline cmdline = { .name = "veredus", .errors = ERRORS_PRINT };
	struct context context;
	struct report report;
	struct error err = { 0 };
	bool strict = cmdline_personality(argc > 0 ? argv[0] : NULL)
	    != PERSONALITY_VEREDUS;
	int status;
	bool ok;

	context_init(&context, &cmdline);
	ok = process_start(strict, &context.no_input, &err)
	    && cmdline_parse(&cmdline, argc, argv, &err);
	if (!ok)
		print_object(&context, &err);
	if (open_report(&cmdline, ok, &err) && ok)
		run_mode(&modes[cmdline.mode], &context, &err);
	report = context_report(&context);
	status = report_result(&report, &err, cmdline.mode == MODE_SEND);
	if (status == EX_OK)
		status = context.exit_status;
	context_free(&context);
	cmdline_free(&cmdline);
	error_free(&err);
	return status;
}
