/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the configuration, selects and prepares the account, and passes both
 * on to deliveries and reports.
 */
#include "modes/context.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "config/credentials.h"
#include "config/differences.h"
#include "config/password_file.h"
#include "config/queue.h"
#include "config/resolve.h"
#include "delivery/tls_required.h"
#include "mail/path.h"
#include "net/connect.h"
#include "report/report_file.h"
#include "report/terminal.h"
#include "submission/envelope.h"
#include "submission/filter.h"

/* Seconds; a younger token is not replaced after the server has rejected it. */
#define TOKEN_AGE_MIN 60

static void
free_queue(struct report_queue *queue)
{
	error_free(&queue->reason);
	error_free(&queue->failure);
	*queue = (struct report_queue){ 0 };
}

void
context_init(struct context *context, const struct cmdline *cmdline)
{
	*context = (struct context){ .cmdline = cmdline };
	context_next_submission(context);
}

void
context_next_submission(struct context *context)
{
	submission_free(&context->submission);
	submission_begin(&context->submission, context->cmdline, &context->user,
	    &context->account, &context->aliases);
	session_log_free(&context->session);
	recorder_reset(context->recorder);
	context->queue_id = (struct queue_id){ "" };
	free_queue(&context->queue);
}

/*
 * --host and --socket make an account "default" of their own.  Of the system
 * file only its lock counts then; a caller who cannot read it, or an error in
 * it, changes nothing.
 */
static bool
check_host_allowed(const struct context *context,
    const struct config_sources *sources, struct error *err)
{
	struct config config = { 0 };
	const struct settings *locked;
	bool ok;

	config_read(&config, sources, NULL);
	locked = config_find_locked(&config, "default");
	ok = locked == NULL
	    || cmdline_respects_lock(context->cmdline, locked, err);
	config_free(&config);
	return ok;
}

void
context_find_user(struct context *context)
{
	struct user caller;
	char *name;

	if (!context->cmdline->service) {
		user_init_caller(&context->user);
		return;
	}
	user_init_caller(&caller);
	name = user_name(&caller);
	user_init_service(&context->user, caller.uid, name);
	free(name);
	user_free(&caller);
}

static bool
read_service_config(struct context *context, struct error *err)
{
	const char *given = context->cmdline->config_file;
	const struct config_sources sources = { .user = &context->user,
		.service_file = given != NULL ? given : config_service_file() };

	return config_read(&context->config, &sources, err)
	    && config_check_queue(&context->config, err);
}

bool
context_read_config(struct context *context, struct error *err)
{
	const char *given = context->cmdline->config_file;
	struct config_sources sources = { .user = &context->user };
	char *user_file;
	bool ok;

	sources.system_file = config_system_file();
	if (context->cmdline->service)
		return read_service_config(context, err);
	if (cmdline_has_host(context->cmdline))
		return check_host_allowed(context, &sources, err);
	user_file = given != NULL ? alloc_string(given)
				  : config_user_file(&context->user);
	sources.user_file = user_file;
	sources.user_must_exist = given != NULL;
	sources.user_yields =
	    context->cmdline->personality != PERSONALITY_VEREDUS;
	ok = config_read(&context->config, &sources, err)
	    && config_check_queue(&context->config, err);
	free(user_file);
	return ok;
}

/* Without a file, the sender names the domain for `host srv`. */
static void
use_sender_domain(const struct cmdline *cmdline, struct settings *settings)
{
	const char *sender = cmdline->sender;

	if (sender != NULL && *sender != '\0')
		alloc_replace(&settings->values.domain_of, path_domain(sender));
}

/*
 * Finds the settings of the account that matches the command line.  They are
 * copied only if there are options that change them, because a copy costs as much
 * as all else here; otherwise *chosen belongs to the configuration.
 */
static bool
select_settings(struct context *context, struct settings *copy,
    const struct settings **chosen, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	char *header_sender = NULL;
	bool ok;

	*chosen = copy;
	if (cmdline_has_host(cmdline)) {
		settings_init(copy, "default");
		use_sender_domain(cmdline, copy);
		return true;
	}
	if (cmdline->read_envelope_from && cmdline->sender == NULL)
		header_sender = submission_header_sender(&context->submission);
	alloc_replace(&context->selection_sender,
	    header_sender != NULL ? header_sender : cmdline->sender);
	ok = config_select(&context->config, &context->user, cmdline->account,
	    context->selection_sender, &context->selection, err);
	if (ok && cmdline->override_count > 0)
		settings_copy(copy, context->selection.settings);
	else if (ok)
		*chosen = context->selection.settings;
	if (ok && (*chosen)->values.locked)
		ok = cmdline_respects_lock(cmdline, *chosen, err);
	if (ok && header_sender != NULL)
		submission_use_sender(&context->submission, header_sender,
		    SENDER_FROM_HEADER);
	free(header_sender);
	return ok;
}

