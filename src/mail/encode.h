/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes text in the forms that header fields allow: phrases (RFC 5322),
 * encoded-words (RFC 2047) and extended values (RFC 2231).  Base64 is in
 * base/base64.h, xtext in mail/dsn.h.
 */
#ifndef VEREDUS_MAIL_ENCODE_H
#define VEREDUS_MAIL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Octets of a display name; a longer one is cut. */
#define ENCODE_NAME_MAX 256

/*
 * Appends a display name as a phrase (RFC 5322 section 3.2.5): as atoms, else
 * as a quoted-string, else as encoded-words with "\n " between them.  Control
 * characters are dropped, so that the phrase cannot end its field.  Returns
 * false and appends nothing if the name has no other characters.
 */
bool encode_phrase(struct str *out, const char *name);

/*
 * Appends the text as encoded-words (RFC 2047 section 2) of at most 72 octets
 * with "\n " between them; the first one is shorter and leaves room for the field
 * name.  No character is split.  The charset is charset_of().
 */
void encode_words(struct str *out, const char *text, size_t len,
    const char *declared);

/*
 * ext-octet = "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
 * attribute-char = <any (ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or
 *                  tspecials>
 * Appends the text as both (RFC 2231 section 7).
 */
void encode_percent(struct str *out, const char *text, size_t len);

/* The value of a hexadecimal digit, or -1. */
int encode_hex_value(char c);
/* Appends the escape character and two upper-case hexadecimal digits. */
void encode_hex(struct str *out, char escape, char octet);

#endif
