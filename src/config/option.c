/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses values into the members of struct account, and copies them.  The type in
 * a setting's row selects the code.
 */
#include "config/option.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "config/option_names.h"

/* The longest value, as long as a line of a file may be. */
#define VALUE_MAX 65536

/* Parsing: from the text of a value to the member of struct account. */

static const struct option_choice *
find_choice(const struct option_row *row, const char *name, size_t len)
{
	for (const struct option_choice *c = row->choices; c && c->name; c++)
		if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
			return c;
	return NULL;
}

/* Says which values the setting has; text is not one of them, or is empty. */
static bool
wrong_value(const struct option_row *row, const char *text, struct error *err)
{
	struct str values = { 0 };

	if (row->choices == NULL)
		str_printf(&values, "a number from %lu to %lu", row->min,
		    row->max);
	for (const struct option_choice *c = row->choices; c && c->name; c++)
		str_printf(&values, "%s%s", c == row->choices ? "" : ", ",
		    c->name);
	if (*text == '\0')
		error_set(err, ERROR_CONFIG,
		    "the argument is missing: expected %s", str_text(&values));
	else
		error_set(err, ERROR_CONFIG, "\"%s\" is not one of %s", text,
		    str_text(&values));
	str_free(&values);
	return false;
}

/* Returns a copy of a text that row->check accepts, or NULL. */
static char *
checked_copy(const struct option_row *row, const char *text, struct error *err)
{
	char *value = alloc_string(text);

	if (row->check != NULL && !row->check(&value, err)) {
		free(value);
		return NULL;
	}
	return value;
}

static bool
parse_string(void *place, const struct option_row *row, const char *text,
    struct error *err)
{
	char *value = checked_copy(row, text, err);

	if (value == NULL)
		return false;
	alloc_replace(place, NULL);
	*(char **)place = value;
	return true;
}

static bool
parse_list(void *place, const struct option_row *row, const char *text,
    struct error *err)
{
	char *value = checked_copy(row, text, err);

	if (value == NULL)
		return false;
	strv_take(place, value);
	return true;
}

static bool
parse_number(void *place, const struct option_row *row, const char *text,
    struct error *err)
{
	unsigned long long number = 0;

	if (!(row->off_is_zero && strcmp(text, "off") == 0)
	    && !text_number(text, row->min, row->max, &number))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a number from %lu to %lu%s", text, row->min,
		    row->max, row->off_is_zero ? ", or off" : "");
	*(unsigned *)place = (unsigned)number;
	return true;
}

static bool
parse_duration(void *place, const struct option_row *row, const char *text,
    struct error *err)
{
	unsigned seconds = 0;
	struct str range = { 0 };

	if ((row->off_is_zero && strcmp(text, "off") == 0)
	    || text_duration(text, (unsigned)row->min, (unsigned)row->max,
		&seconds)) {
		*(unsigned *)place = seconds;
		return true;
	}
	text_add_duration(&range, (unsigned)row->min);
	str_add(&range, " to ");
	text_add_duration(&range, (unsigned)row->max);
	error_set(err, ERROR_CONFIG,
	    "\"%s\" is not a duration such as 30s, 5m, 4h or 2d, from %s%s",
	    text, range.data, row->off_is_zero ? ", or off" : "");
	str_free(&range);
	return false;
}

static bool
parse_boolean(void *place, const char *text, struct error *err)
{
	bool value = strcmp(text, "on") == 0;

	if (!value && strcmp(text, "off") != 0)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither on nor off", text);
	*(bool *)place = value;
	return true;
}

/*
 * choice = word
 * set    = "off" / "never" / word *("," word)
 * The first two choices of a set mean "nothing" and "never"; they cannot be
 * combined with others.  The member may be an enum, which has the size of an
 * int, but is another type: hence memcpy().
 */
static bool
parse_choices(void *place, const struct option_row *row, const char *text,
    struct error *err)
{
	const char *delimiter = row->type == OPTION_SET ? "," : "";
	const char *word = text;
	int value = 0;

	for (;;) {
		size_t len = strcspn(word, delimiter);
		const struct option_choice *choice =
		    find_choice(row, word, len);
		bool alone = word == text && word[len] == '\0';

		if (choice == NULL)
			return wrong_value(row, text, err);
		if (choice < row->choices + 2 && !alone)
			return error_set(err, ERROR_CONFIG,
			    "\"%s\": %s cannot be combined with other words",
			    text, choice->name);
		value |= choice->value;
		if (word[len] == '\0')
			break;
		word += len + 1;
	}
	memcpy(place, &value, sizeof(value));
	return true;
}

