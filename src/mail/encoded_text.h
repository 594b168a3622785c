/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the parts of a field's value ASCII: text, comments, and tokens.  The
 * functions accept folded values.  `declared` is charset_declared() of the
 * header section.
 */
#ifndef VEREDUS_MAIL_ENCODED_TEXT_H
#define VEREDUS_MAIL_ENCODED_TEXT_H

#include <stdbool.h>

#include "base/str.h"

/*
 * Appends text with its words over 127 as encoded-words (RFC 2047), or with
 * `all` every word, as a phrase needs it.  Encoded-words that are there already
 * are kept.  Readers drop the blanks between two encoded-words (section 6.2), so
 * blanks that belong to the text are encoded there.
 */
void encoded_text_add(struct str *out, const char *at, const char *end,
    bool all, const char *declared);

/* Appends the comment from its "(" to its ")". */
void encoded_text_add_comment(struct str *out, const char *at, const char *end,
    const char *declared);

/*
 * Appends a value without phrases, such as that of Received: its comments as
 * above, and other octets over 127 percent-encoded, because an encoded-word is
 * not allowed there (section 5).
 */
void encoded_text_add_tokens(struct str *out, const char *at, const char *end,
    const char *declared);

/* The same for a list of msg-ids (RFC 5322 section 3.6.4), whose domains become
 * A-labels if possible. */
void encoded_text_add_ids(struct str *out, const char *at, const char *end,
    const char *declared);

/* The length of the encoded-word at the start of the text, or 0. */
size_t encoded_word_length(const char *at, const char *end);

#endif
