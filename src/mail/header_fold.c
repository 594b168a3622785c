/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Folds long header lines. */
#include "mail/header_fold.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "mail/message.h"

/* The longest part of a line after which a blank is inserted. */
#define FOLD_MAX (MESSAGE_LINE_MAX - 1)

bool
header_is_long(const struct str *header)
{
	const char *at = str_text(header), *end = at + header->len;
	size_t len;

	while (text_next_line(&at, end, &len) != NULL)
		if (len > MESSAGE_LINE_MAX)
			return true;
	return false;
}

/*
 * The offset of the last blank that leaves a short enough line before it, or
 * 0.  Neither part may be empty.
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

/* The offset after the last comma that leaves a short enough line, or 0. */
static size_t
last_comma(const char *line)
{
	for (size_t i = FOLD_MAX; i > 1; i--)
		if (line[i - 1] == ',')
			return i;
	return 0;
}

/* The end of the last whole UTF-8 character that fits. */
static size_t
last_character(const char *line)
{
	size_t i = FOLD_MAX;

	while (i > FOLD_MAX - 3 && text_is_utf8_tail(line[i]))
		i--;
	return i;
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && text_is_space(*at))
		at++;
	return at;
}

/*
 * Appends one line without its line end, folded.  Returns true if it had to be
 * broken between two characters.
 */
static bool
fold_line(const char *line, const char *end, struct str *out)
{
	size_t blank = 0; /* 1 if a blank was inserted before the rest */
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
		/* A line of blanks would look like the end of the header. */
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
	const char *at = str_text(header), *end = at + header->len, *line;
	struct str folded = { 0 };
	size_t len;
	bool broken = false;

	if (!header_is_long(header))
		return false;
	while ((line = text_next_line(&at, end, &len)) != NULL) {
		broken |= fold_line(line, line + len, &folded);
		str_add_char(&folded, '\n');
	}
	str_free(header);
	*header = folded;
	return broken;
}
