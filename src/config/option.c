/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "config/option_parse.h"

/* What looks like a keyword is no longer than this. */
#define WORD_MAX 40

static void *
place_in(struct account *a, const struct option_row *row)
{
	return (char *)a + row->offset;
}

static const void *
value_in(const struct account *a, const struct option_row *row)
{
	return (const char *)a + row->offset;
}

const struct option_row *
option_find(const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(option_rows[i].name, name) == 0)
			return &option_rows[i];
	return NULL;
}

bool
option_long_name(const struct option_row *row, struct str *out)
{
	if (row->type == OPTION_SECRET)
		return false;
	for (const char *p = row->name; *p != '\0'; p++)
		str_add_char(out, *p == '_' ? '-' : *p);
	return true;
}

const struct option_row *
option_find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < option_count; i++) {
		struct str known = { 0 };
		bool same = option_long_name(&option_rows[i], &known)
		    && known.len == len
		    && memcmp(str_text(&known), name, len) == 0;

		str_free(&known);
		if (same)
			return &option_rows[i];
	}
	return NULL;
}

/* How many edits still count as a slip in a word of that length. */
static size_t
slips_allowed(size_t len)
{
	return len < 4 ? 1 : len < 9 ? 2 : 3;
}

const char *
option_suggest(const char *word)
{
	static const char *const others[] = { "account", "defaults", "eval" };
	size_t len = strnlen(word, WORD_MAX + 1);
	size_t best = slips_allowed(len) + 1;
	const char *found = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < option_count + COUNT_OF(others); i++) {
		const char *name = i < option_count ? option_rows[i].name
						    : others[i - option_count];
		size_t distance = text_distance(word, name);

		if (i < option_count && option_rows[i].help == NULL)
			continue;
		if (len >= 3 && strncmp(word, name, len) == 0)
			distance = 1;
		if (distance < best) {
			best = distance;
			found = name;
		}
	}
	return found;
}

size_t
option_number(const struct option_row *row)
{
	return (size_t)(row - option_rows);
}

static bool
written_in_this_section(const struct account *a, const struct option_row *row,
    const struct option_context *context)
{
	const struct origin *old = &a->origins[option_number(row)];
	const struct origin *origin = &context->origin;

	return origin->kind != ORIGIN_DEFAULT && old->kind == origin->kind
	    && old->file == origin->file
	    && (origin->kind == ORIGIN_COMMAND_LINE
		|| old->line >= context->section);
}

static bool
can_be_unset(const struct option_row *row)
{
	return row->type == OPTION_STRING || row->type == OPTION_PATH
	    || row->type == OPTION_LIST || row->type == OPTION_SECRET;
}

/* An empty argument brings back the default of what can be unset. */
static bool
set_value(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	if (*text == '\0' && row->type == OPTION_BOOLEAN)
		text = "on";
	else if (*text == '\0' && row->empty != NULL)
		text = row->empty;
	if (*text == '\0' && !can_be_unset(row))
		return option_needs_argument(row, err);
	if (*text == '\0') {
		option_clear(a, row);
		text = row->fallback;
	}
	if (text == NULL)
		return true;
	return option_parse(a, row, text, context, err);
}

static void
add_note(const struct option_row *row, const char *note,
    const struct option_context *context)
{
	struct str line = { 0 };

	if (context->notes == NULL)
		return;
	origin_describe(&context->origin, &line);
	str_printf(&line, ": %s %s", row->name, note);
	strv_take(context->notes, str_steal(&line));
}

static bool
set_once(struct settings *s, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	struct account *a = &s->values;
	size_t number = option_number(row);
	bool again = written_in_this_section(a, row, context);

	if (row->type == OPTION_LIST && !again)
		option_clear(a, row);
	else if (row->type != OPTION_LIST && again
	    && context->origin.kind == ORIGIN_FILE) {
		error_set(err, ERROR_CONFIG,
		    "set twice, first on line %u; remove one of the lines",
		    a->origins[number].line);
		return error_subject(err, "%s", row->name);
	}
	if (!set_value(a, row, text, context, err))
		return error_subject(err, "%s", row->name);
	a->origins[number] = context->origin;
	s->set_here[number] = context->origin.kind != ORIGIN_DEFAULT;
	if (row->note != NULL && context->origin.kind != ORIGIN_DEFAULT)
		add_note(row, row->note, context);
	return true;
}

static bool
set_replacement(struct settings *s, const struct option_row *alias,
    const struct option_replacement *r, const struct option_context *context,
    struct error *err)
{
	const struct option_row *row;
	char *note;

	if (r->setting == NULL) {
		add_note(alias, alias->note, context);
		return true;
	}
	row = option_find(r->setting);
	if (row == NULL)
		return error_set(err, ERROR_INTERNAL,
		    "internal error: unknown setting %s", r->setting);
	if (!set_once(s, row, r->value, context, err))
		return false;
	note = alloc_printf("is an old name: use \"%s %s\" instead", r->setting,
	    r->value);
	add_note(alias, note, context);
	free(note);
	return true;
}

