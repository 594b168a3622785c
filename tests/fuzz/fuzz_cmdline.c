/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line (config/cmdline.h).  Input: the arguments, each ended by a
 * NUL; the first is argv[0].  The others are also parsed under the names
 * sendmail and veredus.
 *
 *   - Under any name except veredus no argument selects a file, an account, a
 *     server or another setting, except REQUIRETLS.
 *   - Operands are the arguments after all options, in their order.  They are
 *     never blank and never begin with "-".
 *   - After an operand, and after "--", there are no options: an argument that
 *     looks like an option is an error.
 *   - Stored values are valid: the sender passes path_check(), and names and
 *     tags have no control characters.
 *   - An error is a usage error, or concerns an address or the sender, and has
 *     a printable text.  Name and mode are valid even then.
 *   - Settings are applied, or fail with a usage error.
 */
#include "config/cmdline.h"
#include "config/cmdline_parse.h"
#include "config/option_print.h"
#include "fuzz.h"
#include "mail/path.h"

#define WORDS_MAX 64

struct words {
	char *items[WORDS_MAX + 2];
	int count;
};

static void
read_words(struct input *in, struct words *w)
{
	while (in->left > 0 && w->count < WORDS_MAX) {
		struct input word = input_split(in, '\0');

		w->items[w->count++] = input_text(&word);
	}
}

static bool
is_printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 32 || *text > 126)
			return false;
	return true;
}

static void
check_strings(const struct cmdline *cmdline)
{
	static const char tag_characters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	struct error err = { 0 };

	fuzz_assert(cmdline->name != NULL && is_printable_ascii(cmdline->name));
	fuzz_assert(strchr("pmwqe", (char)cmdline->errors) != NULL);
	fuzz_assert(
	    cmdline->sender == NULL || path_check(cmdline->sender, &err));
	fuzz_assert(cmdline->full_name == NULL
	    || !fuzz_has_control(cmdline->full_name));
	fuzz_assert(cmdline->dsn.envelope_id == NULL
	    || (is_printable_ascii(cmdline->dsn.envelope_id)
		&& cmdline->dsn.envelope_id[0] != '\0'
		&& strlen(cmdline->dsn.envelope_id) <= 100));
	if (cmdline->syslog_tag != NULL) {
		size_t len = strspn(cmdline->syslog_tag, tag_characters);

		fuzz_assert(len > 0 && len <= 32);
		fuzz_assert(cmdline->syslog_tag[len] == '\0');
	}
	for (size_t i = 0; i < cmdline->notes.count; i++)
		fuzz_check_shown(cmdline->notes.items[i]);
}

static void
check_no_settings(const struct cmdline *cmdline)
{
	fuzz_assert(cmdline->personality != PERSONALITY_VEREDUS);
	fuzz_assert(cmdline->config_file == NULL && cmdline->account == NULL);
	fuzz_assert(!cmdline->read_envelope_from);
	/* REQUIRETLS only makes delivery more secure. */
	for (size_t i = 0; i < cmdline->override_count; i++)
		fuzz_assert(
		    strcmp(cmdline->overrides[i].row->name, "require_tls") == 0
		    && strcmp(cmdline->overrides[i].value, "on") == 0);
	fuzz_assert(!cmdline_has_host(cmdline));
}

/* The operands are the last arguments, without blank ones. */
static void
check_operands(const struct cmdline *cmdline, const struct words *w)
{
	size_t left = cmdline->operands.count;

	for (int i = w->count - 1; left > 0; i--) {
		const char *word = cmdline->operands.items[left - 1];

		fuzz_assert(i > 0);
		fuzz_assert(word[0] != '-' && word[0] != '\0');
		if (strcmp(word, w->items[i]) == 0)
			left--;
		else
			fuzz_assert(w->items[i][strspn(w->items[i], " \t\r\n")]
			    == '\0');
	}
}

static void
check_usage_error(const struct error *err)
{
	fuzz_check_error(err);
	fuzz_assert(err->kind == ERROR_USAGE || err->kind == ERROR_ADDRESS
	    || error_is_rejection(err, STAGE_MAIL));
}

/* Appends an argument that looks like an option. */
static void
check_no_option_after(struct words *w, const char *option)
{
	struct cmdline cmdline = { 0 };
	struct error err = { 0 };
	char *word = strdup(option);

	w->items[w->count++] = word;
	w->items[w->count] = NULL;
	fuzz_assert(!cmdline_parse(&cmdline, w->count, w->items, &err));
	check_usage_error(&err);
	w->items[--w->count] = NULL;
	free(word);
	error_free(&err);
	cmdline_free(&cmdline);
}

static void
check_apply(const struct cmdline *cmdline)
{
	struct settings settings;
	struct strv notes = { 0 };
	struct error err = { 0 };
	struct str shown = { 0 };
	bool ok;

	settings_init(&settings, "default");
	ok = cmdline_apply(cmdline, &settings, "/home/alice", &notes, &err);
	fuzz_check_result(ok, &err);
	fuzz_assert(ok || err.kind == ERROR_USAGE);
	fuzz_assert(ok || strncmp(err.subject, "--", 2) == 0);
	for (size_t i = 0; i < option_count; i++)
		option_print(&settings.values, &option_rows[i], &shown);
	str_free(&shown);
	strv_free(&notes);
	error_free(&err);
	settings_free(&settings);
}

static void
parse(struct words *w)
{
	struct cmdline cmdline = { 0 };
	struct error err = { 0 };
	bool ok = cmdline_parse(&cmdline, w->count, w->items, &err);

	fuzz_check_result(ok, &err);
	fuzz_assert(cmdline.personality == cmdline_personality(w->items[0]));
	check_strings(&cmdline);
	if (cmdline.personality != PERSONALITY_VEREDUS)
		check_no_settings(&cmdline);
	if (!ok) {
		check_usage_error(&err);
	} else {
		check_operands(&cmdline, w);
		check_apply(&cmdline);
		if (cmdline.operands.count > 0) {
			check_no_option_after(w, "-t");
			check_no_option_after(w, "-C/etc/passwd");
			check_no_option_after(w, "--help");
		}
	}
	error_free(&err);
	cmdline_free(&cmdline);
}

static void
fuzz_one(const char *data, size_t size)
{
	static const char *const names[] = { "sendmail", "veredus" };
	struct input in = { data, size };
	struct words w = { .count = 0 };
	char *original_name;

	read_words(&in, &w);
	if (w.count > 0) {
		original_name = w.items[0];
		parse(&w);
		for (size_t i = 0; i < COUNT_OF(names); i++) {
			w.items[0] = strdup(names[i]);
			parse(&w);
			free(w.items[0]);
		}
		w.items[0] = original_name;
	}
	for (int i = 0; i < w.count; i++)
		free(w.items[i]);
}
