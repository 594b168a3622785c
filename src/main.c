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
#include "modes/configure.h"
#include "modes/explain.h"
#include "modes/pretend.h"
#include "modes/probe.h"
#include "modes/remote_queue.h"
#include "modes/serverinfo.h"
#include "modes/usage.h"
#include "modes/verify.h"
#include "relay/serve.h"
#include "report/result.h"
#include "run.h"
#include "submission/envelope.h"
#include "submission/message.h"

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
	GET_SECRETS = 1 << 10
};

/* What every mode that uses an account begins with. */
#define CONFIGURE (FIND_USER | READ_CONFIGURATION | CHOOSE_ACCOUNT)

static bool
find_user(struct run *run, struct error *err)
{
	(void)err;
	user_init_caller(&run->user);
	return true;
}

static bool
read_message(struct run *run, struct error *err)
{
	if (run->no_input)
		return error_set(err, ERROR_NO_INPUT,
		    "there is no message: standard input is closed");
	return submission_read_message(&run->submission, err);
}

static bool
read_header(struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;

	return !(cmdline->recipients_from_header || cmdline->read_envelope_from)
	    || read_message(run, err);
}

static bool
start_lookup(struct run *run, struct error *err)
{
	(void)err;
	run_start_lookup(run);
	return true;
}

static bool
has_recipients(const struct run *run)
{
	return run->cmdline->operands.count > 0
	    || run->cmdline->recipients_from_header;
}

static bool
build_envelope(struct run *run, struct error *err)
{
	return submission_build_envelope(&run->submission, err);
}

static bool
build_any_envelope(struct run *run, struct error *err)
{
	return !has_recipients(run) || build_envelope(run, err);
}

static bool
complete_message(struct run *run, struct error *err)
{
	return submission_complete_message(&run->submission, err);
}

/* Files come first, the network last. */
static const struct {
	enum mode_step step;
	bool (*run)(struct run *run, struct error *err);
} steps[] = {
	{ FIND_USER, find_user },
	{ READ_CONFIGURATION, run_read_configuration },
	{ READ_MESSAGE, read_message },
	{ READ_HEADER, read_header },
	{ CHOOSE_ACCOUNT, run_choose_account },
	{ START_LOOKUP, start_lookup },
	{ BUILD_ENVELOPE, build_envelope },
	{ BUILD_ANY_ENVELOPE, build_any_envelope },
	{ COMPLETE_MESSAGE, complete_message },
	{ PREPARE_TLS, run_prepare_tls },
	{ GET_SECRETS, run_get_secrets },
};

/* Runs the steps of a set up to the first that fails. */
static bool
run_steps(struct run *run, unsigned set, struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(steps); i++)
		if ((set & steps[i].step) != 0 && !steps[i].run(run, err))
			return false;
	return true;
}

/* The work of the modes.  What they append to out is printed by main(), also
 * when they fail. */

static bool
send_message(struct run *run, struct str *out, struct error *err)
{
	(void)out;
	return run_submit(run, err);
}

/* The reply to the client is the output. */
static bool
serve_client(struct run *run, struct str *out, struct error *err)
{
	(void)out;
	return serve(run, err);
}

/* Monitoring programs look for these words. */
static bool
print_queue(struct run *run, struct str *out, struct error *err)
{
	(void)run;
	(void)err;
	str_add(out, "Mail queue is empty\n");
	return true;
}

/* Scripts of packages call newaliases before anything is configured. */
static bool
check_aliases(struct run *run, struct str *out, struct error *err)
{
	(void)out;
	return run->config.count == 0
	    || (run_steps(run, CHOOSE_ACCOUNT, err)
		&& account_check_aliases(&run->account, err));
}

static bool
verify(struct run *run, struct str *out, struct error *err)
{
	(void)err;
	verify_print(out, &run->account, &run->submission.envelope);
	return true;
}

