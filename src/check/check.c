/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what all accounts share, and then one account after the other. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "check/account.h"
#include "check/config.h"
#include "check/finding.h"
#include "check/login.h"
#include "check/queue.h"
#include "check/remedy.h"
#include "check/server.h"
#include "config/credentials.h"
#include "modes/plugin.h"

/* In seconds: for one reply, for all of an account, and for all accounts of a
 * plugin, which monitoring systems end after a minute. */
#define REPLY_SECONDS 20
#define ACCOUNT_SECONDS 45
#define MONITOR_SECONDS 50

struct run {
	struct context *context;
	check_more_fn *more;
	int64_t end;    /* of the tests of servers (base/clock.h) */
	bool is_usable; /* no error concerns all accounts */
	struct findings *f;
};

/* Selects the account of that name (NULL: of --host), as -a does. */
static bool
select_account(struct context *context, const char *name, struct error *err)
{
	const struct cmdline *given = context->cmdline;
	struct cmdline chosen = *given;
	char *copy = alloc_string(name);
	bool ok;

	chosen.account = copy;
	context->cmdline = &chosen;
	ok = context_select_account(context, err);
	context->cmdline = given;
	free(copy);
	return ok;
}

static void
add_selection_error(const struct context *context, const char *name,
    const struct error *err, struct findings *f)
{
	findings_add_error(f, ITEM_ACCOUNT, err);
	findings_mend(f, "%s",
	    name != NULL && config_find(&context->config, name) == NULL
		? "name another account with -a"
		: "change the setting that this names: see veredus.conf(5)");
}

/* Whether a message to the recipients of the command line uses the account of that
 * name (NULL: of --host). */
static bool
is_for_recipients(const struct context *context, const char *name)
{
	const struct cmdline *cmdline = context->cmdline;
	struct selection selection;

	if (cmdline->operands.count == 0)
		return false;
	return name == NULL
	    || (config_select(&context->config, &context->user,
		    cmdline->account, cmdline->sender, &selection, NULL)
		&& strcmp(selection.settings->values.name, name) == 0);
}

/* Whether there is an account for a message to the recipients.  Without -f, the
 * sender is not known. */
static void
check_recipients(const struct context *context, struct findings *f)
{
	const struct cmdline *cmdline = context->cmdline;
	const struct config *config = &context->config;
	struct selection selection;
	struct error err = { 0 };

	if (cmdline->operands.count == 0 || cmdline_has_host(cmdline)
	    || cmdline->account != NULL || config->count == 0
	    || config->errors.count > 0
	    || config_select(config, &context->user, NULL, cmdline->sender,
		&selection, &err))
		return;
	findings_add_error(f, ITEM_RCPT, &err);
	findings_mend(f,
	    "name the sender with -f, or add the line \"account default : %s\" "
	    "to %s",
	    config->accounts[0]->values.name,
	    config->accounts[0]->values.origin.file);
	error_free(&err);
}

static bool
is_offline(const struct cmdline *cmdline)
{
	return cmdline->offline || cmdline->service;
}

static void
add_untested(struct findings *f)
{
	struct str command = { 0 };

	findings_add(f, FINDING_WARN, ITEM_SERVER,
	    "not tested: the accounts before took %d s together",
	    MONITOR_SECONDS);
	remedy_add_command(&command, &f->target, "--check --monitor",
	    f->account);
	findings_mend(f, "%s, in a check of its own", str_text(&command));
	str_free(&command);
}

/* A limit of 0 is none, or a high one. */
static void
limit(unsigned *seconds, unsigned most)
{
	if (*seconds == 0 || *seconds > most)
		*seconds = most;
}

/* Who waits for a check waits less than a message does. */
static void
limit_times(struct account *a, int64_t end)
{
	int64_t total =
	    clock_earlier(end, clock_after_seconds(ACCOUNT_SECONDS));

	limit(&a->server.connect_timeout, REPLY_SECONDS);
	limit(&a->session.timeout, REPLY_SECONDS);
	limit(&a->dns_timeout, REPLY_SECONDS);
	limit(&a->session.deadline,
	    (unsigned)(clock_poll_timeout(total) / 1000) + 1);
}

/* Returns false after a signal. */
static bool
check_selected(const struct run *run, const char *name, struct error *err)
{
	struct context *context = run->context;
	struct findings *f = run->f;
	bool has_server = check_account(context, f);

	limit_times(&context->account, run->end);
	if (!has_server || is_offline(context->cmdline))
		(void)check_login(context, true, f);
	else if (clock_has_passed(run->end))
		add_untested(f);
	else
		return check_server(context, is_for_recipients(context, name),
		    f, err);
	return true;
}

/* A line that is wrong may be the one that protects the password: its account is
 * not used without it, as no message is sent.  Returns whether that is so. */
