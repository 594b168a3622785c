/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the aliases files that the command line and the accounts name, and
 * collects the errors in them. */
#include "modes/check_aliases.h"

#include "base/host.h"
#include "mail/alias_expansion.h"
#include "mail/aliases.h"
#include "submission/envelope.h"

/* Adds the file that the account uses with the options of the command line. */
static bool
add_file(const struct context *context, const struct settings *account,
    struct strv *files, struct error *err)
{
	struct settings settings = { 0 };
	const char *file;
	bool ok;

	if (account != NULL)
		settings_copy(&settings, account);
	else
		settings_init(&settings, "default");
	ok = cmdline_apply(context->cmdline, &settings, context->user.home,
	    NULL, err);
	file = settings.values.aliases;
	if (ok && file != NULL && !strv_has(files, file))
		strv_add(files, file);
	settings_free(&settings);
	return ok;
}

/* Package scripts call newaliases before there is a configuration. */
static bool
find_files(const struct context *context, struct strv *files, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;
	const struct config *config = &context->config;
	struct selection selection = { 0 };

	if (cmdline->account != NULL || cmdline->sender != NULL)
		return cmdline_has_host(cmdline)
		    ? add_file(context, NULL, files, err)
		    : config_select(config, &context->user, cmdline->account,
			  cmdline->sender, &selection, err)
			&& add_file(context, selection.settings, files, err);
	if (config->count == 0)
		return add_file(context, NULL, files, err);
	for (size_t i = 0; i < config->count; i++)
		if (!add_file(context, config->accounts[i], files, err))
			return false;
	return true;
}

static bool
check_file(struct context *context, const char *file, const struct strv *hosts,
    struct error *err)
{
	struct aliases aliases = { .owner = context->user.uid };
	bool ok = submission_read_aliases(file, &aliases, NULL, err);

	if (ok)
		aliases_check(&aliases, hosts);
	for (size_t i = 0; i < aliases.errors.count; i++)
		strv_add(&context->problems, aliases.errors.items[i]);
	aliases_free(&aliases);
	return ok;
}

bool
check_aliases(struct context *context, struct error *err)
{
	const struct strv *problems = &context->problems;
	struct strv files = { 0 }, hosts = { 0 };
	bool ok = find_files(context, &files, err);

	host_local_names(&hosts);
	for (size_t i = 0; ok && i < files.count; i++)
		ok = check_file(context, files.items[i], &hosts, err);
	/* The error that ended the check is the last line. */
	if (!ok && problems->count > 0)
		strv_take(&context->problems, error_describe(err));
	if (ok && problems->count > 0)
		ok = error_set(err, ERROR_MESSAGE, "%s", problems->items[0]);
	strv_free(&files);
	strv_free(&hosts);
	return ok;
}
