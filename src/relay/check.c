/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks each account of a service as far as that needs no server. */
#include "relay/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/credentials.h"
#include "config/resolve.h"
#include "modes/check_account.h"
#include "modes/folder_check.h"
#include "queue/rate.h"
#include "relay/policy.h"

/* Accounts that inherit from each other have the same errors. */
static void
add_line(struct context *context, const char *text)
{
	if (!strv_has(&context->problems, text))
		strv_add(&context->problems, text);
}

/* Moves the error to the list. */
static void
add_problem(struct context *context, struct error *err)
{
	char *text;

	if (!error_is_set(err))
		return;
	text = error_describe(err);
	add_line(context, text);
	free(text);
	error_free(err);
}

/* Names the setting that a folder or file comes from, and moves the error to the
 * list. */
static void
add_setting_problem(struct context *context, const struct account *account,
    const char *setting, struct error *err)
{
	struct str place = { 0 };

	account_describe_setting(account, setting, &place);
	error_prefix(err, "%s", str_text(&place));
	str_free(&place);
	add_problem(context, err);
}

/* Moves the failures to the list. */
static void
add_failures(struct context *context, struct findings *found)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->items[i].level == FINDING_FAIL)
			add_line(context, found->items[i].text);
	findings_free(found);
}

static void
check_files(struct context *context, const struct account *account)
{
	struct findings found = { 0 };
	struct auth_params auth = { 0 };
	struct error err = { 0 };

	if (!credentials_get(account, &context->user, NULL, false, &auth, &err))
		check_add_error(&found, ITEM_PASSWORD, account, &err);
	credentials_free(&auth);
	error_free(&err);
	check_tls_files(account, &found);
	check_proxy_login(account, &context->user, &found);
	check_aliases_file(account, &context->user, &found);
	if (geteuid() != 0)
		check_archive(account, &found);
	add_failures(context, &found);
}

/* Root may use every folder, and is not the user of the service. */
static void
check_queue_folder(struct context *context, const struct account *account)
{
	const struct queue_params *queue = &account->queue;
	struct error err = { 0 };
	bool exists;

	if (geteuid() == 0)
		return;
	if ((queue->mode != QUEUE_MODE_OFF || rate_limits(queue) != 0)
	    && queue->folder != NULL
	    && !folder_check_queue(queue->folder, &exists, &err))
		add_setting_problem(context, account, "queue_dir", &err);
}

static void
check_settings(struct context *context, const struct settings *settings)
{
	struct account account = { 0 };
	struct strv found = { 0 };
	struct error err = { 0 };

	policy_check_settings(settings, &context->user, &found);
	for (size_t i = 0; i < found.count; i++)
		add_line(context, found.items[i]);
	strv_free(&found);
	if (account_resolve(&account, settings, &context->user, NULL, &err)) {
		check_files(context, &account);
		check_queue_folder(context, &account);
	}
	/* The wrong line is told already; what follows from it is no other
	 * error. */
	if (account_has_wrong(&settings->values, "host")
	    || account_has_wrong(&settings->values, "socket"))
		error_free(&err);
	else
		add_problem(context, &err);
	account_free(&account);
}

bool
service_check(struct context *context, struct error *err)
{
	const struct config *config = &context->config;
	struct error found = { 0 };

	if (geteuid() == 0)
		strv_add(&context->submission.warnings,
		    "no folder was tried: root may use each, the user of the "
		    "service may not");
	if (!context_read_config(context, &found)) {
		strv_copy(&context->problems, &config->errors);
		if (config->errors.count == 0)
			add_problem(context, &found);
		error_free(&found);
	}
	for (size_t i = 0; i < config->count; i++)
		check_settings(context, config->accounts[i]);
	if (config->count == 0 && context->problems.count == 0)
		strv_add(&context->problems,
		    "the file of the service has no account");
	return context->problems.count == 0
	    || error_set(err, ERROR_CONFIG, "%zu errors in the configuration",
		context->problems.count);
}