static bool
add_unchecked(const struct run *run, const char *name, struct findings *f)
{
	const struct settings *wrong = name != NULL
	    ? config_find_wrong(&run->context->config, name)
	    : NULL;
	struct str place = { 0 };

	if (run->is_usable && wrong == NULL)
		return false;
	if (run->is_usable)
		origin_describe(&(struct origin){ .kind = ORIGIN_FILE,
				    .file = wrong->values.origin.file,
				    .line = wrong->error_line },
		    &place);
	check_add_unchecked(f, ITEM_ACCOUNT,
	    run->is_usable ? str_text(&place) : NULL);
	str_free(&place);
	return true;
}

/* Returns false after a signal. */
static bool
select_and_check(const struct run *run, const char *name, struct error *err)
{
	struct context *context = run->context;
	struct error why = { 0 };
	bool ok = true;

	if (!select_account(context, name, &why))
		add_selection_error(context, name, &why, run->f);
	else
		ok = check_selected(run, name, err);
	auth_params_free(&context->auth);
	error_free(&why);
	return ok;
}

/* Returns false after a signal. */
static bool
check_one(const struct run *run, const char *name, struct error *err)
{
	bool ok;

	run->f->account = name != NULL ? name : "default";
	ok = add_unchecked(run, name, run->f)
	    || select_and_check(run, name, err);
	run->f->account = NULL;
	return ok;
}

/* Calls `more` for the account as well. */
static bool
check_settings(const struct run *run, const struct settings *settings,
    struct error *err)
{
	if (run->more != NULL) {
		run->f->account = settings->values.name;
		run->more(settings, &run->context->user, run->f);
	}
	return check_one(run, settings->values.name, err);
}

/* The names of the accounts stay while the configuration does. */
static bool
check_accounts(const struct run *run, struct error *err)
{
	const struct cmdline *cmdline = run->context->cmdline;
	const char *name = cmdline->account;
	const struct config *config = &run->context->config;
	bool ok = true;

	if (cmdline_has_host(cmdline)
	    || (name != NULL && config_find(config, name) == NULL))
		return check_one(run, name, err);
	for (size_t i = 0; i < config->count && ok; i++) {
		const struct settings *settings = config->accounts[i];

		if (name == NULL || strcmp(settings->values.name, name) == 0)
			ok = check_settings(run, settings, err);
	}
	return ok;
}

static void
print_findings(struct context *context, const struct findings *f,
    struct str *out)
{
	const struct cmdline *cmdline = context->cmdline;
	int status = findings_exit_status(f);

	if (status != EX_OK && cmdline->service)
		status = EX_CONFIG;
	context->exit_status = status;
	if (cmdline->monitor)
		context->exit_status = findings_print_monitor(f, out);
	else if (cmdline->json)
		findings_print_json(f, status, out);
	else
		findings_print(f, out);
}

/* A part says nothing about the whole: a plugin does not know then.  Returns
 * whether that is all that is to be told of the error. */
static bool
print_part(struct context *context, struct findings *f, struct error *err,
    struct str *out)
{
	findings_add_error(f, ITEM_CONFIG, err);
	findings_mend(f, "start the check again");
	if (context->cmdline->monitor) {
		plugin_add_unknown(out, "VEREDUS", err);
		error_free(err);
		context->exit_status = PLUGIN_UNKNOWN;
		return true;
	}
	if (context->cmdline->json)
		findings_print_json(f, error_exit_status(err), out);
	else
		findings_print(f, out);
	return false;
}

/* Root checks for the usual user. */
static struct check_target
target_of(const struct context *context)
{
	bool of_service = context->cmdline->service;

	return (struct check_target){
		.config_file = context->cmdline->config_file,
		.cmdline = context->cmdline,
		.of_service = of_service,
		.service_user = !of_service ? NULL
		    : geteuid() == 0        ? REMEDY_SERVICE_USER
					    : context->user.login,
	};
}

bool
check(struct context *context, check_more_fn *more, struct str *out,
    struct error *err)
{
	bool monitor = context->cmdline->monitor;
	struct findings found = { 0 };
	struct run run = { .context = context,
		.more = more,
		.end = monitor ? clock_after_seconds(MONITOR_SECONDS)
			       : CLOCK_NEVER,
		.f = &found };
	bool ok;

	context_find_user(context);
	found.target = target_of(context);
	run.is_usable = check_read_config(context, &found);
	check_selection(context, &found);
	check_recipients(context, &found);
	if (!context->cmdline->service)
		check_users(context, &found);
	check_sandbox(&found);
	check_queue(context, &found);
	ok = check_accounts(&run, err);
	findings_merge(&found);
	if (ok)
		print_findings(context, &found, out);
	else
		ok = print_part(context, &found, err, out);
	findings_free(&found);
	return ok;
}

void
check_print_error(const struct error *err, struct str *out)
{
	struct findings found = { 0 };

	findings_add_error(&found, ITEM_CONFIG, err);
	findings_mend(&found, "change the command line");
	findings_print_json(&found, error_exit_status(err), out);
	findings_free(&found);
}