static bool
ignore(const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	if (!option_check_text(text, err))
		return error_subject(err, "%s", row->name);
	add_note(row, row->note, context);
	return true;
}

bool
option_set(struct settings *s, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	if (row->type != OPTION_ALIAS)
		return set_once(s, row, text, context, err);
	if (row->replacements == NULL)
		return ignore(row, text, context, err);
	for (const struct option_replacement *r = row->replacements; r->old;
	     r++)
		if (strcmp(r->old, text) == 0)
			return set_replacement(s, row, r, context, err);
	error_set(err, ERROR_CONFIG, "%s", row->refusal);
	return error_subject(err, "%s", row->name);
}

void
option_set_defaults(struct settings *s)
{
	static const struct option_context context = { 0 };

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];

		/* A default that its own row refuses is a bug; a test sets
		 * every one of them. */
		if (row->fallback != NULL)
			(void)set_once(s, row, row->fallback, &context, NULL);
	}
}

/* Nothing for what has no name: a check that gave way to another. */
static void
print_int(const struct option_row *row, int value, struct str *out)
{
	for (const struct option_choice *c = row->choices; c->name; c++) {
		if (c->value == value) {
			str_add(out, c->name);
			return;
		}
	}
}

static void
print_words(const struct option_row *row, int value, struct str *out)
{
	size_t start = out->len;

	for (const struct option_choice *c = row->choices; c->name; c++)
		if ((c->value & value) != 0)
			str_printf(out, "%s%s", out->len > start ? "," : "",
			    c->name);
	if (out->len == start)
		str_add(out, row->choices->name);
}

static void
print_list(const struct strv *list, struct str *out)
{
	char *joined = strv_join(list, ", ");

	str_add(out, joined);
	free(joined);
}

static void
print_number(const struct option_row *row, unsigned value, struct str *out)
{
	if (value != 0)
		str_printf(out, "%u", value);
	else if (row->off_is_zero)
		str_add(out, "off");
}

static void
print_string(const struct option_row *row, const char *text, struct str *out)
{
	if (text != NULL)
		str_add(out, row->hidden ? "(hidden)" : text);
}

void
option_print(const struct account *a, const struct option_row *row,
    struct str *out)
{
	const void *value = value_in(a, row);

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		print_string(row, *(char *const *)value, out);
		break;
	case OPTION_NUMBER:
		print_number(row, *(const unsigned *)value, out);
		break;
	case OPTION_BOOLEAN:
		str_add(out, *(const bool *)value ? "on" : "off");
		break;
	case OPTION_CHOICE:
		print_int(row, *(const int *)value, out);
		break;
	case OPTION_SET:
		print_words(row, *(const int *)value, out);
		break;
	case OPTION_LIST:
		print_list(value, out);
		break;
	case OPTION_SECRET:
		str_add(out, secret_is_set(value) ? "(hidden)" : "");
		break;
	case OPTION_ALIAS:
		break;
	}
}

void
option_clear(struct account *a, const struct option_row *row)
{
	void *place = place_in(a, row);

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		alloc_replace(place, NULL);
		break;
	case OPTION_LIST:
		strv_free(place);
		break;
	case OPTION_SECRET:
		secret_free(place);
		break;
	default:
		break;
	}
}

void
option_copy(struct account *dst, const struct account *src,
    const struct option_row *row)
{
	void *place = place_in(dst, row);
	const void *value = value_in(src, row);

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		alloc_replace(place, *(char *const *)value);
		break;
	case OPTION_LIST:
		strv_copy(place, value);
		break;
	case OPTION_SECRET:
		secret_copy(place, value);
		break;
	case OPTION_BOOLEAN:
		memcpy(place, value, sizeof(bool));
		break;
	case OPTION_NUMBER:
	case OPTION_CHOICE:
	case OPTION_SET:
		memcpy(place, value, sizeof(int));
		break;
	case OPTION_ALIAS:
		return;
	}
	dst->origins[option_number(row)] = src->origins[option_number(row)];
}

void
option_list(struct str *out)
{
	static const char *const types[] = {
		[OPTION_STRING] = "string",
		[OPTION_NUMBER] = "number",
		[OPTION_BOOLEAN] = "boolean",
		[OPTION_CHOICE] = "choice",
		[OPTION_SET] = "set",
		[OPTION_PATH] = "path",
		[OPTION_LIST] = "list",
		[OPTION_SECRET] = "secret",
		[OPTION_ALIAS] = "alias",
	};

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		const char *standing =
		    row->fallback != NULL ? row->fallback : row->derived;

		str_printf(out, "%s\t%s\t%s\t%s\n", row->name, types[row->type],
		    standing != NULL ? standing : "",
		    row->argument != NULL ? row->argument : "");
	}
}
