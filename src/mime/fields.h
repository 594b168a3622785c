/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The header section of a message or part whose content was encoded: says what
 * the content is now (RFC 2045), and gets its own form for a server.
 */
#ifndef VEREDUS_MIME_FIELDS_H
#define VEREDUS_MIME_FIELDS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

enum charset { CHARSET_ASCII, CHARSET_UTF8, CHARSET_UNKNOWN };

/* Sets the Content-Transfer-Encoding, in the place of the old field. */
void mime_set_encoding(struct str *header, const char *encoding);
/* Replaces encodings such as 8bit and binary, which do not apply any more. */
void mime_declare_7bit(struct str *header);
/* Replaces the encoding binary: what was normalized consists of lines. */
void mime_declare_8bit(struct str *header);
/* Declares text, in the place of the old type. */
void mime_declare_text(struct str *header, enum charset charset);
/* Adds the fields that make a message a MIME message. */
void mime_declare_message(struct str *header, bool is_8bit);

/*
 * header_fold() and header_encode() of mail/header_encode.h; the boundary of a
 * multipart, which they can damage in an invalid or very long field, is kept.
 * An encoded header section is folded, too.
 */
bool mime_fold_header(struct str *header);
bool mime_encode_header(struct str *header, struct error *err);

#endif
