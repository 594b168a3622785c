/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The charset of octets over 127 in a header section.  UTF-8 is recognized; for
 * other octets, the charset that Content-Type declares for the body is the best
 * guess, because the same program wrote both.
 */
#ifndef VEREDUS_MAIL_CHARSET_H
#define VEREDUS_MAIL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The name of a charset, which the caller frees.  NULL if it is not one, or cannot
 * explain octets over 127 which are not UTF-8. */
char *charset_named(const char *name, size_t len);

/*
 * The name for an encoded-word or extended parameter with this text: "utf-8" if
 * it is UTF-8, else the declared charset, else "unknown-8bit" (RFC 1428).
 */
const char *charset_of(const char *text, size_t len, const char *declared);

/* The octets of the first character of the text, which is not empty.  1 in a
 * charset that is not known to have longer ones. */
size_t charset_character(const char *charset, const char *text, size_t len);

/* Appends text in UTF-8, or in a Latin charset as far as they agree, as UTF-8.
 * Returns false and appends nothing for other text. */
bool charset_to_utf8(struct str *out, const char *text, size_t len,
    const char *declared);

#endif
