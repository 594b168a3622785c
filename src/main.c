/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arguments in, exit status out: the straight line from a message on standard
 * input to a server's word that it has taken it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/user.h"
#include "config/cmdline.h"
#include "config/finish.h"
#include "modes/configure.h"
#include "modes/explain.h"
#include "modes/pretend.h"
#include "modes/probe.h"
#include "modes/remote_queue.h"
#include "modes/serve.h"
#include "modes/serverinfo.h"
#include "modes/usage.h"
#include "modes/verify.h"
#include "outcome.h"
#include "run.h"
#include "smtp/etrn.h"

/* Prints to stdout; here somebody reads it, so a failure counts. */
static bool
print(const struct str *text, struct error *err)
{
	if (fwrite(str_text(text), 1, text->len, stdout) == text->len
	    && fflush(stdout) == 0)
		return true;
	return error_set(err, ERROR_INPUT, "cannot write to standard output");
}

static bool
send_message(struct run *run, struct error *err)
{
	return run_read_configuration(run, err) && run_read_message(run, err)
	    && run_choose_account(run, err) && run_look_ahead(run)
	    && run_build_envelope(run, err) && run_complete_message(run, err)
	    && run_get_secrets(run, err) && run_submit(run, err);
}

/* What addresses become, without a message. */
static bool
verify(struct run *run, struct error *err)
{
	struct str text = { 0 };
	bool ok = run_read_configuration(run, err)
	    && run_choose_account(run, err) && run_build_envelope(run, err);

	if (ok) {
		verify_print(&text, &run->account, &run->envelope);
		ok = print(&text, err);
	}
	str_free(&text);
	return ok;
}

/* A message is read only if the answer depends on it. */
static bool
find_account(struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;
	bool needs_message =
	    cmdline->recipients_from_header || cmdline->read_envelope_from;

	return run_read_configuration(run, err)
	    && (!needs_message || run_read_message(run, err))
	    && run_choose_account(run, err);
}

/* Without recipients there is no envelope, only a sender. */
static bool
has_recipients(const struct run *run)
{
	return run->cmdline->operands.count > 0
	    || run->cmdline->recipients_from_header;
}

/* As far as it comes: what is wrong shows best behind what was right. */
static bool
explain_run(struct run *run, struct error *err)
{
	struct str text = { 0 };
	bool ok = find_account(run, err);

	process_catch_signals();
	explain_begin(run, &text);
	ok = ok
	    && (has_recipients(run) ? run_build_envelope(run, err)
				    : run_set_sender(run, err))
	    && explain(run, &text, err);
	if (ok)
		ok = print(&text, err);
	else
		print(&text, NULL);
	str_free(&text);
	return ok;
}

static bool
pretend(struct run *run, struct error *err)
{
	struct str text = { 0 };
	bool ok = find_account(run, err) && run_build_envelope(run, err);

	if (ok) {
		pretend_print(&text, &run->account, &run->envelope);
		ok = print(&text, err);
	}
	str_free(&text);
	return ok;
}

static bool
show_server(struct run *run, struct error *err)
{
	struct delivery_params params;
	struct str text = { 0 };
	bool ok = run_read_configuration(run, err)
	    && run_choose_account(run, err) && run_prepare_tls(run, err);

	if (ok) {
		run_delivery_params(run, &params);
		ok = serverinfo(&params, &text, err);
		ok = print(&text, err) && ok;
	}
	str_free(&text);
	return ok;
}

static bool
probe_servers(struct run *run, struct error *err)
{
	struct delivery_params params;
	struct str text = { 0 };
	bool ok = find_account(run, err)
	    && (!has_recipients(run) || run_build_envelope(run, err))
	    && run_get_secrets(run, err);

	if (ok) {
		process_catch_signals();
		run_delivery_params(run, &params);
		ok = probe(&params, &run->envelope, &text, err);
		ok = print(&text, err) && ok;
	}
	str_free(&text);
	return ok;
}

