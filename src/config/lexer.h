/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lines of a configuration file as keywords and arguments.  Knows no
 * keyword.
 *
 *   file     = [BOM] *(line (LF / CRLF)) [line]
 *   line     = *WSP ["#" *visible / keyword [1*WSP argument]] *WSP
 *   argument = DQUOTE *visible DQUOTE / *visible
 *
 * visible is any octet but the control characters; a tab counts as a blank.
 * In quotes nothing is escaped: they only keep blanks at either end.
 */
#ifndef VEREDUS_CONFIG_LEXER_H
#define VEREDUS_CONFIG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* Octets of a line without its end. */
#define LEXER_LINE_MAX 65536

struct lexer {
	const char *text; /* borrowed */
	size_t len, at;
	unsigned line; /* number of the line that was read last, from 1 */
};

/* Holds a secret, perhaps: to be wiped. */
struct lexer_line {
	struct str keyword; /* "" for a line that says nothing */
	struct str argument;
};

enum lexer_result { LEXER_END, LEXER_LINE, LEXER_WRONG };

/* Begins at the first octet, or behind a byte-order mark that stands there. */
void lexer_init(struct lexer *lexer, const char *text, size_t len);
/*
 * Reads the next line.  LEXER_WRONG: it breaks the grammar, err (ERROR_CONFIG)
 * says how without its text, and reading may go on behind it.
 */
enum lexer_result lexer_next(struct lexer *lexer, struct lexer_line *line,
    struct error *err);
/* Splits one line that comes from somewhere else, without its end. */
bool lexer_split(const char *text, size_t len, struct lexer_line *line,
    struct error *err);
void lexer_line_wipe(struct lexer_line *line);

#endif
