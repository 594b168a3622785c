/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64 (RFC 4648 section 4), as SASL in SMTP uses it: no line breaks.
 */
#ifndef VEREDUS_BASE_BASE64_H
#define VEREDUS_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Appends the encoding of the bytes to out. */
void base64_encode(struct str *out, const void *data, size_t len);
/*
 * Appends the decoded bytes to out.  False, with out as it was, for anything
 * that is not strict base64: wrong characters, length or padding.
 */
bool base64_decode(struct str *out, const char *text, size_t len);

#endif