/* No file is read: this is how to come by one. */
static bool
print_configuration(struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;
	struct account *a = &run->account;
	struct dns_source dns;
	struct str text = { 0 };
	char *address = NULL;
	bool ok;

	account_init(a,
	    cmdline->account != NULL ? cmdline->account : "default");
	ok = configure_begin(a, cmdline->address, &address, err)
	    && cmdline_apply(cmdline, a, run->user->home, &run->notes, err)
	    && account_finish(a, run->user, &run->notes, err);
	if (ok) {
		process_catch_signals();
		dns_source_init(&dns, &a->dns);
		ok = configure(a, address, &dns, &text, err)
		    && print(&text, err);
	}
	free(address);
	str_free(&text);
	return ok;
}

/* Asks the server to send what it keeps for a host; says nothing if it will. */
static bool
run_remote_queue(struct run *run, struct error *err)
{
	char *line = etrn_line(run->cmdline->node, err);
	struct delivery_params params;
	bool ok = line != NULL && run_read_configuration(run, err)
	    && run_choose_account(run, err) && run_look_ahead(run)
	    && run_get_secrets(run, err);

	if (ok) {
		process_catch_signals();
		run_delivery_params(run, &params);
		ok = remote_queue_start(&params, line, err);
	}
	free(line);
	return ok;
}

/* There is no queue, so it is always empty; monitoring wants these words. */
static bool
print_queue(struct run *run, struct error *err)
{
	struct str text = { 0 };
	bool ok;

	(void)run;
	str_add(&text, "Mail queue is empty\n");
	ok = print(&text, err);
	str_free(&text);
	return ok;
}

static bool
print_with(struct run *run,
    void (*make)(const struct cmdline *cmdline, struct str *out),
    struct error *err)
{
	struct str text = { 0 };
	bool ok;

	make(run->cmdline, &text);
	ok = print(&text, err);
	str_free(&text);
	return ok;
}

static bool
print_help(struct run *run, struct error *err)
{
	return print_with(run, usage_help, err);
}

static bool
print_version(struct run *run, struct error *err)
{
	return print_with(run, usage_version, err);
}

static void
list_options(const struct cmdline *cmdline, struct str *out)
{
	(void)cmdline;
	option_list(out);
}

static bool
print_options(struct run *run, struct error *err)
{
	return print_with(run, list_options, err);
}

/* The queue is empty, so it has been run; nobody keeps host statistics. */
static bool
do_nothing(struct run *run, struct error *err)
{
	(void)run;
	(void)err;
	return true;
}

/* What each mode does, and whether it is a message whose fate is logged. */
static const struct {
	bool (*run)(struct run *run, struct error *err);
	bool sends;
} modes[] = {
	[MODE_SEND] = { send_message, true },
	[MODE_SERVE] = { serve, false },
	[MODE_PRINT_QUEUE] = { print_queue, false },
	[MODE_INIT_ALIASES] = { run_check_aliases, false },
	[MODE_HOST_STATUS] = { do_nothing, false },
	[MODE_RUN_QUEUE] = { do_nothing, false },
	[MODE_VERIFY] = { verify, false },
	[MODE_CONFIGURE] = { print_configuration, false },
	[MODE_EXPLAIN] = { explain_run, false },
	[MODE_PRETEND] = { pretend, false },
	[MODE_PROBE] = { probe_servers, false },
	[MODE_SERVERINFO] = { show_server, false },
	[MODE_REMOTE_QUEUE] = { run_remote_queue, false },
	[MODE_LIST_OPTIONS] = { print_options, false },
	[MODE_VERSION] = { print_version, false },
	[MODE_HELP] = { print_help, false },
};

int
main(int argc, char *argv[])
{
	struct cmdline cmdline = { .name = "veredus", .errors = ERRORS_PRINT };
	struct user user = { 0 };
	struct run run = { .cmdline = &cmdline,
		.user = &user,
		.start = clock_now() };
	struct error err = { 0 };
	bool strict = cmdline_personality(argc > 0 ? argv[0] : NULL)
	    != PERSONALITY_VEREDUS;
	int status;

	if (process_start(strict, &run.no_input, &err)
	    && cmdline_parse(&cmdline, argc, argv, &err)) {
		user_init_caller(&user);
		if (!modes[cmdline.mode].run(&run, &err)
		    && cmdline.mode == MODE_SEND)
			run_drain_input(&run);
	}
	status = outcome_tell(&run, &err, modes[cmdline.mode].sends);
	run_free(&run);
	user_free(&user);
	cmdline_free(&cmdline);
	error_free(&err);
	return status;
}