/*
 * Whether a path is independent of the current directory, as a path in a
 * configuration file must be.  Some settings accept certain words as well.
 */
static bool
is_fixed_path(const struct option_row *row, const char *path)
{
	return path[0] == '/' || strcmp(path, "-") == 0
	    || strncmp(path, "pkcs11:", 7) == 0
	    || find_choice(row, path, strlen(path)) != NULL
	    || (row->fallback != NULL && strcmp(path, row->fallback) == 0);
}

static bool
parse_path(char **place, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	bool in_home = strncmp(text, "~/", 2) == 0;

	if (in_home && context->home == NULL)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\": this user has no home directory", text);
	if (!in_home && context->origin.kind == ORIGIN_FILE
	    && !is_fixed_path(row, text))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" does not begin with / or ~/", text);
	free(*place);
	*place = file_expand_home(text, context->home);
	return true;
}

/* The command line may contain texts that a line of a file cannot. */
static bool
check_text(const char *text, struct error *err)
{
	size_t len = strlen(text);

	if (len > VALUE_MAX)
		return error_set(err, ERROR_CONFIG,
		    "the value is longer than %d octets", VALUE_MAX);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return error_set(err, ERROR_CONFIG,
			    "the value contains a control character");
	}
	return true;
}

static void *
place_in(struct account *a, const struct option_row *row)
{
	return (char *)a + row->offset;
}

static bool
parse(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	void *place = place_in(a, row);

	if (!check_text(text, err))
		return false;
	switch (row->type) {
	case OPTION_STRING:
		return parse_string(place, row, text, err);
	case OPTION_NUMBER:
		return parse_number(place, row, text, err);
	case OPTION_DURATION:
		return parse_duration(place, row, text, err);
	case OPTION_BOOLEAN:
		return parse_boolean(place, text, err);
	case OPTION_CHOICE:
	case OPTION_SET:
		return parse_choices(place, row, text, err);
	case OPTION_PATH:
		return parse_path(place, row, text, context, err);
	case OPTION_LIST:
		return parse_list(place, row, text, err);
	case OPTION_SECRET:
		secret_set(place, text, strlen(text));
		break;
	case OPTION_ALIAS:
		break;
	}
	return true;
}

/* Setting: when a setting may be set, and what an empty argument means. */

static bool
is_set_in_this_section(const struct account *a, const struct option_row *row,
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
	    || row->type == OPTION_LIST || row->type == OPTION_SECRET
	    || row->can_reset;
}

static void
unset_value(struct account *a, const struct option_row *row)
{
	static const struct account unset;

	option_copy(a, &unset, row);
}

/* An empty argument restores the default of a setting that can be unset. */
static bool
set_value(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	if (*text == '\0' && row->type == OPTION_BOOLEAN)
		text = "on";
	else if (*text == '\0' && row->empty != NULL)
		text = row->empty;
	if (*text == '\0' && !can_be_unset(row))
		return wrong_value(row, text, err);
	if (*text == '\0') {
		unset_value(a, row);
		text = row->fallback;
	}
	return text == NULL || parse(a, row, text, context, err);
}

static void
add_note(const struct option_row *row, const char *note,
    const struct option_context *context)
{
	struct str line = { 0 };

	if (context->notes == NULL || context->origin.kind == ORIGIN_DEFAULT)
		return;
	origin_describe(&context->origin, &line);
	str_printf(&line, ": %s %s", row->name, note);
	strv_take(context->notes, str_steal(&line));
}

/* Notes where the items that a list has got were written. */
static void
note_places(struct account *a, const struct option_row *row,
    const struct option_context *context)
{
	const struct strv *items = place_in(a, row);
	struct strv *places = (void *)((char *)a + row->places);

	while (row->places != 0 && places->count < items->count) {
		struct str place = { 0 };

		origin_describe(&context->origin, &place);
		strv_take(places, str_steal(&place));
	}
}

static const char *
old_name_of(const struct option_row *row)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_replacement *r =
		    option_rows[i].replacements;

		if (r != NULL && r->setting != NULL
		    && strcmp(r->setting, row->name) == 0)
			return option_rows[i].name;
	}
	return NULL;
}

