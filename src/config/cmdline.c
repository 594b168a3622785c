/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stores what the command line says, and applies the settings on it to those of
 * an account.
 */
#include "config/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "config/option.h"
#include "config/option_names.h"

/* Options that are digits have no bit. */
static uint64_t
bit_of(char letter)
{
	return letter >= 'A' && letter <= 'z' ? (uint64_t)1 << (letter - 'A')
					      : 0;
}

void
cmdline_add_letter(struct cmdline *cmdline, char letter)
{
	cmdline->letters |= bit_of(letter);
}

bool
cmdline_has_letter(const struct cmdline *cmdline, char letter)
{
	return (cmdline->letters & bit_of(letter)) != 0;
}

void
cmdline_add_override(struct cmdline *cmdline, const struct option_row *row,
    const char *value)
{
	struct override *added;

	cmdline->overrides = alloc_resize(cmdline->overrides,
	    cmdline->override_count + 1, sizeof *cmdline->overrides);
	added = &cmdline->overrides[cmdline->override_count++];
	added->row = row;
	added->value = alloc_string(value);
	added->of_message = false;
}

bool
cmdline_sets(const struct cmdline *cmdline, const char *setting)
{
	for (size_t i = 0; i < cmdline->override_count; i++)
		if (strcmp(cmdline->overrides[i].row->name, setting) == 0)
			return true;
	return false;
}

bool
cmdline_has_host(const struct cmdline *cmdline)
{
	return cmdline_sets(cmdline, "host") || cmdline_sets(cmdline, "socket");
}

static bool
apply_override(const struct override *o, struct settings *settings,
    const struct option_context *context, struct error *err)
{
	const struct option_row *row = o->row;
	struct error inner = { 0 };
	struct str name = { 0 };

	if (option_set(settings, row, o->value, context, &inner))
		return true;
	/* An old name of msmtp stands for other settings. */
	if (inner.subject != NULL && option_find(inner.subject) != NULL)
		row = option_find(inner.subject);
	option_long_name(row, &name);
	error_set(err, ERROR_USAGE, "%s", inner.text);
	error_subject(err, "--%s", str_text(&name));
	str_free(&name);
	error_free(&inner);
	return false;
}

static bool
fail_locked(const struct option_row *row, const struct settings *locked,
    struct error *err)
{
	struct str name = { 0 }, place = { 0 };

	origin_describe(&locked->values.origin, &place);
	option_long_name(row, &name);
	error_set(err, ERROR_USAGE,
	    "account \"%s\" is locked by %s: no option changes or replaces it",
	    locked->values.name, str_text(&place));
	error_subject(err, "--%s", str_text(&name));
	str_free(&name);
	str_free(&place);
	return false;
}

bool
cmdline_respects_lock(const struct cmdline *cmdline,
    const struct settings *locked, struct error *err)
{
	for (size_t i = 0; i < cmdline->override_count; i++)
		if (!cmdline->overrides[i].of_message)
			return fail_locked(cmdline->overrides[i].row, locked,
			    err);
	return true;
}

bool
cmdline_apply(const struct cmdline *cmdline, struct settings *settings,
    const char *home, struct strv *notes, struct error *err)
{
	const struct option_context context = {
		.origin = { .kind = ORIGIN_COMMAND_LINE },
		.home = home,
		.notes = notes,
	};

	for (size_t i = 0; i < cmdline->override_count; i++)
		if (!apply_override(&cmdline->overrides[i], settings, &context,
			err))
			return false;
	return true;
}

void
cmdline_free(struct cmdline *cmdline)
{
	free(cmdline->sender);
	error_free(&cmdline->sender_error);
	free(cmdline->full_name);
	free(cmdline->queue_id);
	free(cmdline->queue_recipient);
	free(cmdline->queue_sender);
	strv_free(&cmdline->operands);
	dsn_free(&cmdline->dsn);
	free(cmdline->syslog_tag);
	free(cmdline->config_file);
	free(cmdline->tls_keylog);
	free(cmdline->report);
	free(cmdline->account);
	free(cmdline->node);
	free(cmdline->address);
	free(cmdline->provider);
	free(cmdline->as);
	for (size_t i = 0; i < cmdline->override_count; i++)
		free(cmdline->overrides[i].value);
	free(cmdline->overrides);
	strv_free(&cmdline->notes);
	*cmdline = (struct cmdline){ 0 };
}
