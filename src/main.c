/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arguments in, exit status out.  The command line names a mode; the table of
 * modes says which steps come first, and which function does the work.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/user.h"
#include "client/etrn.h"
#include "config/cmdline.h"
#include "config/resolve.h"
#include "delivery/deliver.h"
#include "modes/configure.h"
#include "modes/context.h"
#include "modes/explain.h"
#include "modes/pretend.h"
#include "modes/probe.h"
#include "modes/remote_queue.h"
#include "modes/serverinfo.h"
#include "modes/usage.h"
#include "modes/verify.h"
#include "relay/serve.h"
#include "report/result.h"
#include "report/watch.h"
#include "submission/envelope.h"
#include "submission/message.h"

/* Stop draining standard input after this many octets. */
#define DRAIN_MAX ((uint64_t)1024 * 1024 * 1024)

/* The steps before the work of a mode, in the order in which they are done. */
enum mode_step {
	FIND_USER = 1 << 0,
	READ_CONFIGURATION = 1 << 1,
	READ_MESSAGE = 1 << 2,
	/* Only if the account or the recipients depend on the header. */
	READ_HEADER = 1 << 3,
	CHOOSE_ACCOUNT = 1 << 4,
	START_LOOKUP = 1 << 5,
	BUILD_ENVELOPE = 1 << 6,
	/* Only if there are recipients. */
	BUILD_ANY_ENVELOPE = 1 << 7,
	COMPLETE_MESSAGE = 1 << 8,
	PREPARE_TLS = 1 << 9,
	GET_LOGIN = 1 << 10
};

/* What every mode that uses an account begins with. */
#define CONFIGURE (FIND_USER | READ_CONFIGURATION | CHOOSE_ACCOUNT)

static bool
find_user(struct context *context, struct error *err)
{
	(void)err;
	user_init_caller(&context->user);
	return true;
}

static bool
read_message(struct context *context, struct error *err)
{
	if (context->no_input)
		return error_set(err, ERROR_NO_INPUT,
		    "there is no message: standard input is closed");
	return submission_read_message(&context->submission, err);
}

static bool
read_header(struct context *context, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;

	return !(cmdline->recipients_from_header || cmdline->read_envelope_from)
	    || read_message(context, err);
}

static bool
start_lookup(struct context *context, struct error *err)
{
	(void)err;
	context_start_lookup(context);
	return true;
}

static bool
has_recipients(const struct context *context)
{
	return context->cmdline->operands.count > 0
	    || context->cmdline->recipients_from_header;
}

static bool
build_envelope(struct context *context, struct error *err)
{
	return submission_build_envelope(&context->submission, err);
}

static bool
build_any_envelope(struct context *context, struct error *err)
{
	return !has_recipients(context) || build_envelope(context, err);
}

static bool
complete_message(struct context *context, struct error *err)
{
	return submission_complete_message(&context->submission, err);
}

static bool
get_login(struct context *context, struct error *err)
{
	return context_get_login(context,
	    context->cmdline->personality == PERSONALITY_VEREDUS, err);
}

/* Files come first, the network last. */
static const struct {
	enum mode_step step;
	bool (*run)(struct context *context, struct error *err);
} steps[] = {
	{ FIND_USER, find_user },
	{ READ_CONFIGURATION, context_read_config },
	{ READ_MESSAGE, read_message },
	{ READ_HEADER, read_header },
	{ CHOOSE_ACCOUNT, context_select_account },
	{ START_LOOKUP, start_lookup },
	{ BUILD_ENVELOPE, build_envelope },
	{ BUILD_ANY_ENVELOPE, build_any_envelope },
	{ COMPLETE_MESSAGE, complete_message },
	{ PREPARE_TLS, context_prepare_tls },
	{ GET_LOGIN, get_login },
};

/* Runs the steps of a set up to the first that fails. */
static bool
run_steps(struct context *context, unsigned set, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if ((set & steps[i].step) != 0 && !steps[i].run(context, err))
			return false;
	return true;
}

/* The work of the modes.  What they append to out is printed by main(), also
 * when they fail. */

static bool
send_message(struct context *context, struct str *out, struct error *err)
{
	struct submission *s = &context->submission;
	struct delivery_params params;
	struct watch watch;
	bool ok;

	(void)out;
	process_catch_signals();
	context_delivery_params(context, &params);
	params.observers = watch_begin(&watch, context->cmdline, &s->message);
	ok =
	    deliver(&params, &s->envelope, &s->message, &context->session, err);
	watch_end(&watch);
	return ok;
}

/* The reply to the client is the output. */
static bool
serve_client(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return serve(context, err);
}

/* Monitoring programs look for these words. */
static bool
print_queue(struct context *context, struct str *out, struct error *err)
{
	(void)context;
	(void)err;
	str_add(out, "Mail queue is empty\n");
	return true;
}

/* Scripts of packages call newaliases before anything is configured. */
static bool
check_aliases(struct context *context, struct str *out, struct error *err)
{
	(void)out;
	return context->config.count == 0
	    || (run_steps(context, CHOOSE_ACCOUNT, err)
		&& account_check_aliases(&context->account, err));
}

static bool
verify(struct context *context, struct str *out, struct error *err)
{
	(void)err;
	verify_print(out, &context->account, &context->submission.envelope);
	return true;
}

/* Reads no configuration file: the output becomes one. */
static bool
print_configuration(struct context *context, struct str *out, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	struct account *a = &context->account;
	struct settings settings;
	struct dns_source dns;
	char *address = NULL;
	bool ok;

	settings_init(&settings,
	    cmdline->account != NULL ? cmdline->account : "default");
	ok = configure_begin(&settings, cmdline->address, &address, err)
	    && cmdline_apply(cmdline, &settings, context->user.home,
		&context->notes, err)
	    && account_resolve(a, &settings, &context->user, &context->notes,
		err);
	settings_free(&settings);
	if (ok) {
		process_catch_signals();
		dns_source_init(&dns, &a->dns);
		ok = configure(a, address, &dns, out, err);
	}
	free(address);
	return ok;
}

