/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resolves the accounts of a session in advance, because after the sandbox was
 * entered, no rule can be added.
 */
#include "modes/session_accounts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "config/cmdline.h"
#include "config/resolve.h"
#include "config/select.h"

/* Adds the account that is made from the settings, if they make one. */
static void
add_account(struct context *context, const struct settings *settings)
{
	struct account *a = alloc_zeroed(1, sizeof(*a));

	if (account_resolve(a, settings, &context->user, NULL, NULL)) {
		account_monitor_add(&context->monitor, a);
		return;
	}
	account_free(a);
	free(a);
}

/* Takes the settings. */
static void
add_with_options(struct context *context, struct settings *settings)
{
	if (cmdline_apply(context->cmdline, settings, context->user.home, NULL,
		NULL))
		add_account(context, settings);
	settings_free(settings);
}

static void
add_selectable(struct context *context, const struct settings *given)
{
	struct settings settings = { 0 };

	/* To copy the settings costs as much as to resolve them. */
	if (context->cmdline->override_count == 0) {
		add_account(context, given);
		return;
	}
	settings_copy(&settings, given);
	add_with_options(context, &settings);
}

void
context_find_accounts(struct context *context)
{
	const struct config *config = &context->config;
	const struct cmdline *cmdline = context->cmdline;
	struct settings settings = { 0 };

	if (cmdline_has_host(cmdline)) {
		settings_init(&settings, "default");
		/* The sender will name the domain of `host srv`. */
		settings.values.domain_of = alloc_string("invalid");
		add_with_options(context, &settings);
		return;
	}
	for (size_t i = 0; i < config->count; i++)
		if (config_may_select(config, config->accounts[i],
			cmdline->account))
			add_selectable(context, config->accounts[i]);
}
