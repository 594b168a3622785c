/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text from outside: server replies, headers, arguments, file contents.
 *
 * Such text goes through text_clean() before it reaches a terminal or a log,
 * and through text_is_wire_safe() before it becomes part of an SMTP command.
 */
#ifndef VEREDUS_BASE_TEXT_H
#define VEREDUS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The maximum length of a piece of outside text in a message to the user. */
#define TEXT_MAX 512

/*
 * Appends at most max bytes of text to out.  C0, DEL, C1 (also as UTF-8),
 * invalid UTF-8, invisible characters and bidirectional controls become "?".
 * A run of blanks and line ends becomes one space, and is removed at the start
 * and the end.  Longer text is cut and ends with "...".
 */
void text_clean(struct str *out, const char *text, size_t len, size_t max);
/* The cleaned text, up to TEXT_MAX bytes; the caller frees it. */
char *text_printable(const char *text);

/* Whether text has no control characters (CR, LF, NUL ...), which could end a
 * command line. */
bool text_is_wire_safe(const char *text, size_t len);
bool text_is_ascii(const char *text, size_t len);
/* Whether c is a visible character in ASCII (VCHAR of RFC 5234). */
bool text_is_vchar(char c);
/* Whether all characters are visible and in ASCII, as those of an empty text. */
bool text_is_visible(const char *text, size_t len);
/* Whether an octet from `at` up to `end` is over 127. */
bool text_has_high(const char *at, const char *end);
bool text_is_utf8(const char *text, size_t len);
/*
 * The length of the UTF-8 character at the start of text, which has len bytes
 * (at least 1), and its code point.  0 if it is not well-formed (The Unicode
 * Standard, table 3-7); *point is then not valid.
 */
size_t text_utf8_char(const char *text, size_t len, uint32_t *point);

/* Appends a code point up to U+10FFFF. */
void text_add_utf8_char(struct str *out, uint32_t c);

/*
 * The length of a UTF-8 byte order mark (U+FEFF) at the start of the text, or 0.
 * Programs of Windows write one; it is not part of the text.
 */
size_t text_mark_length(const char *text, size_t len);
/* Whether the text is in UTF-16: it begins with its byte order mark, or with two
 * ASCII characters in UTF-16. */
bool text_is_utf16(const char *text, size_t len);
/* What an error says about such a text. */
#define TEXT_UTF16_PROBLEM \
	"is in UTF-16: convert it to UTF-8 with iconv -f UTF-16 -t UTF-8"

/* Whether c continues a UTF-8 character (UTF8-tail of RFC 3629 section 4). */
bool text_is_utf8_tail(char c);

/* These functions treat only ASCII letters and digits, in every locale. */
int text_lower(int c);
bool text_is_space(int c); /* space or tab */
bool text_is_digit(int c);
bool text_equal(const char *a, const char *b); /* NULL equals NULL */
bool text_equal_nocase(const char *a, const char *b);
bool text_starts_nocase(const char *text, const char *prefix);
/* Whether the first len bytes of text are the word. */
bool text_is_word(const char *text, size_t len, const char *word);

/*
 * Returns the line that begins at *at and stores its length without the LF or
 * CRLF in *len; moves *at to the next line.  NULL at the end.
 */
const char *text_next_line(const char **at, const char *end, size_t *len);

/*
 * Parses text as a decimal number from min to max.  Returns false for any
 * other text, also with blanks, with a sign, or in hexadecimal.
 */
bool text_number(const char *text, unsigned long long min,
    unsigned long long max, unsigned long long *value);

/*
 * Parses text as a duration from min to max seconds: a number with s, m, h, d or
 * w (seconds, minutes, hours, days, weeks) behind it, or without, for seconds.
 */
bool text_duration(const char *text, unsigned min, unsigned max,
    unsigned *seconds);
/* Appends the duration in the largest of these units that divides it. */
void text_add_duration(struct str *out, unsigned seconds);
/*
 * Parses text as a number of octets up to max, with k, m, or g (1024, 1024^2,
 * 1024^3) behind it, or without.
 */
bool text_octets(const char *text, uint64_t max, uint64_t *octets);

/* The edit distance of two words, for "did you mean"; 40 if a word is longer
 * than that. */
size_t text_distance(const char *a, const char *b);

#endif
