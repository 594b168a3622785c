/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the value of a setting as it would be written, by its type. */
#include "config/option_print.h"

#include <stdlib.h>

#include "base/secret.h"
#include "base/strv.h"
#include "base/text.h"

/* Prints nothing for a value that has no name: the default of tls_certcheck
 * once it is resolved. */
static void
print_choice(const struct option_row *row, int value, struct str *out)
{
	for (const struct option_choice *c = row->choices; c->name; c++) {
		if (c->value == value) {
			str_add(out, c->name);
			return;
		}
	}
}

static void
print_set(const struct option_row *row, int value, struct str *out)
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
	bool has_zero = row->min == 0 && row->fallback != NULL;

	if (value != 0 || (has_zero && !row->off_is_zero))
		str_printf(out, "%u", value);
	else if (row->off_is_zero)
		str_add(out, "off");
}

static void
print_duration(unsigned seconds, struct str *out)
{
	if (seconds != 0)
		text_add_duration(out, seconds);
	else
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
	const void *value = (const char *)a + row->offset;

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
		print_string(row, *(char *const *)value, out);
		break;
	case OPTION_NUMBER:
		print_number(row, *(const unsigned *)value, out);
		break;
	case OPTION_DURATION:
		print_duration(*(const unsigned *)value, out);
		break;
	case OPTION_BOOLEAN:
		str_add(out, *(const bool *)value ? "on" : "off");
		break;
	case OPTION_CHOICE:
		print_choice(row, *(const int *)value, out);
		break;
	case OPTION_SET:
		print_set(row, *(const int *)value, out);
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

/* A tab, and the words with spaces between them. */
static void
list_choices(const struct option_choice *choices, struct str *out)
{
	str_add_char(out, '\t');
	for (size_t i = 0; choices != NULL && choices[i].name != NULL; i++) {
		if (i > 0)
			str_add_char(out, ' ');
		str_add(out, choices[i].name);
	}
}

void
option_list(struct str *out)
{
	static const char *const types[] = {
		[OPTION_STRING] = "string",
		[OPTION_NUMBER] = "number",
		[OPTION_DURATION] = "duration",
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
		const char *value =
		    row->derived != NULL ? row->derived : row->fallback;

		str_printf(out, "%s\t%s\t%s\t%s", row->name, types[row->type],
		    value != NULL ? value : "",
		    row->argument != NULL ? row->argument : "");
		list_choices(row->choices, out);
		str_add_char(out, '\n');
	}
}
