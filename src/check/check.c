/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what all accounts share, and then one account after the other. */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "check/account.h"
#include "check/config.h"
#include "check/finding.h"
#include "check/login.h"
#include "check/queue.h"
#include "check/server.h"
#include "config/credentials.h"

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

/* A wrong line was told already, and what follows from it is no other error. */
static void
add_selection_error(const struct context *context, const char *name,
    const struct error *err, struct findings *f)
{
	const struct account *a = &context->account;

	if (account_has_wrong(a, "host") || account_has_wrong(a, "socket"))
		return;
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

static bool
is_offline(const struct cmdline *cmdline)
{
	return cmdline->offline || cmdline->service;
}

/* Returns false after a signal. */
static bool
check_one(struct context *context, const char *name, struct findings *f,
    struct error *err)
{
	struct error why = { 0 };
	bool ok = true;

	f->account = name != NULL ? name : "default";
	if (!select_account(context, name, &why))
		add_selection_error(context, name, &why, f);
	else if (!check_account(context, f) || is_offline(context->cmdline))
		(void)check_login(context, true, f);
	else
		ok = check_server(context, is_for_recipients(context, name), f,
		    err);
	credentials_free(&context->auth);
	error_free(&why);
	f->account = NULL;
	return ok;
}

/* Calls `more` for the account as well. */
static bool
check_settings(struct context *context, const struct settings *settings,
    check_more_fn *more, struct findings *f, struct error *err)
{
	if (more != NULL) {
		f->account = settings->values.name;
		more(settings, &context->user, f);
	}
	return check_one(context, settings->values.name, f, err);
}

/* The names of the accounts stay while the configuration does. */
static bool
check_accounts(struct context *context, check_more_fn *more, struct findings *f,
    struct error *err)
{
	const char *name = context->cmdline->account;
	const struct config *config = &context->config;
	bool ok = true;

	if (cmdline_has_host(context->cmdline)
	    || (name != NULL && config_find(config, name) == NULL))
		return check_one(context, name, f, err);
	for (size_t i = 0; i < config->count && ok; i++) {
		const struct settings *settings = config->accounts[i];

		if (name == NULL || strcmp(settings->values.name, name) == 0)
			ok = check_settings(context, settings, more, f, err);
	}
	return ok;
}

static void
print(const struct context *context, const struct findings *f, struct str *out,
    int *status)
{
	*status = findings_exit_status(f);
	if (*status != EX_OK && context->cmdline->service)
		*status = EX_CONFIG;
	if (context->cmdline->monitor)
		*status = findings_print_monitor(f, out);
	else if (context->cmdline->json)
		findings_print_json(f, out);
	else
		findings_print(f, out);
}

bool
check(struct context *context, check_more_fn *more, struct str *out,
    struct error *err)
{
	struct findings found = { 0 };
	bool ok;

	context_find_user(context);
	check_read_config(context, &found);
	check_selection(context, &found);
	if (!context->cmdline->service)
		check_users(context, &found);
	check_sandbox(&found);
	check_queue(context, &found);
	ok = check_accounts(context, more, &found, err);
	findings_merge(&found);
	print(context, &found, out, &context->exit_status);
	findings_free(&found);
	return ok;
}
