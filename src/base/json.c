/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes JSON values and the separators between them. */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

/*
 * unescaped = %x20-21 / %x23-5B / %x5D-10FFFF
 *
 * DEL and C1 may stand for themselves, but are escaped, because the text may be
 * shown on a terminal.
 */
static void
add_char(struct str *out, const char *text, size_t len, uint32_t point)
{
	if (point == '"' || point == '\\')
		str_printf(out, "\\%c", *text);
	else if (point == '\n')
		str_add(out, "\\n");
	else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		str_printf(out, "\\u%04x", (unsigned)point);
	else
		str_append(out, text, len);
}

/* Returns how many characters at the start stand for themselves and are ASCII. */
static size_t
plain_length(const char *text)
{
	size_t n = 0;

	while (text[n] >= ' ' && text[n] < 0x7f && text[n] != '"'
	    && text[n] != '\\')
		n++;
	return n;
}

/* string = quotation-mark *char quotation-mark */
static void
add_string(struct str *out, const char *text)
{
	size_t len = strlen(text);
	size_t count;

	str_add_char(out, '"');
	for (; len > 0; text += count, len -= count) {
		uint32_t point;

		count = plain_length(text);
		if (count > 0) {
			str_append(out, text, count);
			continue;
		}
		count = text_utf8_char(text, len, &point);
		if (count > 0) {
			add_char(out, text, count, point);
			continue;
		}
		str_add(out, REPLACEMENT);
		count = 1;
	}
	str_add_char(out, '"');
}

static void
add_name(struct str *out, const char *name)
{
	str_add_char(out, '"');
	str_add(out, name);
	str_add(out, "\": ");
}

/*
 * object = begin-object [ member *( value-separator member ) ] end-object
 * array = begin-array [ value *( value-separator value ) ] end-array
 * member = string name-separator value
 */
static void
begin_value(struct json_writer *json, const char *name)
{
	if (json->has_sibling)
		str_add(json->out, ", ");
	json->has_sibling = true;
	if (name != NULL)
		add_name(json->out, name);
}

static void
begin_parent(struct json_writer *json, const char *name, char bracket)
{
	begin_value(json, name);
	str_add_char(json->out, bracket);
	json->has_sibling = false;
}

static void
end_parent(struct json_writer *json, char bracket)
{
	str_add_char(json->out, bracket);
	json->has_sibling = true;
}

void
json_begin_object(struct json_writer *json, const char *name)
{
	begin_parent(json, name, '{');
}

void
json_end_object(struct json_writer *json)
{
	end_parent(json, '}');
}

void
json_begin_array(struct json_writer *json, const char *name)
{
	begin_parent(json, name, '[');
}

void
json_end_array(struct json_writer *json)
{
	end_parent(json, ']');
}

void
json_add_string(struct json_writer *json, const char *name, const char *text)
{
	begin_value(json, name);
	if (text == NULL)
		str_add(json->out, "null");
	else
		add_string(json->out, text);
}

void
json_add_number(struct json_writer *json, const char *name, int64_t number)
{
	begin_value(json, name);
	str_printf(json->out, "%" PRId64, number);
}

void
json_add_bool(struct json_writer *json, const char *name, bool value)
{
	begin_value(json, name);
	str_add(json->out, value ? "true" : "false");
}

void
json_add_null(struct json_writer *json, const char *name)
{
	json_add_string(json, name, NULL);
}
