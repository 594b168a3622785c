/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splits the lines of a configuration file by the grammar in lexer.h.
 */
#include "config/lexer.h"

#include <string.h>

#include "base/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_LEN 3

static bool
has_byte_order_mark(const char *text, size_t len)
{
	return memmem(text, len, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LEN) != NULL;
}

void
lexer_init(struct lexer *lexer, const char *text, size_t len)
{
	*lexer = (struct lexer){ .text = text, .len = len };
	if (len >= BYTE_ORDER_MARK_LEN
	    && memcmp(text, BYTE_ORDER_MARK, BYTE_ORDER_MARK_LEN) == 0)
		lexer->at = BYTE_ORDER_MARK_LEN;
}

static bool
check_line(const char *text, size_t len, struct error *err)
{
	if (len > LEXER_LINE_MAX)
		return error_set(err, ERROR_CONFIG,
		    "the line is longer than %d octets", LEXER_LINE_MAX);
	if (memchr(text, '\0', len) != NULL)
		return error_set(err, ERROR_CONFIG, "the line contains a NUL");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return error_set(err, ERROR_CONFIG,
			    "the line contains a control character (octet %u)",
			    (unsigned)c);
	}
	if (has_byte_order_mark(text, len))
		return error_set(err, ERROR_CONFIG,
		    "the line contains a byte-order mark, which is allowed "
		    "only at the start of the file");
	return true;
}

static void
trim(const char **start, const char **end)
{
	while (*start < *end && text_is_space((unsigned char)**start))
		(*start)++;
	while (*end > *start && text_is_space((unsigned char)(*end)[-1]))
		(*end)--;
}

bool
lexer_split(const char *text, size_t len, struct lexer_line *line,
    struct error *err)
{
	const char *start = text;
	const char *end = text + len;
	const char *keyword;

	lexer_line_wipe(line);
	if (!check_line(text, len, err))
		return false;
	trim(&start, &end);
	if (start == end || *start == '#')
		return true;
	keyword = start;
	while (start < end && !text_is_space((unsigned char)*start))
		start++;
	str_append(&line->keyword, keyword, (size_t)(start - keyword));
	trim(&start, &end);
	if (end - start >= 2 && *start == '"' && end[-1] == '"') {
		start++;
		end--;
	}
	str_append(&line->argument, start, (size_t)(end - start));
	return true;
}

enum lexer_result
lexer_next(struct lexer *lexer, struct lexer_line *line, struct error *err)
{
	const char *start = lexer->text + lexer->at;
	size_t left = lexer->len - lexer->at;
	const char *end;
	size_t len;

	if (left == 0)
		return LEXER_END;
	end = memchr(start, '\n', left);
	len = end != NULL ? (size_t)(end - start) : left;
	lexer->at += len + (end != NULL);
	lexer->line++;
	if (end != NULL && len > 0 && start[len - 1] == '\r')
		len--;
	return lexer_split(start, len, line, err) ? LEXER_LINE : LEXER_WRONG;
}

void
lexer_line_wipe(struct lexer_line *line)
{
	str_wipe(&line->keyword);
	str_wipe(&line->argument);
}
