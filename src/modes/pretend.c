/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/pretend.h"

#include "base/attr.h"
#include "base/text.h"
#include "config/option.h"

/* A value may be as long as a line of the file; a terminal is not. */
#define VALUE_SHOWN 1024

static void
add_clean(struct str *out, const struct str *text)
{
	text_clean(out, str_text(text), text->len, VALUE_SHOWN);
}

/* "NAME = VALUE (ORIGIN)" */
static void
add_line(struct str *out, const char *name, const struct str *value,
    const struct origin *origin)
{
	struct str place = { 0 };

	str_printf(out, "%s = ", name);
	add_clean(out, value);
	if (origin != NULL) {
		origin_describe(origin, &place);
		str_add(out, " (");
		add_clean(out, &place);
		str_add_char(out, ')');
	}
	str_add_char(out, '\n');
	str_free(&place);
}

static void
add_option(struct str *out, const struct account *a,
    const struct option_row *row)
{
	const struct origin *origin = &a->origins[option_number(row)];
	struct str value = { 0 };

	option_print(a, row, &value);
	if (value.len > 0
	    && (row->help != NULL || origin->kind != ORIGIN_DEFAULT))
		add_line(out, row->name, &value, origin);
	str_free(&value);
}

static void
add_text(struct str *out, const char *name, const char *text,
    const struct origin *origin)
{
	struct str value = { 0 };

	str_add(&value, text);
	add_line(out, name, &value, origin);
	str_free(&value);
}

void
pretend_settings(struct str *out, int depth, const struct account *a)
{
	for (size_t i = 0; i < option_count; i++) {
		if (option_rows[i].type == OPTION_ALIAS
		    || a->origins[i].kind == ORIGIN_DEFAULT)
			continue;
		str_printf(out, "%*s", depth, "");
		add_option(out, a, &option_rows[i]);
	}
}

void
pretend_print(struct str *out, const struct account *a,
    const struct envelope *envelope)
{
	add_text(out, "account", a->name,
	    a->origin.kind == ORIGIN_DEFAULT ? NULL : &a->origin);
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].type != OPTION_ALIAS)
			add_option(out, a, &option_rows[i]);
	if (envelope == NULL)
		return;
	if (envelope->sender != NULL)
		add_text(out, "sender",
		    envelope->sender[0] != '\0' ? envelope->sender : "<>",
		    NULL);
	for (size_t i = 0; i < envelope->count; i++)
		add_text(out, "recipient", envelope->recipients[i].address,
		    NULL);
}
