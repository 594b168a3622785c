/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

/* The longest value, as long as a line of a file may be. */
#define VALUE_MAX 65536

static void *
place_in(struct account *a, const struct option_row *row)
{
	return (char *)a + row->offset;
}

/* An enum and an int differ in type, never in size: so neither is aliased. */
static void
store_int(struct account *a, const struct option_row *row, int value)
{
	memcpy(place_in(a, row), &value, sizeof(value));
}

static void
list_choices(const struct option_row *row, struct str *out)
{
	for (const struct option_choice *c = row->choices; c->name; c++)
		str_printf(out, "%s%s", c == row->choices ? "" : ", ", c->name);
}

static const struct option_choice *
find_choice(const struct option_row *row, const char *name, size_t len)
{
	for (const struct option_choice *c = row->choices; c->name; c++)
		if (strlen(c->name) == len && memcmp(c->name, name, len) == 0)
			return c;
	return NULL;
}

static bool
wrong_choice(const struct option_row *row, const char *text, struct error *err)
{
	struct str names = { 0 };

	list_choices(row, &names);
	error_set(err, ERROR_CONFIG, "\"%s\" is not one of %s", text,
	    str_text(&names));
	str_free(&names);
	return false;
}

static bool
set_string(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	char **place = place_in(a, row);
	char *value = alloc_string(text);

	(void)context;
	if (row->check != NULL && !row->check(&value, err)) {
		free(value);
		return false;
	}
	free(*place);
	*place = value;
	return true;
}

static bool
set_number(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	unsigned long long number = 0;
	unsigned value;

	(void)context;
	if (!(row->off_is_zero && strcmp(text, "off") == 0)
	    && !text_number(text, row->min, row->max, &number))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is not a number from %lu to %lu%s", text, row->min,
		    row->max, row->off_is_zero ? ", or off" : "");
	value = (unsigned)number;
	memcpy(place_in(a, row), &value, sizeof(value));
	return true;
}

static bool
set_boolean(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	bool value = strcmp(text, "on") == 0;

	(void)context;
	if (!value && strcmp(text, "off") != 0)
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" is neither on nor off", text);
	memcpy(place_in(a, row), &value, sizeof(value));
	return true;
}

static bool
set_choice(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	const struct option_choice *choice =
	    find_choice(row, text, strlen(text));

	(void)context;
	if (choice == NULL)
		return wrong_choice(row, text, err);
	store_int(a, row, choice->value);
	return true;
}

/*
 * words = "off" / "never" / word *("," word)
 * The first two choices of a row say that nothing, or never, is wanted; they
 * stand alone.
 */
static bool
set_words(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	const char *word = text;
	int value = 0;

	(void)context;
	for (;;) {
		size_t len = strcspn(word, ",");
		const struct option_choice *choice =
		    find_choice(row, word, len);
		bool alone = word == text && word[len] == '\0';

		if (choice == NULL)
			return wrong_choice(row, text, err);
		if (choice < row->choices + 2 && !alone)
			return error_set(err, ERROR_CONFIG,
			    "\"%s\": %s cannot be combined with other words",
			    text, choice->name);
		value |= choice->value;
		if (word[len] == '\0')
			break;
		word += len + 1;
	}
	store_int(a, row, value);
	return true;
}

/* A word that some settings take in place of a path. */
static bool
is_choice(const struct option_row *row, const char *word)
{
	for (const struct option_choice *c = row->choices;
	     c != NULL && c->name != NULL; c++)
		if (strcmp(c->name, word) == 0)
			return true;
	return false;
}

/*
 * A file is not read from the folder where somebody happens to call us: what
 * a configuration names must not depend on it.
 */
static bool
is_fixed_path(const struct option_row *row, const char *path)
{
	return path[0] == '/' || strcmp(path, "-") == 0
	    || strncmp(path, "pkcs11:", 7) == 0 || is_choice(row, path)
	    || (row->fallback != NULL && strcmp(path, row->fallback) == 0);
}

static bool
set_path(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	char **place = place_in(a, row);

	if (strncmp(text, "~/", 2) == 0) {
		if (context->home == NULL)
			return error_set(err, ERROR_CONFIG,
			    "\"%s\": this user has no home directory", text);
		free(*place);
		*place = file_expand_home(text, context->home);
		return true;
	}
	if (context->origin.kind == ORIGIN_FILE && !is_fixed_path(row, text))
		return error_set(err, ERROR_CONFIG,
		    "\"%s\" does not begin with / or ~/", text);
	alloc_replace(place, text);
	return true;
}

static bool
set_list(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	char *value = alloc_string(text);

	(void)context;
	if (row->check != NULL && !row->check(&value, err)) {
		free(value);
		return false;
	}
	strv_take(place_in(a, row), value);
	return true;
}

static bool
set_secret(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	(void)context;
	(void)err;
	secret_set(place_in(a, row), text, strlen(text));
	return true;
}

typedef bool set_fn(struct account *a, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);

static set_fn *const setters[] = {
	[OPTION_STRING] = set_string,
	[OPTION_NUMBER] = set_number,
	[OPTION_BOOLEAN] = set_boolean,
	[OPTION_CHOICE] = set_choice,
	[OPTION_SET] = set_words,
	[OPTION_PATH] = set_path,
	[OPTION_LIST] = set_list,
	[OPTION_SECRET] = set_secret,
};

bool
option_check_text(const char *text, struct error *err)
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

bool
option_needs_argument(const struct option_row *row, struct error *err)
{
	struct str names = { 0 };

	if (row->choices != NULL)
		list_choices(row, &names);
	else
		str_printf(&names, "a number from %lu to %lu", row->min,
		    row->max);
	error_set(err, ERROR_CONFIG, "the argument is missing: expected %s",
	    str_text(&names));
	str_free(&names);
	return false;
}

bool
option_parse(struct account *a, const struct option_row *row, const char *text,
    const struct option_context *context, struct error *err)
{
	return option_check_text(text, err)
	    && setters[row->type](a, row, text, context, err);
}