/* Runs the steps itself: an error is easier to understand next to what was
 * found before it. */
static bool
explain_run(struct context *context, struct str *out, struct error *err)
{
	bool ok = run_steps(context, CONFIGURE | READ_HEADER, err);

	process_catch_signals();
	explain_begin(context, out);
	return ok
	    && (has_recipients(context)
		    ? build_envelope(context, err)
		    : submission_set_sender(&context->submission, err))
	    && explain(context, out, err);
}

static bool
pretend(struct context *context, struct str *out, struct error *err)
{
	(void)err;
	pretend_print(out, &context->account, &context->submission.envelope);
	return true;
}

static bool
probe_servers(struct context *context, struct str *out, struct error *err)
{
	struct delivery_params params;

	process_catch_signals();
	context_delivery_params(context, &params);
	return probe(&params, &context->submission.envelope, out, err);
}

static bool
show_server(struct context *context, struct str *out, struct error *err)
{
	struct delivery_params params;

	context_delivery_params(context, &params);
	return serverinfo(&params, out, err);
}

/* A wrong name is an error of usage, whatever the configuration says. */
static bool
start_remote_queue(struct context *context, struct str *out, struct error *err)
{
	const unsigned set = CONFIGURE | START_LOOKUP | PREPARE_TLS | GET_LOGIN;
	char *line = etrn_line(context->cmdline->node, err);
	struct delivery_params params;
	bool ok = line != NULL && run_steps(context, set, err);

	(void)out;
	if (ok) {
		process_catch_signals();
		context_delivery_params(context, &params);
		ok = remote_queue_start(&params, line, err);
	}
	free(line);
	return ok;
}

static bool
list_options(struct context *context, struct str *out, struct error *err)
{
	(void)context;
	(void)err;
	option_list(out);
	return true;
}

static bool
print_version(struct context *context, struct str *out, struct error *err)
{
	(void)err;
	usage_version(context->cmdline, out);
	return true;
}

static bool
print_help(struct context *context, struct str *out, struct error *err)
{
	(void)err;
	usage_help(context->cmdline, out);
	return true;
}

/* There is no queue to run, and there are no host statistics. */
static bool
do_nothing(struct context *context, struct str *out, struct error *err)
{
	(void)context;
	(void)out;
	(void)err;
	return true;
}

static const struct mode_row {
	bool (
	    *work)(struct context *context, struct str *out, struct error *err);
	unsigned steps; /* before it */
	bool sends;     /* one message, whose result is logged */
} modes[] = {
	[MODE_SEND] = { send_message,
	    CONFIGURE | READ_MESSAGE | START_LOOKUP | BUILD_ENVELOPE
		| COMPLETE_MESSAGE | PREPARE_TLS | GET_LOGIN,
	    .sends = true },
	[MODE_SERVE] = { serve_client, FIND_USER },
	[MODE_PRINT_QUEUE] = { print_queue, 0 },
	[MODE_INIT_ALIASES] = { check_aliases, FIND_USER | READ_CONFIGURATION },
	[MODE_HOST_STATUS] = { do_nothing, 0 },
	[MODE_RUN_QUEUE] = { do_nothing, 0 },
	[MODE_VERIFY] = { verify, CONFIGURE | BUILD_ENVELOPE },
	[MODE_CONFIGURE] = { print_configuration, FIND_USER },
	[MODE_EXPLAIN] = { explain_run, 0 },
	[MODE_PRETEND] = { pretend, CONFIGURE | READ_HEADER | BUILD_ENVELOPE },
	[MODE_PROBE] = { probe_servers,
	    CONFIGURE | READ_HEADER | BUILD_ANY_ENVELOPE | PREPARE_TLS
		| GET_LOGIN },
	[MODE_SERVERINFO] = { show_server, CONFIGURE | PREPARE_TLS },
	[MODE_REMOTE_QUEUE] = { start_remote_queue, 0 },
	[MODE_LIST_OPTIONS] = { list_options, 0 },
	[MODE_VERSION] = { print_version, 0 },
	[MODE_HELP] = { print_help, 0 },
};

/* Unlike the output of a message that is sent, this one has a reader: if it
 * cannot be written, that is an error. */
static bool
print(const struct str *text, struct error *err)
{
	if (fwrite(str_text(text), 1, text->len, stdout) == text->len
	    && fflush(stdout) == 0)
		return true;
	return error_set(err, ERROR_INPUT, "cannot write to standard output");
}

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
		n = read(STDIN_FILENO, block, sizeof(block));
		drained += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 && drained < DRAIN_MAX);
}

static void
run_mode(const struct mode_row *mode, struct context *context,
    struct error *err)
{
	struct str out = { 0 };
	bool ok = run_steps(context, mode->steps, err)
	    && mode->work(context, &out, err);

	if (out.len > 0)
		print(&out, ok ? err : NULL);
	if (!ok && mode->sends)
		drain_input(context);
	str_free(&out);
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

	context_init(&context, &cmdline);
	if (process_start(strict, &context.no_input, &err)
	    && cmdline_parse(&cmdline, argc, argv, &err))
		run_mode(&modes[cmdline.mode], &context, &err);
	report = context_report(&context);
	status = report_result(&report, &err, modes[cmdline.mode].sends);
	context_free(&context);
	cmdline_free(&cmdline);
	error_free(&err);
	return status;
}
