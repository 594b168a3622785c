/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/header_fold.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "mail/message.h"

/* Of a line that gets a blank before it. */
#define FOLD_MAX (MESSAGE_LINE_MAX - 1)

bool
header_is_long(const struct str *header)
{
	const char *at = str_text(header), *end = at + header->len;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *stop = lf == NULL ? end : lf;

		if (stop - at > MESSAGE_LINE_MAX)
			return true;
		at = lf == NULL ? end : lf + 1;
	}
	return false;
}

/*
 * The last blank of the line that fits, so that neither what stands before it
 * nor what follows is empty; 0: there is none.
 */
static size_t
last_blank(const char *line)
{
	size_t first = strspn(line, " \t");

	for (size_t i = FOLD_MAX; i > first; i--)
		if (text_is_space(line[i]) && !text_is_space(line[i + 1])
		    && line[i + 1] != '\n')
			return i;
	return 0;
}

static size_t
last_comma(const char *line)
{
	for (size_t i = FOLD_MAX; i > 1; i--)
		if (line[i - 1] == ',')
			return i;
	return 0;
}

/* The end of the last whole character of UTF-8 that fits. */
static size_t
last_character(const char *line)
{
	size_t i = FOLD_MAX;

	while (i > FOLD_MAX - 3 && ((unsigned char)line[i] & 0xc0) == 0x80)
		i--;
	return i;
}

/* A line of blanks alone would look like the end of the header section. */
static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && text_is_space(*at))
		at++;
	return at;
}

/* Appends one line without its end; true: it was broken anywhere. */
static bool
fold_line(const char *line, const char *end, struct str *out)
{
	size_t blank = 0; /* ours, before what is left of the line */
	bool broken = false;

	while ((size_t)(end - line) + blank > MESSAGE_LINE_MAX) {
		size_t at = last_blank(line);

		if (at > 0) {
			str_append(out, line, at);
			str_add_char(out, '\n');
			line += at;
			blank = 0;
			continue;
		}
		at = last_comma(line);
		broken |= at == 0;
		at = at == 0 ? last_character(line) : at;
		str_append(out, line, at);
		line = skip_blanks(line + at, end);
		if (line == end)
			return broken;
		str_add(out, "\n ");
		blank = 1;
	}
	str_append(out, line, (size_t)(end - line));
	return broken;
}

bool
header_fold(struct str *header)
{
	const char *at = str_text(header), *end = at + header->len;
	struct str folded = { 0 };
	bool broken = false;

	if (!header_is_long(header))
		return false;
	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *stop = lf == NULL ? end : lf;

		broken |= fold_line(at, stop, &folded);
		str_add_char(&folded, '\n');
		at = lf == NULL ? end : lf + 1;
	}
	str_free(header);
	*header = folded;
	return broken;
}
