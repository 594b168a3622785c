/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/long_options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

#define ALL \
	(PERSONALITY_SENDMAIL | PERSONALITY_MAILQ | PERSONALITY_NEWALIASES \
	    | PERSONALITY_VEREDUS)
#define VEREDUS PERSONALITY_VEREDUS
#define FIELD(member) .number = (int)offsetof(struct cmdline, member)

/* What looks like a name is no longer than this. */
#define WORD_MAX 40

static bool
set_mode(struct cmdline *cmdline, const struct long_option *row,
    const char *value, struct error *err)
{
	(void)value;
	(void)err;
	cmdline->mode = (enum mode)row->number;
	return true;
}

static bool
set_true(struct cmdline *cmdline, const struct long_option *row,
    const char *value, struct error *err)
{
	(void)value;
	(void)err;
	*(bool *)((char *)cmdline + row->number) = true;
	return true;
}

static bool
set_string(struct cmdline *cmdline, const struct long_option *row,
    const char *value, struct error *err)
{
	(void)err;
	alloc_replace((char **)(void *)((char *)cmdline + row->number), value);
	return true;
}

static bool
set_node(struct cmdline *cmdline, const struct long_option *row,
    const char *value, struct error *err)
{
	(void)row;
	(void)err;
	cmdline->mode = MODE_REMOTE_QUEUE;
	alloc_replace(&cmdline->node, value);
	return true;
}

static bool
set_address(struct cmdline *cmdline, const struct long_option *row,
    const char *value, struct error *err)
{
	(void)row;
	(void)err;
	cmdline->mode = MODE_CONFIGURE;
	alloc_replace(&cmdline->address, value);
	return true;
}

/* clang-format off */
const struct long_option long_options[] = {
	{ "account", 'a', "ACCOUNT", VEREDUS, "send through ACCOUNT",
	    set_string, FIELD(account) },
	{ "configure", '\0', "ADDRESS", VEREDUS,
	    "print a configuration for ADDRESS from the DNS",
	    set_address, 0 },
	{ "debug", 'd', NULL, VEREDUS, "the same as -v",
	    set_true, FIELD(debug) },
	{ "explain", '\0', NULL, VEREDUS,
	    "explain all decisions without connecting",
	    set_mode, MODE_EXPLAIN },
	{ "file", 'C', "FILE", VEREDUS,
	    "read FILE instead of the user's configuration",
	    set_string, FIELD(config_file) },
	{ "help", '\0', NULL, ALL, "print this help",
	    set_mode, MODE_HELP },
	{ "list-options", '\0', NULL, VEREDUS,
	    "print all settings with types and defaults",
	    set_mode, MODE_LIST_OPTIONS },
	{ "pretend", '\0', NULL, VEREDUS,
	    "show the account and the recipients; send nothing",
	    set_mode, MODE_PRETEND },
	{ "probe", '\0', NULL, VEREDUS,
	    "test each server up to the message; send nothing",
	    set_mode, MODE_PROBE },
	{ "read-envelope-from", '\0', NULL, VEREDUS,
	    "take the envelope sender from the From header",
	    set_true, FIELD(read_envelope_from) },
	{ "read-recipients", 't', NULL, VEREDUS,
	    "also take recipients from To, Cc and Bcc",
	    set_true, FIELD(recipients_from_header) },
	{ "rmqs", '\0', "NODE", VEREDUS,
	    "ask the server to send its queue for NODE",
	    set_node, 0 },
	{ "serverinfo", '\0', NULL, VEREDUS,
	    "show what the server offers; send nothing",
	    set_mode, MODE_SERVERINFO },
	{ "time", '\0', NULL, VEREDUS,
	    "show the time of each step on standard error",
	    set_true, FIELD(timed) },
	{ "tls-keylog", '\0', "FILE", VEREDUS,
	    "append TLS session keys to FILE",
	    set_string, FIELD(tls_keylog) },
	{ "verbose", 'v', NULL, VEREDUS,
	    "show the SMTP dialogue on standard error",
	    set_true, FIELD(verbose) },
	{ "version", '\0', NULL, ALL, "print version and features",
	    set_mode, MODE_VERSION },
};
/* clang-format on */

const size_t long_option_count = COUNT_OF(long_options);