void
context_add_notes(const struct context *context, struct strv *out)
{
	const struct strv *const all[] = { &context->cmdline->notes,
		&context->config.notes, &context->notes,
		&context->differences };

	for (size_t i = 0; i < COUNT_OF(all); i++)
		for (size_t k = 0; k < all[i]->count; k++)
			strv_add(out, all[i]->items[k]);
}

static bool
is_verbose(const struct cmdline *cmdline)
{
	return cmdline->verbose || cmdline->debug;
}

/* Only who looks at the settings wants to know how msmtp, which has no service,
 * would read them. */
static void
find_differences(struct context *context, const struct settings *settings)
{
	const struct cmdline *cmdline = context->cmdline;

	strv_free(&context->differences);
	if (context->user.is_service)
		return;
	if (is_verbose(cmdline) || cmdline->mode == MODE_PRETEND
	    || cmdline->mode == MODE_EXPLAIN)
		differences_add(&settings->values, cmdline,
		    &context->differences);
}

static void
print_notes(const struct context *context)
{
	struct strv notes = { 0 };

	context_add_notes(context, &notes);
	for (size_t i = 0; i < notes.count; i++) {
		char *clean = text_printable(notes.items[i]);

		terminal_line("note: ", clean);
		free(clean);
	}
	strv_free(&notes);
}

bool
context_select_account(struct context *context, struct error *err)
{
	const struct settings *chosen;
	struct settings copy = { 0 };
	bool ok;

	if (!select_settings(context, &copy, &chosen, err)) {
		settings_free(&copy);
		return false;
	}
	ok = cmdline_apply(context->cmdline, &copy, context->user.home,
	    &context->notes, err);
	if (ok)
		find_differences(context, chosen);
	/* The account says where the error of a wrong option is logged. */
	if (!account_resolve(&context->account, chosen, &context->user,
		ok ? &context->notes : NULL, ok ? err : NULL))
		ok = false;
	settings_free(&copy);
	if (is_verbose(context->cmdline))
		print_notes(context);
	if (ok)
		log_set_facility(context->account.syslog);
	return ok;
}

/* In a session, the filter runs in the second process of all accounts. */
bool
context_filter_message(struct context *context, struct error *err)
{
	struct account_monitor alone = { 0 };
	const struct account_monitor *m = &context->monitor;
	bool ok = true;

	if (context->account.filter == NULL)
		return true;
	if (!monitor_is_started(&m->monitor)) {
		m = &alone;
		ok = account_monitor_start_alone(&alone, &context->account,
		    &context->user, err);
	}
	ok = ok && submission_filter(&context->submission, m, err);
	account_monitor_free(&alone);
	return ok;
}

/*
 * With `host srv` and `host mx` the DNS names the hosts, and with `dane on` it
 * is queried in another way.
 */
void
context_start_lookup(struct context *context)
{
	const struct account *account = &context->account;

	resolve_free(&context->lookup);
	if (!account_uses_srv(account) && !account_uses_mx(account)
	    && account->dane != DANE_ON)
		connect_start_lookup(&account->server, &context->lookup);
}

bool
context_prepare_connection(struct context *context, struct error *err)
{
	const char *keylog = context->cmdline->tls_keylog;

	if (keylog != NULL && context->account.tls.mode == TLS_OFF)
		strv_take(&context->submission.warnings,
		    alloc_printf("--tls-keylog: %s gets no keys, because TLS "
				 "is off",
			keylog));
	return password_of_proxy(&context->account, &context->user,
		   &context->proxy_password, err)
	    && tls_prepare(&context->account.tls, &context->tls, err)
	    && (keylog == NULL || tls_log_keys(context->tls, keylog, err));
}

/* An older token may have been revoked; whoever rejects one that has just been
 * made will reject the next one, too. */
