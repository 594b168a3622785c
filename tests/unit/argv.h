/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command lines as test data: the arguments with "|" between them, and the
 * parsed command line as one line of text.
 */
#ifndef VEREDUS_TESTS_ARGV_H
#define VEREDUS_TESTS_ARGV_H

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "config/cmdline.h"
#include "config/cmdline_parse.h"
#include "error_says.h"
#include "unit.h"

struct argv_row {
	const char *words;
	/* The text of describe(); or "!" and the expected error: the exit
	 * status if it is not 64, then a part of the text. */
	const char *result;
};

static inline void
add_text(struct str *out, const char *name, const char *value)
{
	if (value != NULL)
		str_printf(out, " %s=%s", name, value);
}

static inline void
add_flag(struct str *out, const char *name, bool flag)
{
	if (flag)
		str_printf(out, " %s", name);
}

static inline void
describe_notices(const struct dsn *dsn, struct str *out)
{
	static const char *const returns[] = { NULL, "full", "hdrs" };
	static const char *const words[] = { "never", "success", "failure",
		"delay" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if ((dsn->notify & 1u << i) != 0)
			add_text(out, "N", words[i]);
	add_text(out, "R", returns[dsn->wanted]);
	add_text(out, "V", dsn->envelope_id);
}

/* Appends the members of the command line that are set. */
static inline void
describe(const struct cmdline *cmdline, struct str *out)
{
	static const char *const modes[] = {
		[MODE_SEND] = "send",
		[MODE_SERVE] = "serve",
		[MODE_PRINT_QUEUE] = "queue",
		[MODE_INIT_ALIASES] = "aliases",
		[MODE_HOST_STATUS] = "status",
		[MODE_PURGE_STATUS] = "purge",
		[MODE_RUN_QUEUE] = "run",
		[MODE_QUEUE_SHOW] = "show",
		[MODE_QUEUE_DELETE] = "delete",
		[MODE_QUEUE_HOLD] = "hold",
		[MODE_QUEUE_RELEASE] = "release",
		[MODE_QUEUE_REQUEUE] = "requeue",
		[MODE_QUEUE_RETURN] = "return",
		[MODE_QUEUE_CHECK] = "check",
		[MODE_VERIFY] = "verify",
		[MODE_CONFIGURE] = "configure",
		[MODE_EXPLAIN] = "explain",
		[MODE_PRETEND] = "pretend",
		[MODE_PROBE] = "probe",
		[MODE_SERVERINFO] = "serverinfo",
		[MODE_REMOTE_QUEUE] = "remote",
		[MODE_LIST_OPTIONS] = "list",
		[MODE_VERSION] = "version",
		[MODE_HELP] = "help",
	};
	static const char *const bodies[] = { NULL, "7bit", "8bit" };
	char errors[] = { (char)cmdline->errors, '\0' };

	str_add(out, modes[cmdline->mode]);
	add_text(out, "f",
	    cmdline->sender != NULL && *cmdline->sender == '\0'
		? "<>"
		: cmdline->sender);
	add_text(out, "F", cmdline->full_name);
	add_flag(out, "t", cmdline->recipients_from_header);
	add_flag(out, "i", cmdline->ignore_dots);
	add_flag(out, "G", cmdline->relayed);
	add_text(out, "B", bodies[cmdline->body]);
	describe_notices(&cmdline->dsn, out);
	add_text(out, "e", cmdline->errors != ERRORS_PRINT ? errors : NULL);
	add_flag(out, "v", cmdline->verbose);
	add_flag(out, "d", cmdline->debug);
	add_flag(out, "time", cmdline->timed);
	add_text(out, "L", cmdline->syslog_tag);
	add_text(out, "C", cmdline->config_file);
	add_text(out, "a", cmdline->account);
	add_text(out, "node", cmdline->node);
	add_text(out, "address", cmdline->address);
	add_flag(out, "json", cmdline->json);
	add_flag(out, "read-from", cmdline->read_envelope_from);
	for (size_t i = 0; i < cmdline->override_count; i++)
		add_text(out, cmdline->overrides[i].row->name,
		    cmdline->overrides[i].value);
	add_flag(out, "noted", cmdline->notes.count > 0);
	for (size_t i = 0; i < cmdline->operands.count; i++)
		str_printf(out, " (%s)", cmdline->operands.items[i]);
}

static inline void
split_words(const char *text, struct strv *words)
{
	for (;;) {
		size_t len = strcspn(text, "|");

		strv_take(words, alloc_string_n(text, len));
		if (text[len] == '\0')
			return;
		text += len + 1;
	}
}

static inline void
check_argv_error(const struct argv_row *row, const struct error *err)
{
	char *said = NULL;
	long exit = strtol(row->result + 1, &said, 10);

	if (said == row->result + 1)
		exit = 64;
	else
		said++;
	if (row->result[0] != '!' || error_exit_status(err) != exit
	    || !error_says(err, said))
		fail_msg("%s: %d %s", row->words, error_exit_status(err),
		    err->text);
}

/* Parses the arguments of a row and compares the result. */
static inline void
check_argv(const struct argv_row *row)
{
	struct cmdline cmdline = { 0 };
	struct error err = { 0 };
	struct strv words = { 0 };
	struct str result = { 0 };

	split_words(row->words, &words);
	if (!cmdline_parse(&cmdline, (int)words.count, words.items, &err)) {
		check_argv_error(row, &err);
	} else {
		describe(&cmdline, &result);
		if (!str_equal(&result, row->result))
			fail_msg("%s: %s, not %s", row->words,
			    str_text(&result), row->result);
	}
	str_free(&result);
	strv_free(&words);
	cmdline_free(&cmdline);
	error_free(&err);
}

#endif
