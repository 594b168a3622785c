/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64 without line breaks (RFC 4648 section 4), as used by SASL in SMTP.
 */
#ifndef VEREDUS_BASE_BASE64_H
#define VEREDUS_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Appends the encoding of len bytes of data to out. */
void base64_encode(struct str *out, const void *data, size_t len);
/*
 * Appends the decoded bytes to out.  Returns false and leaves out unchanged if
 * text is not canonical base64: invalid characters, length or padding.
 */
bool base64_decode(struct str *out, const char *text, size_t len);

#endif