static bool
token_may_be_replaced(const struct context *context)
{
	const struct auth_params *auth = &context->auth;

	return account_uses_oauth(&context->account) && !auth->token_is_new
	    && (int64_t)time(NULL) - auth->token_obtained > TOKEN_AGE_MIN;
}

/* A second process stands by to get another token, which this one cannot do in
 * the sandbox; that of a session does it for all accounts. */
static bool
start_monitor(struct context *context, struct error *err)
{
	return !token_may_be_replaced(context)
	    || monitor_is_started(&context->monitor.monitor)
	    || account_monitor_start_alone(&context->monitor, &context->account,
		&context->user, err);
}

static bool
renew_token(void *ctx, struct error *err)
{
	struct context *context = ctx;
	struct error why = { 0 };
	bool ok;

	if (!token_may_be_replaced(context)
	    || !account_monitor_has(&context->monitor, &context->account))
		return false;
	ok = account_monitor_replace_token(&context->monitor, &context->account,
	    &context->auth, &why);
	if (!ok)
		error_move(err, &why);
	return ok;
}

bool
context_get_login(struct context *context, bool may_ask, struct error *err)
{
	bool ok = credentials_get(&context->account, &context->user,
	    &context->monitor, may_ask, &context->auth, err);

	if (context->auth.token_warning != NULL)
		strv_add(&context->submission.warnings,
		    context->auth.token_warning);
	return ok && start_monitor(context, err);
}

void
context_delivery_params(struct context *context, struct delivery_params *params)
{
	const struct account *account = &context->account;

	*params = (struct delivery_params){ .account = account,
		.tls = context->tls,
		.sts = mta_sts_prepare(&context->mta_sts, account,
		    &context->user, &context->notes),
		.auth = &context->auth,
		.proxy_password = &context->proxy_password,
		.renew_token = renew_token,
		.renew_ctx = context,
		.lookup = &context->lookup,
		.deadline = clock_after_seconds(account->session.deadline) };
	if (is_verbose(context->cmdline))
		params->trace = terminal_trace;
	if (report_file_is_open())
		params->observers = recorder_begin(&context->recorder);
}

void
context_waive_policies(struct context *context, struct delivery_params *params)
{
	static const char note[] =
	    "DANE and MTA-STS are ignored, because the message says "
	    "\"TLS-Required: No\" (tls_required_no)";
	struct submission *s = &context->submission;

	tls_required_apply(params, &s->envelope, &s->message);
	if (params->ignores_policies && !strv_has(&s->notes, note))
		strv_add(&s->notes, note);
}

enum queue_mode
context_queue_mode(const struct context *context)
{
	const struct cmdline *cmdline = context->cmdline;
	const struct queue_params *queue = &context->account.queue;

	if (queue->mode == QUEUE_MODE_OFF || queue->folder == NULL
	    || cmdline_has_host(cmdline))
		return QUEUE_MODE_OFF;
	switch (cmdline->delivery) {
	case DELIVERY_BACKGROUND:
		return QUEUE_MODE_ALWAYS;
	case DELIVERY_QUEUE:
		return QUEUE_MODE_LATER;
	case DELIVERY_INTERACTIVE:
		return QUEUE_MODE_ON;
	case DELIVERY_DEFAULT:
		break;
	}
	return queue->mode;
}

struct report
context_report(struct context *context)
{
	recorder_end(context->recorder);
	return (struct report){ .submission = &context->submission,
		.config = &context->config,
		.session = &context->session,
		.login = context->auth.user != NULL
		    ? context->auth.user
		    : context->account.auth.user,
		.notes = &context->notes,
		.problems = &context->problems,
		.queue_id = context->queue_id.text,
		.queue = &context->queue,
		.recorder = context->recorder };
}

void
context_free(struct context *context)
{
	user_free(&context->user);
	config_free(&context->config);
	account_free(&context->account);
	free(context->selection_sender);
	resolve_free(&context->lookup);
	strv_free(&context->notes);
	strv_free(&context->problems);
	strv_free(&context->differences);
	submission_free(&context->submission);
	auth_params_free(&context->auth);
	secret_free(&context->proxy_password);
	account_monitor_free(&context->monitor);
	tls_context_free(context->tls);
	mta_sts_free(&context->mta_sts);
	aliases_free(&context->aliases);
	session_log_free(&context->session);
	free(context->recorder);
	free_queue(&context->queue);
}