/* Reads no configuration file: the output becomes one. */
static bool
print_configuration(struct run *run, struct str *out, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;
	struct account *a = &run->account;
	struct settings settings;
	struct dns_source dns;
	char *address = NULL;
	bool ok;

	settings_init(&settings,
	    cmdline->account != NULL ? cmdline->account : "default");
	ok = configure_begin(&settings, cmdline->address, &address, err)
	    && cmdline_apply(cmdline, &settings, run->user.home, &run->notes,
		err)
	    && account_resolve(a, &settings, &run->user, &run->notes, err);
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
explain_run(struct run *run, struct str *out, struct error *err)
{
	bool ok = run_steps(run, CONFIGURE | READ_HEADER, err);

	process_catch_signals();
	explain_begin(run, out);
	return ok
	    && (has_recipients(run)
		    ? build_envelope(run, err)
		    : submission_set_sender(&run->submission, err))
	    && explain(run, out, err);
}

static bool
pretend(struct run *run, struct str *out, struct error *err)
{
	(void)err;
	pretend_print(out, &run->account, &run->submission.envelope);
	return true;
}

static bool
probe_servers(struct run *run, struct str *out, struct error *err)
{
	struct delivery_params params;

	process_catch_signals();
	run_delivery_params(run, &params);
	return probe(&params, &run->submission.envelope, out, err);
}

static bool
show_server(struct run *run, struct str *out, struct error *err)
{
	struct delivery_params params;

	run_delivery_params(run, &params);
	return serverinfo(&params, out, err);
}

/* A wrong name is an error of usage, whatever the configuration says. */
static bool
start_remote_queue(struct run *run, struct str *out, struct error *err)
{
	const unsigned set = CONFIGURE | START_LOOKUP | GET_SECRETS;
	char *line = etrn_line(run->cmdline->node, err);
	struct delivery_params params;
	bool ok = line != NULL && run_steps(run, set, err);

	(void)out;
	if (ok) {
		process_catch_signals();
		run_delivery_params(run, &params);
		ok = remote_queue_start(&params, line, err);
	}
	free(line);
	return ok;
}

static bool
list_options(struct run *run, struct str *out, struct error *err)
{
	(void)run;
	(void)err;
	option_list(out);
	return true;
}

static bool
print_version(struct run *run, struct str *out, struct error *err)
{
	(void)err;
	usage_version(run->cmdline, out);
	return true;
}

static bool
print_help(struct run *run, struct str *out, struct error *err)
{
	(void)err;
	usage_help(run->cmdline, out);
	return true;
}

/* There is no queue to run, and there are no host statistics. */
static bool
do_nothing(struct run *run, struct str *out, struct error *err)
{
	(void)run;
	(void)out;
	(void)err;
	return true;
}

static const struct mode_row {
	bool (*work)(struct run *run, struct str *out, struct error *err);
	unsigned steps; /* before it */
	bool sends;     /* one message, whose result is logged */
} modes[] = {
	[MODE_SEND] = { send_message,
	    CONFIGURE | READ_MESSAGE | START_LOOKUP | BUILD_ENVELOPE
		| COMPLETE_MESSAGE | GET_SECRETS,
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
	    CONFIGURE | READ_HEADER | BUILD_ANY_ENVELOPE | GET_SECRETS },
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

static void
run_mode(const struct mode_row *mode, struct run *run, struct error *err)
{
	struct str out = { 0 };
	bool ok =
	    run_steps(run, mode->steps, err) && mode->work(run, &out, err);

	if (out.len > 0)
		print(&out, ok ? err : NULL);
	if (!ok && mode->sends)
		run_drain_input(run);
	str_free(&out);
}

int
main(int argc, char *argv[])
{
	struct cmdline cmdline = { .name = "veredus", .errors = ERRORS_PRINT };
	struct run run;
	struct error err = { 0 };
	bool strict = cmdline_personality(argc > 0 ? argv[0] : NULL)
	    != PERSONALITY_VEREDUS;
	int status;

	run_begin(&run, &cmdline);
	if (process_start(strict, &run.no_input, &err)
	    && cmdline_parse(&cmdline, argc, argv, &err))
		run_mode(&modes[cmdline.mode], &run, &err);
	status = report_result(&run, &err, modes[cmdline.mode].sends);
	run_free(&run);
	cmdline_free(&cmdline);
	error_free(&err);
	return status;
}
