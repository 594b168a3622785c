/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "config/credentials.h"
#include "config/resolve.h"
#include "config/select.h"
#include "delivery/deliver.h"
#include "report/terminal.h"
#include "report/watch.h"
#include "submission/envelope.h"

/* An input that never ends is not read to its end. */
#define DRAIN_MAX ((uint64_t)1024 * 1024 * 1024)

void
run_begin(struct run *run, const struct cmdline *cmdline)
{
	*run = (struct run){ .cmdline = cmdline };
	submission_begin(&run->submission, cmdline, &run->user, &run->account,
	    &run->aliases);
}

void
run_next_submission(struct run *run)
{
	submission_free(&run->submission);
	submission_begin(&run->submission, run->cmdline, &run->user,
	    &run->account, &run->aliases);
	session_facts_free(&run->facts);
}

bool
run_read_configuration(struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;
	struct config_sources sources = { .user = &run->user };
	char *user_file;
	bool ok;

	if (cmdline_has_host(cmdline))
		return true;
	user_file = cmdline->config_file != NULL
	    ? alloc_string(cmdline->config_file)
	    : config_user_file(&run->user);
	sources.user_file = user_file;
	sources.user_must_exist = cmdline->config_file != NULL;
	sources.system_file = config_system_file();
	ok = config_read(&run->config, &sources, err);
	free(user_file);
	return ok;
}

void
run_drain_input(struct run *run)
{
	char block[16384];
	uint64_t drained = 0;
	ssize_t n;

	if (run->no_input || run->submission.message_read
	    || isatty(STDIN_FILENO))
		return;
	do {
		n = read(STDIN_FILENO, block, sizeof(block));
		drained += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 && drained < DRAIN_MAX);
}

/* Copies the settings of the account that fits the command line. */
static bool
choose_settings(struct run *run, struct settings *settings, struct error *err)
{
	const struct cmdline *cmdline = run->cmdline;
	char *header_sender = NULL;
	bool ok;

	if (cmdline_has_host(cmdline)) {
		settings_init(settings, "default");
		return true;
	}
	if (cmdline->read_envelope_from && cmdline->sender == NULL)
		header_sender = submission_header_sender(&run->submission);
	alloc_replace(&run->choice_sender,
	    header_sender != NULL ? header_sender : cmdline->sender);
	ok = config_select(&run->config, &run->user, cmdline->account,
	    run->choice_sender, &run->choice, err);
	if (ok)
		settings_copy(settings, run->choice.settings);
	if (ok && header_sender != NULL)
		submission_use_sender(&run->submission, header_sender,
		    SENDER_FROM_HEADER);
	free(header_sender);
	return ok;
}

bool
run_choose_account(struct run *run, struct error *err)
{
	struct settings settings = { 0 };
	bool ok;

	if (!choose_settings(run, &settings, err))
		return false;
	ok = cmdline_apply(run->cmdline, &settings, run->user.home, &run->notes,
	    err);
	/* A wrong option is logged as the account says, too. */
	if (!account_resolve(&run->account, &settings, &run->user,
		ok ? &run->notes : NULL, ok ? err : NULL))
		ok = false;
	settings_free(&settings);
	if (ok)
		log_set_facility(run->account.syslog);
	return ok;
}

/* With `host srv` and `host mx` the hosts are not known yet, and with `dane on`
 * other questions are asked about them. */
void
run_start_lookup(struct run *run)
{
	const struct account *account = &run->account;

	resolve_free(&run->lookup);
	if (!account_uses_srv(account) && !account_uses_mx(account)
	    && account->dane != DANE_ON)
		connect_start_lookup(&account->server, &run->lookup);
}

bool
run_prepare_tls(struct run *run, struct error *err)
{
	const char *keylog = run->cmdline->tls_keylog;

	return tls_prepare(&run->account.tls, &run->tls, err)
	    && (keylog == NULL || tls_log_keys(run->tls, keylog, err));
}

bool
run_get_secrets(struct run *run, struct error *err)
{
	bool may_ask = run->cmdline->personality == PERSONALITY_VEREDUS;

	if (!run_prepare_tls(run, err))
		return false;
	return credentials_get(&run->account, &run->user, may_ask, &run->auth,
	    err);
}

void
run_delivery_params(struct run *run, struct delivery_params *params)
{
	*params = (struct delivery_params){ .account = &run->account,
		.tls = run->tls,
		.sts = mta_sts_prepare(&run->mta_sts, &run->account, &run->user,
		    &run->notes),
		.auth = &run->auth,
		.lookup = &run->lookup,
		.deadline =
		    clock_after_seconds(run->account.session.deadline) };
	if (run->cmdline->verbose || run->cmdline->debug)
		params->trace = terminal_trace;
}

bool
run_submit(struct run *run, struct error *err)
{
	struct delivery_params params;
	struct watch watch;
	bool ok;

	process_catch_signals();
	run_delivery_params(run, &params);
	params.observers =
	    watch_begin(&watch, run->cmdline, &run->submission.message);
	ok = deliver(&params, &run->submission.envelope,
	    &run->submission.message, &run->facts, err);
	watch_end(&watch);
	return ok;
}

void
run_free(struct run *run)
{
	user_free(&run->user);
	config_free(&run->config);
	account_free(&run->account);
	free(run->choice_sender);
	resolve_free(&run->lookup);
	strv_free(&run->notes);
	submission_free(&run->submission);
	credentials_free(&run->auth);
	tls_context_free(run->tls);
	mta_sts_free(&run->mta_sts);
	aliases_free(&run->aliases);
	session_facts_free(&run->facts);
}
