/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 8259:
 *
 *   object = begin-object [ member *( value-separator member ) ] end-object
 *   member = string name-separator value
 *   value  = false / null / true / object / array / number / string
 *
 * Inner objects and arrays are passed over by counting brackets.
 */
#include "smtp/auth_json.h"

#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct reader {
	const char *at, *end;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct reader *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
}

/* Passes over blanks and then c, if it is c that follows. */
static bool
take(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->at == r->end || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool
hex_digit(char c, uint32_t *value)
{
	static const char digits[] = "0123456789abcdef";
	char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	const char *found = memchr(digits, lower, sizeof(digits) - 1);

	if (found == NULL)
		return false;
	*value = *value << 4 | (uint32_t)(found - digits);
	return true;
}

/* One UTF-16 unit as UTF-8; halves of a pair become a question mark. */
static void
add_unit(struct str *out, uint32_t unit)
{
	if (unit < 0x80) {
		str_add_char(out, (char)unit);
	} else if (unit < 0x800) {
		str_add_char(out, (char)(0xc0 | unit >> 6));
		str_add_char(out, (char)(0x80 | (unit & 0x3f)));
	} else if (unit >= 0xd800 && unit <= 0xdfff) {
		str_add_char(out, '?');
	} else {
		str_add_char(out, (char)(0xe0 | unit >> 12));
		str_add_char(out, (char)(0x80 | (unit >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (unit & 0x3f)));
	}
}

/* What stands behind a backslash: one letter, or u and four digits. */
static bool
read_escape(struct reader *r, struct str *out)
{
	static const char letters[] = "\"\\/bfnrt",
			  values[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint32_t unit = 0;

	if (r->at == r->end)
		return false;
	found = memchr(letters, *r->at, sizeof(letters) - 1);
	if (found != NULL) {
		str_add_char(out, values[found - letters]);
		r->at++;
		return true;
	}
	if (*r->at != 'u' || r->end - r->at < 5)
		return false;
	for (int i = 1; i <= 4; i++)
		if (!hex_digit(r->at[i], &unit))
			return false;
	add_unit(out, unit);
	r->at += 5;
	return true;
}

/* string = %x22 *char %x22 */
static bool
read_string(struct reader *r, struct str *out)
{
	if (!take(r, '"'))
		return false;
	while (r->at < r->end && *r->at != '"') {
		char c = *r->at++;

		if (c != '\\')
			str_add_char(out, c);
		else if (!read_escape(r, out))
			return false;
	}
	return take(r, '"');
}

/* Passes over an object or array, whose bracket comes next. */
static bool
skip_nested(struct reader *r)
{
	struct str ignored = { 0 };
	size_t depth = 0;
	bool ok = true;

	do {
		if (*r->at == '"') {
			ok = read_string(r, &ignored);
			continue;
		}
		if (*r->at == '{' || *r->at == '[')
			depth++;
		else if (*r->at == '}' || *r->at == ']')
			depth--;
		r->at++;
	} while (ok && depth > 0 && r->at < r->end);
	str_free(&ignored);
	return ok && depth == 0;
}

/* Any value: a string decoded, a number or word as it is, others empty. */
static bool
read_value(struct reader *r, struct str *out)
{
	const char *start;

	skip_blanks(r);
	if (r->at == r->end)
		return false;
	if (*r->at == '"')
		return read_string(r, out);
	if (*r->at == '{' || *r->at == '[')
		return skip_nested(r);
	start = r->at;
	while (r->at < r->end && !is_blank(*r->at) && *r->at != ','
	    && *r->at != '}')
		r->at++;
	str_append(out, start, (size_t)(r->at - start));
	return r->at > start;
}

bool
json_member(const struct str *text, const char *name, struct str *out)
{
	struct reader r = { str_text(text), str_text(text) + text->len };
	struct str key = { 0 }, value = { 0 };
	bool found = false, ok = take(&r, '{');

	while (ok && !found) {
		str_truncate(&key, 0);
		str_truncate(&value, 0);
		ok = read_string(&r, &key) && take(&r, ':')
		    && read_value(&r, &value);
		found = ok && str_equal(&key, name);
		ok = ok && take(&r, ',');
	}
	if (found)
		str_append(out, str_text(&value), value.len);
	str_free(&key);
	str_free(&value);
	return found;
}