static bool
set_twice(const struct option_row *row, const struct origin *first,
    struct error *err)
{
	const char *old_name = first->old_name ? old_name_of(row) : NULL;

	return error_set(err, ERROR_CONFIG,
	    "set twice, first on line %u%s%s; remove one of the lines",
	    first->line, old_name != NULL ? " as " : "",
	    old_name != NULL ? old_name : "");
}

static bool
set_once(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	size_t number = option_number(row);
	bool again = is_set_in_this_section(a, row, context);

	if (row->type == OPTION_LIST && !again)
		unset_value(a, row);
	else if (row->type != OPTION_LIST && again
	    && context->origin.kind == ORIGIN_FILE)
		return set_twice(row, &a->origins[number], err);
	if (!set_value(a, row, text, context, err))
		return false;
	note_places(a, row, context);
	a->origins[number] = context->origin;
	a->origins[number].empty = *text == '\0';
	a->origins[number].on = strcmp(text, "on") == 0;
	if (row->note != NULL)
		add_note(row, row->note, context);
	return true;
}

bool
option_set_value(struct account *a, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err)
{
	return set_once(a, row, text, context, err)
	    || error_subject(err, "%s", row->name);
}

static bool
set_row(struct settings *s, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	bool ok = option_set_value(&s->values, row, text, context, err);

	/* Children inherit that the value is missing, too. */
	s->set_here[option_number(row)] =
	    context->origin.kind != ORIGIN_DEFAULT;
	return ok;
}

static bool
set_replacement(struct settings *s, const struct option_row *alias,
    const struct option_replacement *r, const struct option_context *context,
    struct error *err)
{
	struct option_context by_old_name = *context;
	char *note;

	by_old_name.origin.old_name = true;
	if (r->setting == NULL) {
		add_note(alias, alias->note, context);
		return true;
	}
	if (!set_row(s, option_find(r->setting), r->value, &by_old_name, err))
		return error_subject(err, "%s", alias->name);
	note = alloc_printf("is an old name: use \"%s %s\" instead", r->setting,
	    r->value);
	add_note(alias, note, context);
	free(note);
	return true;
}

bool
option_set(struct settings *s, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	if (row->type != OPTION_ALIAS)
		return set_row(s, row, text, context, err);
	for (const struct option_replacement *r = row->replacements;
	     r != NULL && r->old != NULL; r++)
		if (strcmp(r->old, text) == 0)
			return set_replacement(s, row, r, context, err);
	if (row->replacements != NULL) {
		error_set(err, ERROR_CONFIG, "%s", row->refusal);
		return error_subject(err, "%s", row->name);
	}
	if (!check_text(text, err))
		return error_subject(err, "%s", row->name);
	add_note(row, row->note, context);
	return true;
}

void
option_set_defaults(struct settings *s)
{
	static const struct option_context context = { 0 };

	/* A unit test sets every default: none of them is rejected. */
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].fallback != NULL)
			(void)set_row(s, &option_rows[i],
			    option_rows[i].fallback, &context, NULL);
}

void
option_copy(struct account *dst, const struct account *src,
    const struct option_row *row)
{
	void *place = place_in(dst, row);
	const void *value = (const char *)src + row->offset;

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		alloc_replace(place, *(char *const *)value);
		break;
	case OPTION_LIST:
		strv_copy(place, value);
		if (row->places != 0)
			strv_copy((void *)((char *)dst + row->places),
			    (const void *)((const char *)src + row->places));
		break;
	case OPTION_SECRET:
		secret_copy(place, value);
		break;
	case OPTION_BOOLEAN:
		memcpy(place, value, sizeof(bool));
		break;
	case OPTION_NUMBER:
	case OPTION_DURATION:
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
option_free(struct account *a, const struct option_row *row)
{
	void *place = place_in(a, row);

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		free(*(char **)place);
		*(char **)place = NULL;
		break;
	case OPTION_LIST:
		strv_free(place);
		if (row->places != 0)
			strv_free((void *)((char *)a + row->places));
		break;
	case OPTION_SECRET:
		secret_free(place);
		break;
	case OPTION_BOOLEAN:
	case OPTION_NUMBER:
	case OPTION_DURATION:
	case OPTION_CHOICE:
	case OPTION_SET:
	case OPTION_ALIAS:
		break;
	}
}
