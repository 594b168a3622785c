/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "config/long.h"
#include "config/switch.h"

/* The first row stands for every other name, too. */
static const struct personality_row {
	const char *name;
	enum personality personality;
	int mode;
} personalities[] = {
	{ "sendmail", PERSONALITY_SENDMAIL, MODE_SEND },
	{ "veredus", PERSONALITY_VEREDUS, MODE_SEND },
	{ "mailq", PERSONALITY_MAILQ, MODE_PRINT_QUEUE },
	{ "newaliases", PERSONALITY_NEWALIASES, MODE_INIT_ALIASES },
	{ "hoststat", PERSONALITY_SENDMAIL, MODE_HOST_STATUS },
	{ "purgestat", PERSONALITY_SENDMAIL, MODE_HOST_STATUS },
};

/* What is left of argv. */
struct words {
	char *const *items;
	size_t count;
};

static const struct personality_row *
find_personality(const char *argv0)
{
	const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;
	const char *name = slash != NULL ? slash + 1 : argv0;

	for (size_t i = 0; name != NULL && i < COUNT_OF(personalities); i++)
		if (strcmp(personalities[i].name, name) == 0)
			return &personalities[i];
	return &personalities[0];
}

enum personality
cmdline_personality(const char *argv0)
{
	return find_personality(argv0)->personality;
}

static bool
unknown_letter(const struct invocation *inv, char letter, struct error *err)
{
	if (inv->personality != PERSONALITY_VEREDUS
	    && switch_find(letter, NULL, PERSONALITY_VEREDUS) != NULL)
		return error_set(err, ERROR_USAGE,
		    "-%c is refused under this name: use veredus -%c", letter,
		    letter);
	return error_set(err, ERROR_USAGE,
	    "unknown option -%c; --help lists all", letter);
}

static bool
apply_switch(struct invocation *inv, char letter, const char *value,
    struct error *err)
{
	const struct switch_row *row =
	    switch_find(letter, value, inv->personality);

	if (row == NULL)
		return error_set(err, ERROR_USAGE,
		    "unknown option -%c%s; --help lists all", letter, value);
	if (row->refusal != NULL)
		return error_set(err, ERROR_USAGE, "-%c%.*s: %s", letter,
		    row->first != NULL ? 1 : 0, value, row->refusal);
	return row->set == NULL || row->set(inv, row, value, err);
}

/*
 * One word of switches: "-t", "-ti", "-toi", "-fa", "-f" with the next word.
 */
static bool
parse_cluster(struct invocation *inv, struct words *w, struct error *err)
{
	const char *p = *w->items + 1;

	w->items++;
	w->count--;
	for (; *p != '\0'; p++) {
		const struct switch_row *row =
		    switch_find(*p, NULL, inv->personality);
		const char *value = p + 1;

		if (row == NULL)
			return unknown_letter(inv, *p, err);
		if (row->argument == SWITCH_ALONE) {
			if (!apply_switch(inv, *p, "", err))
				return false;
			continue;
		}
		if (row->argument == SWITCH_ARGUMENT && *value == '\0') {
			if (w->count == 0)
				return error_set(err, ERROR_USAGE,
				    "-%c needs an argument", *p);
			value = *w->items++;
			w->count--;
		}
		return apply_switch(inv, *p, value, err);
	}
	return true;
}

static bool
parse_long(struct invocation *inv, struct words *w, struct error *err)
{
	size_t used = 0;
	bool ok = long_parse(inv, w->items, w->count, &used, err);

	w->items += used;
	w->count -= used;
	return ok;
}

/* Stops at the first operand, or behind "--". */
static bool
parse_options(struct invocation *inv, struct words *w, struct error *err)
{
	while (
	    w->count > 0 && (*w->items)[0] == '-' && (*w->items)[1] != '\0') {
		bool is_long = (*w->items)[1] == '-';

		if (is_long && (*w->items)[2] == '\0') {
			w->items++;
			w->count--;
			break;
		}
		if (!(is_long ? parse_long : parse_cluster)(inv, w, err))
			return false;
	}
	return true;
}

static bool
is_blank(const char *word)
{
	return word[strspn(word, " \t\r\n")] == '\0';
}

/*
 * What strangers may add to a command line, as with PHP's mail(), must never
 * become an option; as a recipient it is more probably a mistake.
 */
