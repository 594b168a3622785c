/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the account of --configure, and writes it to the user's file. */
#include "configure/run.h"

#include <stdlib.h>

#include "config/providers.h"
#include "config/resolve.h"
#include "configure/configure.h"
#include "configure/keyring.h"
#include "configure/write.h"
#include "modes/output.h"

/* Appends the account to the text, and writes it to the user's file. */
static bool
find_servers(struct context *context, const char *address,
    const struct configure_target *target, const struct str *table,
    struct str *text, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	const struct account *a = &context->account;
	struct dns_source dns;
	struct configure_request request = { .account = a,
		.address = address,
		.provider = cmdline->provider,
		.table = table,
		.online = cmdline->online,
		.keyring = cmdline->keyring,
		.dns = &dns,
		.user = &context->user };
	struct configure_todo todo = { 0 };
	bool ok;

	dns_source_init(&dns, &a->dns);
	ok = configure(&request, text, &todo, err)
	    && (!cmdline->write || configure_write(target, a->name, text, err));
	if (ok && cmdline->write)
		configure_next_steps(target, a->name, &todo, text);
	configure_todo_free(&todo);
	return ok;
}

bool
configure_run(struct context *context, struct str *out, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	struct settings settings;
	struct configure_target target;
	struct str text = { 0 }, table = { 0 };
	char *address = NULL;
	bool given = cmdline->account != NULL, ok;

	configure_target_find(&target, &context->user, cmdline->write);
	settings_init(&settings, given ? cmdline->account : "default");
	ok = (!cmdline->keyring || configure_keyring_check(err))
	    && providers_read(&table, err)
	    && configure_check_provider(cmdline->provider, &table, err)
	    && configure_begin(&settings, cmdline->address, &context->user,
		&address, err)
	    && configure_name(&settings, given, address, &target, &text, err)
	    && cmdline_apply(cmdline, &settings, context->user.home,
		&context->notes, err)
	    && account_resolve(&context->account, &settings, &context->user,
		&context->notes, err);
	settings_free(&settings);
	ok = ok && find_servers(context, address, &target, &table, &text, err);
	if (ok)
		str_append(out, text.data, text.len);
	/* What was done is said even if the rest cannot be. */
	if (ok && cmdline->write && !output_flush(out, err))
		ok = error_prefix(err, "the account is now in %s", target.file);
	configure_target_free(&target);
	str_free(&text);
	str_free(&table);
	free(address);
	return ok;
}
