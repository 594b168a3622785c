/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks at each colon, of which most bodies have few, and at the octet before it,
 * which shows nearly always that there is no command.
 */
#include "client/command_lines.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

#define BLOCK ((size_t)65536)
/* The longest beginning of a line that is looked at. */
#define BEFORE_MAX ((size_t)512)

/* Moves *end before the blanks at the end; false if there are none. */
static bool
skip_blanks(const char *start, const char **end)
{
	const char *before = *end;

	while (*end > start && text_is_space((*end)[-1]))
		--*end;
	return *end < before;
}

/* Moves *end before the word at the end; false if there is another word. */
static bool
skip_word(const char *start, const char **end, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(*end - start) < len
	    || strncasecmp(*end - len, word, len) != 0)
		return false;
	*end -= len;
	return true;
}

/* Whether the text up to `colon` ends with a line of MAIL FROM or RCPT TO. */
static bool
is_command(const char *start, const char *colon)
{
	const char *verb = "MAIL", *end = colon;

	if ((size_t)(colon - start) > BEFORE_MAX)
		start = colon - BEFORE_MAX;
	skip_blanks(start, &end);
	if (!skip_word(start, &end, "FROM")) {
		if (!skip_word(start, &end, "TO"))
			return false;
		verb = "RCPT";
	}
	if (!skip_blanks(start, &end) || !skip_word(start, &end, verb))
		return false;
	skip_blanks(start, &end);
	return end == start || end[-1] == '\n';
}

/* Whether FROM or TO, or the blanks after it, may end with that octet. */
static bool
may_end_keyword(char c)
{
	switch (c) {
	case 'm':
	case 'M':
	case 'o':
	case 'O':
	case ' ':
	case '\t':
		return true;
	default:
		return false;
	}
}

/* Looks at the colons from `from` on. */
static bool
has_command(const char *text, size_t len, size_t from)
{
	const char *end = text + len;
	const char *colon = text + from;

	while (colon < end
	    && (colon = memchr(colon, ':', (size_t)(end - colon))) != NULL) {
		if (colon > text && may_end_keyword(colon[-1])
		    && is_command(text, colon))
			return true;
		colon++;
	}
	return false;
}

/* Each block is read behind the end of the one before it. */
static bool
file_has_command(const struct buffer_file *body)
{
	char *text = alloc_bytes(BEFORE_MAX + BLOCK);
	size_t kept = 0, got = 1;
	bool found = false;

	for (uint64_t at = 0; !found && got > 0; at += got) {
		if (!buffer_file_read(body, at, text + kept, BLOCK, &got, NULL))
			break;
		found = has_command(text, kept + got, kept);
		kept += got;
		if (kept > BEFORE_MAX) {
			memmove(text, text + kept - BEFORE_MAX, BEFORE_MAX);
			kept = BEFORE_MAX;
		}
	}
	free(text);
	return found;
}

bool
message_has_command_lines(const struct message *m)
{
	const struct buffer_file *body = &m->body;

	if (has_command(str_text(&m->header), m->header.len, 0))
		return true;
	return body->fd_plus_1 == 0
	    ? has_command(str_text(&body->memory), body->memory.len, 0)
	    : file_has_command(body);
}