static bool
parse_operands(struct invocation *inv, const struct words *w, struct error *err)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->items[i][0] == '-')
			return error_set(err, ERROR_USAGE,
			    "\"%s\" behind the options begins with \"-\": "
			    "options come first, and recipients do not begin "
			    "so",
			    w->items[i]);
		if (!is_blank(w->items[i]))
			strv_add(&inv->operands, w->items[i]);
	}
	return true;
}

static bool
check_configure(const struct invocation *inv, struct error *err)
{
	if (invocation_names_server(inv))
		return error_set(err, ERROR_USAGE,
		    "--configure looks for the host: leave out --host and "
		    "--socket");
	if (inv->config_file != NULL)
		return error_set(err, ERROR_USAGE,
		    "with --configure no file is read: leave out -C");
	return true;
}

/* What cannot go together. */
static bool
check_whole(const struct invocation *inv, struct error *err)
{
	bool takes_operands = inv->mode == MODE_SEND || inv->mode == MODE_SERVE
	    || inv->mode == MODE_EXPLAIN || inv->mode == MODE_PRETEND
	    || inv->mode == MODE_PROBE || inv->mode == MODE_VERIFY;

	/* Who asks for help should get it, whatever else was written. */
	if (inv->mode == MODE_HELP || inv->mode == MODE_VERSION)
		return true;
	if (!takes_operands && inv->operands.count > 0)
		return error_set(err, ERROR_USAGE,
		    "recipients (\"%s\") are of no use here",
		    inv->operands.items[0]);
	if (inv->mode == MODE_CONFIGURE)
		return check_configure(inv, err);
	if (!invocation_names_server(inv))
		return true;
	if (inv->account != NULL)
		return error_set(err, ERROR_USAGE,
		    "an account (-a) and --host or --socket exclude each "
		    "other");
	if (inv->config_file != NULL)
		return error_set(err, ERROR_USAGE,
		    "with --host or --socket no file is read: leave out -C");
	return true;
}

bool
cmdline_parse(struct invocation *inv, int argc, char *const argv[],
    struct error *err)
{
	const struct personality_row *row =
	    find_personality(argc > 0 ? argv[0] : NULL);
	struct words w = { .items = argc > 0 ? argv + 1 : argv,
		.count = argc > 0 ? (size_t)argc - 1 : 0 };

	inv->personality = row->personality;
	inv->name = row->name;
	inv->mode = (enum mode)row->mode;
	inv->errors = ERRORS_PRINT;
	return parse_options(inv, &w, err) && parse_operands(inv, &w, err)
	    && check_whole(inv, err);
}

bool
invocation_sets(const struct invocation *inv, const char *setting)
{
	for (size_t i = 0; i < inv->override_count; i++)
		if (strcmp(inv->overrides[i].row->name, setting) == 0)
			return true;
	return false;
}

bool
invocation_names_server(const struct invocation *inv)
{
	return invocation_sets(inv, "host") || invocation_sets(inv, "socket");
}

static bool
apply_override(const struct override *o, struct account *account,
    const struct option_context *context, struct error *err)
{
	struct error inner = { 0 };

	if (option_set(account, o->row, o->value, context, &inner))
		return true;
	/* It names the setting itself; here it is the same with "--". */
	error_set(err, ERROR_USAGE, "--%s", inner.text);
	error_free(&inner);
	return false;
}

bool
invocation_apply(const struct invocation *inv, struct account *account,
    const char *home, struct strv *notes, struct error *err)
{
	const struct option_context context = {
		.origin = { .kind = ORIGIN_COMMAND_LINE },
		.home = home,
		.notes = notes,
	};

	for (size_t i = 0; i < inv->override_count; i++)
		if (!apply_override(&inv->overrides[i], account, &context, err))
			return false;
	return true;
}

void
invocation_free(struct invocation *inv)
{
	free(inv->sender);
	free(inv->full_name);
	strv_free(&inv->operands);
	free(inv->dsn.envelope_id);
	free(inv->syslog_tag);
	free(inv->config_file);
	free(inv->tls_keylog);
	free(inv->account);
	free(inv->node);
	free(inv->address);
	for (size_t i = 0; i < inv->override_count; i++)
		free(inv->overrides[i].value);
	free(inv->overrides);
	strv_free(&inv->notes);
	*inv = (struct invocation){ 0 };
}
