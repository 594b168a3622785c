/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes and reads records by their tables: one row of functions for each type
 * of field. */
#include "oauth/fields.h"

#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"

#define END "end"
/* A number with 20 digits, its key and the rest. */
#define NUMBER_MAX 64

static void
write_text(const struct field *f, const void *at, struct str *out)
{
	const char *text = *(char *const *)at;

	if (text != NULL)
		str_printf(out, "%s %s\n", f->key, text);
}

static void
write_secret(const struct field *f, const void *at, struct str *out)
{
	struct secret_text text;

	if (!secret_is_set(at))
		return;
	secret_reveal(at, &text);
	str_printf(out, "%s ", f->key);
	str_append(out, text.data, text.len);
	str_add_char(out, '\n');
	secret_text_free(&text);
}

static void
write_word(const struct field *f, const void *at, struct str *out)
{
	str_printf(out, "%s %s\n", f->key, f->words[*(const unsigned *)at]);
}

static void
write_number(const struct field *f, const void *at, struct str *out)
{
	str_printf(out, "%s %u\n", f->key, *(const unsigned *)at);
}

static void
write_time(const struct field *f, const void *at, struct str *out)
{
	str_printf(out, "%s %" PRId64 "\n", f->key, *(const int64_t *)at);
}

static void
write_flag(const struct field *f, const void *at, struct str *out)
{
	str_printf(out, "%s %d\n", f->key, *(const bool *)at ? 1 : 0);
}

static bool
read_text(const struct field *f, void *at, const char *value, size_t len)
{
	(void)f;
	*(char **)at = alloc_string_n(value, len);
	return true;
}

static bool
read_secret(const struct field *f, void *at, const char *value, size_t len)
{
	(void)f;
	if (len > SECRET_MAX)
		return false;
	secret_set(at, value, len);
	return true;
}

static bool
read_word(const struct field *f, void *at, const char *value, size_t len)
{
	for (unsigned i = 0; f->words[i] != NULL; i++)
		if (text_is_word(value, len, f->words[i])) {
			*(unsigned *)at = i;
			return true;
		}
	return false;
}

static bool
read_digits(const char *value, size_t len, unsigned long long max,
    unsigned long long *number)
{
	char digits[NUMBER_MAX];

	if (len >= sizeof(digits))
		return false;
	memcpy(digits, value, len);
	digits[len] = '\0';
	return text_number(digits, 0, max, number);
}

static bool
read_number(const struct field *f, void *at, const char *value, size_t len)
{
	unsigned long long number;

	(void)f;
	if (!read_digits(value, len, UINT_MAX, &number))
		return false;
	*(unsigned *)at = (unsigned)number;
	return true;
}

static bool
read_time(const struct field *f, void *at, const char *value, size_t len)
{
	unsigned long long number;

	(void)f;
	if (!read_digits(value, len, INT64_MAX, &number))
		return false;
	*(int64_t *)at = (int64_t)number;
	return true;
}

static bool
read_flag(const struct field *f, void *at, const char *value, size_t len)
{
	unsigned long long number;

	(void)f;
	if (!read_digits(value, len, 1, &number))
		return false;
	*(bool *)at = number == 1;
	return true;
}

static const struct {
	void (*write)(const struct field *f, const void *at, struct str *out);
	bool (*read)(const struct field *f, void *at, const char *value,
	    size_t len);
	size_t size; /* of a value that is copied as it is, or 0 */
} types[] = {
	[FIELD_TEXT] = { write_text, read_text, 0 },
	[FIELD_SECRET] = { write_secret, read_secret, 0 },
	[FIELD_WORD] = { write_word, read_word, sizeof(unsigned) },
	[FIELD_NUMBER] = { write_number, read_number, sizeof(unsigned) },
	[FIELD_TIME] = { write_time, read_time, sizeof(int64_t) },
	[FIELD_FLAG] = { write_flag, read_flag, sizeof(bool) },
};

/* Whether the line with a value, from `start` to the end of text, is one line. */
static bool
is_one_line(const struct str *text, size_t start)
{
	return text->len == start
	    || text_is_wire_safe(text->data + start, text->len - start - 1);
}

