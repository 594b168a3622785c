/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folds the lines of a field (RFC 5322 section 2.2.3).  Lines end with LF.
 */
#ifndef VEREDUS_MAIL_FOLD_H
#define VEREDUS_MAIL_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Whether a line has more than MESSAGE_LINE_MAX octets. */
bool fold_is_needed(const char *text, size_t len);

/*
 * Appends the text with lines of at most MESSAGE_LINE_MAX octets, folded at
 * blanks, else after commas.  Returns true if a line had neither and was broken
 * between two characters, which adds a blank to the value.
 */
bool fold_lines(struct str *out, const char *text, size_t len);

/*
 * Appends the text with lines of at most 76 octets, as RFC 2047 section 2
 * requires where there are encoded-words, folded only at blanks.  With `quotes`,
 * quoted strings are not folded.  A line without a blank stays longer.
 */
void fold_words(struct str *out, const char *text, size_t len, bool quotes);

#endif