/* One word "--name" or "--name=value", and what follows it. */
struct long_words {
	const char *name;
	size_t len;
	const char *attached; /* NULL: there was no "=" */
	const char *next;     /* NULL: it was the last word */
	size_t *used;
};

static const struct long_option *
find_row(const char *name, size_t len)
{
	for (size_t i = 0; i < long_option_count; i++)
		if (strlen(long_options[i].name) == len
		    && memcmp(long_options[i].name, name, len) == 0)
			return &long_options[i];
	return NULL;
}

static bool
take_value(const struct long_words *w, const char **value, struct error *err)
{
	*value = w->attached;
	if (*value != NULL)
		return true;
	if (w->next == NULL)
		return error_set(err, ERROR_USAGE, "--%.*s needs an argument",
		    (int)w->len, w->name);
	*value = w->next;
	++*w->used;
	return true;
}

static bool
set_row(struct cmdline *cmdline, const struct long_option *row,
    const struct long_words *w, struct error *err)
{
	const char *value = "";

	if (row->argument == NULL && w->attached != NULL)
		return error_set(err, ERROR_USAGE, "--%s takes no argument",
		    row->name);
	if (row->argument != NULL && !take_value(w, &value, err))
		return false;
	return row->set(cmdline, row, value, err);
}

/* Where nothing behind the name means something, the next word is not eaten:
 * "--tls off" is the option --tls and the operand "off". */
static bool
may_stand_alone(const struct option_row *row)
{
	if (row->type == OPTION_ALIAS)
		return row->replacements != NULL;
	return row->type == OPTION_BOOLEAN || row->empty != NULL;
}

static bool
set_setting(struct cmdline *cmdline, const struct option_row *row,
    const struct long_words *w, struct error *err)
{
	const char *value = w->attached != NULL ? w->attached : "";

	if (!may_stand_alone(row) && !take_value(w, &value, err))
		return false;
	cmdline_add_override(cmdline, row, value);
	return true;
}

/* The name of the long option nearest to the word, or an empty string. */
static void
suggest(const struct long_words *w, struct str *out)
{
	char *word = alloc_string_n(w->name, w->len);
	const char *keyword;
	const struct option_row *row;

	for (size_t i = 0; i < long_option_count && out->len == 0; i++)
		if (text_distance(word, long_options[i].name) <= 2)
			str_add(out, long_options[i].name);
	for (char *p = word; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	keyword = out->len == 0 ? option_suggest(word) : NULL;
	row = keyword != NULL ? option_find(keyword) : NULL;
	if (row != NULL)
		option_long_name(row, out);
	free(word);
}

static bool
unknown(const struct long_words *w, struct error *err)
{
	struct str near = { 0 };
	bool short_enough = w->len <= WORD_MAX;

	if (w->len == strlen("password")
	    && memcmp(w->name, "password", w->len) == 0)
		return error_set(err, ERROR_USAGE,
		    "--password would expose the password to every user of "
		    "this host: use --passwordfile or --passwordeval");
	if (short_enough)
		suggest(w, &near);
	error_set(err, ERROR_USAGE, "unknown option --%.*s%s%s%s",
	    short_enough ? (int)w->len : WORD_MAX, w->name,
	    near.len > 0 ? "; did you mean --" : "", str_text(&near),
	    near.len > 0 ? "?" : "; see --help");
	str_free(&near);
	return false;
}

bool
long_option_parse(struct cmdline *cmdline, char *const words[], size_t count,
    size_t *used, struct error *err)
{
	const char *name = words[0] + 2;
	size_t len = strcspn(name, "=");
	struct long_words w = { .name = name,
		.len = len,
		.used = used,
		.attached = name[len] == '=' ? name + len + 1 : NULL,
		.next = count > 1 ? words[1] : NULL };
	const struct long_option *row = find_row(name, len);
	const struct option_row *setting =
	    len <= WORD_MAX ? option_find_long(name, len) : NULL;

	*used = 1;
	if (row != NULL && (row->personalities & cmdline->personality) != 0)
		return set_row(cmdline, row, &w, err);
	if (cmdline->personality != PERSONALITY_VEREDUS
	    && (row != NULL || setting != NULL))
		return error_set(err, ERROR_USAGE,
		    "--%.*s is not accepted under this name: use veredus",
		    (int)len, name);
	if (setting != NULL)
		return set_setting(cmdline, setting, &w, err);
	return unknown(&w, err);
}