bool
record_write(const struct record *record, const void *object, struct str *text,
    struct error *err)
{
	/* Room for everything, so that no copy of a secret is left behind. */
	str_reserve(text, RECORD_MAX);
	str_printf(text, "%s\n", record->head);
	for (size_t i = 0; i < record->count; i++) {
		const struct field *f = &record->fields[i];
		size_t start = text->len;

		types[f->type].write(f, (const char *)object + f->offset, text);
		if (!is_one_line(text, start))
			return error_set(err, ERROR_CONFIG,
			    "%s has a control character", f->key);
		if (text->len > RECORD_MAX - NUMBER_MAX)
			return error_set(err, ERROR_CONFIG, "%s is too long",
			    f->key);
	}
	str_add(text, END "\n");
	return true;
}

static const struct field *
find_field(const struct record *record, const char *key, size_t len)
{
	for (size_t i = 0; i < record->count; i++)
		if (text_is_word(key, len, record->fields[i].key))
			return &record->fields[i];
	return NULL;
}

/* *seen has a bit for each field that was read. */
static bool
read_line(const struct record *record, void *object, const char *line,
    size_t len, uint64_t *seen)
{
	const char *space = memchr(line, ' ', len);
	const struct field *f;
	uint64_t bit;
	size_t key;

	if (space == NULL || !text_is_wire_safe(line, len))
		return false;
	key = (size_t)(space - line);
	f = find_field(record, line, key);
	if (f == NULL)
		return false;
	bit = UINT64_C(1) << (f - record->fields);
	if ((*seen & bit) != 0)
		return false;
	*seen |= bit;
	return types[f->type].read(f, (char *)object + f->offset, space + 1,
	    len - key - 1);
}

static bool
check_required(const struct record *record, uint64_t seen, struct error *err)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->fields[i].required
		    && (seen & (UINT64_C(1) << i)) == 0)
			return error_set(err, ERROR_CONFIG,
			    "it lacks the key %s", record->fields[i].key);
	return true;
}

/* Without its LF, a line is cut; NULL at the end. */
static const char *
next_line(const char **at, const char *end, size_t *len)
{
	const char *line = *at;
	const char *lf =
	    line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;

	if (lf == NULL)
		return NULL;
	*len = (size_t)(lf - line);
	*at = lf + 1;
	return line;
}

bool
record_read(const struct record *record, void *object, const char *text,
    size_t len, struct error *err)
{
	const char *at = text, *end = text + len;
	uint64_t seen = 0;
	const char *line;
	size_t size;

	line = next_line(&at, end, &size);
	if (line == NULL || !text_is_word(line, size, record->head))
		return error_set(err, ERROR_CONFIG,
		    "it does not begin with \"%s\"", record->head);
	for (unsigned number = 2;; number++) {
		line = next_line(&at, end, &size);
		if (line == NULL)
			return error_set(err, ERROR_CONFIG,
			    "it ends without \"" END "\"");
		if (text_is_word(line, size, END))
			break;
		if (!read_line(record, object, line, size, &seen))
			return error_set(err, ERROR_CONFIG,
			    "line %u is invalid", number);
	}
	if (at != end)
		return error_set(err, ERROR_CONFIG,
		    "it has text after \"" END "\"");
	return check_required(record, seen, err);
}

void
record_copy(const struct record *record, void *dst, const void *src)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *f = &record->fields[i];
		void *to = (char *)dst + f->offset;
		const void *from = (const char *)src + f->offset;

		if (f->type == FIELD_TEXT)
			alloc_replace(to, *(char *const *)from);
		else if (f->type == FIELD_SECRET)
			secret_copy(to, from);
		else
			memcpy(to, from, types[f->type].size);
	}
}

void
record_free(const struct record *record, void *object)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct field *f = &record->fields[i];
		void *at = (char *)object + f->offset;

		if (f->type == FIELD_TEXT)
			alloc_replace(at, NULL);
		else if (f->type == FIELD_SECRET)
			secret_free(at);
		else
			memset(at, 0, types[f->type].size);
	}
}
