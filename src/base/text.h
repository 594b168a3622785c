/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text from outside: server replies, headers, arguments, file contents.
 *
 * text_clean() is the one function that makes such text fit for a terminal
 * or a log, text_is_wire_safe() the one that says whether it may stand in an
 * SMTP command.
 */
#ifndef VEREDUS_BASE_TEXT_H
#define VEREDUS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* What one piece of outside text may take up in a message to people. */
#define TEXT_MAX 512

/*
 * Appends at most max bytes of text to out: C0, DEL, C1 (also as UTF-8),
 * invalid UTF-8 and bidirectional controls become "?", runs of blanks and
 * line ends one space; what is cut off is shown as "...".
 */
void text_clean(struct str *out, const char *text, size_t len, size_t max);
/* The same as a new string with max = TEXT_MAX; the caller frees. */
char *text_printable(const char *text);

/* No CR, LF, NUL or other control character: one line of a command. */
bool text_is_wire_safe(const char *text, size_t len);
bool text_is_ascii(const char *text, size_t len);
bool text_is_utf8(const char *text, size_t len);

/* ASCII only, whatever the locale. */
int text_lower(int c);
bool text_is_space(int c); /* blank or tab */
bool text_is_digit(int c);
bool text_equal_nocase(const char *a, const char *b);
bool text_starts_nocase(const char *text, const char *prefix);

/*
 * Reads a whole decimal number of [min, max]; blanks, signs, hexadecimal
 * forms and anything behind it make it false.
 */
bool text_number(const char *text, unsigned long long min,
    unsigned long long max, unsigned long long *value);

/* The distance in edits of two words, for "did you mean"; small inputs. */
size_t text_distance(const char *a, const char *b);

#endif
