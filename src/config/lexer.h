/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Splits the lines of a configuration file into keywords and arguments.  Knows
 * no keyword.
 *
 *   file     = [BOM] *(line (LF / CRLF)) [line]
 *   line     = *WSP ["#" *visible / keyword [1*WSP argument]] *WSP
 *   argument = DQUOTE *visible DQUOTE / *visible
 *
 * visible is any octet except control characters; a tab is a blank.  Nothing is
 * escaped in quotes: they only preserve blanks at both ends.
 */
#ifndef VEREDUS_CONFIG_LEXER_H
#define VEREDUS_CONFIG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* The longest line, in octets without the line end. */
#define LEXER_LINE_MAX 65536

struct lexer {
	const char *text; /* borrowed */
	size_t len, at;
	unsigned line; /* number of the last line that was read, from 1 */
};

/* May contain a secret: wipe it with lexer_line_wipe(). */
struct lexer_line {
	struct str keyword; /* "" for an empty line or a comment */
	struct str argument;
};

enum lexer_result { LEXER_END, LEXER_LINE, LEXER_WRONG };

/* Begins at the start of the text, after a byte-order mark if there is one. */
void lexer_init(struct lexer *lexer, const char *text, size_t len);
/*
 * Reads the next line.  LEXER_WRONG: the line violates the grammar; err
 * (ERROR_CONFIG) does not repeat its text, and the next call reads the next line.
 */
enum lexer_result lexer_next(struct lexer *lexer, struct lexer_line *line,
    struct error *err);
/* Splits one line, without its line end, that is not part of a file. */
bool lexer_split(const char *text, size_t len, struct lexer_line *line,
    struct error *err);
void lexer_line_wipe(struct lexer_line *line);

#endif
