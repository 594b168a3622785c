/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Inserts a line end before a blank, or a line end and a blank. */
#include "mail/fold.h"

#include <string.h>

#include "base/text.h"
#include "mail/header.h"
#include "mail/message.h"

/* The longest part of a line after which a blank is inserted. */
#define FOLD_MAX (MESSAGE_LINE_MAX - 1)
/* Octets of a line with an encoded-word. */
#define WORD_LINE_MAX 76

bool
fold_is_needed(const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	size_t line;

	while (text_next_line(&at, end, &line) != NULL)
		if (line > MESSAGE_LINE_MAX)
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

/* The end of the last whole UTF-8 character, or octet in hexadecimal after a
 * "%", that fits. */
static size_t
last_character(const char *line)
{
	size_t i = FOLD_MAX;

	while (i > FOLD_MAX - 3 && text_is_utf8_tail(line[i]))
		i--;
	if (line[i - 1] == '%')
		return i - 1;
	return line[i - 2] == '%' ? i - 2 : i;
}

/* Appends one line without its line end; returns whether it was broken. */
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
		line += at;
		/* A line of blanks would look like the end of the header. */
		while (line < end && text_is_space(*line))
			line++;
		if (line == end)
			return broken;
		str_add(out, "\n ");
		blank = 1;
	}
	str_append(out, line, (size_t)(end - line));
	return broken;
}

bool
fold_lines(struct str *out, const char *text, size_t len)
{
	const char *at = text, *end = text + len, *line;
	bool broken = false;
	size_t n;

	while ((line = text_next_line(&at, end, &n)) != NULL) {
		broken |= fold_line(line, line + n, out);
		str_add_char(out, '\n');
	}
	return broken;
}

/* The end of the text up to the next blank; with quotes, one that is not inside
 * of a quoted string. */
static const char *
word_end(const char *at, const char *end, bool quotes)
{
	bool quoted = false;

	for (; at < end && (quoted || !header_is_blank(*at)); at++) {
		if (quotes && *at == '"')
			quoted = !quoted;
		if (quoted && *at == '\\' && at + 1 < end)
			at++;
	}
	return at;
}

void
fold_words(struct str *out, const char *text, size_t len, bool quotes)
{
	const char *at = text, *end = text + len;
	size_t column = 0;

	while (at < end) {
		const char *word = at, *stop;

		while (word < end && header_is_blank(*word)) {
			column = *word == '\n' ? 0 : column + 1;
			word++;
		}
		stop = word_end(word, end, quotes);
		column += (size_t)(stop - word);
		if (column > WORD_LINE_MAX && at > text && at < word
		    && word < end
		    && memchr(at, '\n', (size_t)(word - at)) == NULL) {
			str_add_char(out, '\n');
			column = (size_t)(stop - at);
		}
		str_append(out, at, (size_t)(stop - at));
		at = stop;
	}
}
