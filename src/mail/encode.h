/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text in the forms that header fields allow: phrases, encoded
 * words (RFC 2047).  Base64 is in base/base64.h, xtext in mail/dsn.h.
 */
#ifndef VEREDUS_MAIL_ENCODE_H
#define VEREDUS_MAIL_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Octets of a display name that are taken; nobody's name is longer. */
#define ENCODE_NAME_MAX 256

/*
 * Appends a display name as a phrase (RFC 5322 section 3.2.5): atoms, else a
 * quoted string, else encoded words, folded with "\n " between them.
 * Control characters are left out, so the phrase cannot end its field.
 * Returns false, with nothing appended, if nothing of the name is left.
 */
bool encode_phrase(struct str *out, const char *name);

/*
 * Appends text as encoded words of at most 75 octets, "\n " between them;
 * the first is shorter, so that the name of the field fits before it.  The
 * charset is utf-8, or unknown-8bit (RFC 1428) for what is not UTF-8.
 */
void encode_words(struct str *out, const char *text, size_t len);

#endif
