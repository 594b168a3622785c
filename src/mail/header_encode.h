/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prepares a header section for a server.  For one that accepts ASCII only,
 * octets over 127 become encoded-words (RFC 2047) or extended parameters (RFC
 * 2231), whichever the field allows.  Lines that are longer than RFC 5322
 * allows (sections 2.1.1 and 2.2.3) are folded.
 */
#ifndef VEREDUS_MAIL_HEADER_ENCODE_H
#define VEREDUS_MAIL_HEADER_ENCODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/* Whether a line has more than MESSAGE_LINE_MAX octets. */
bool header_is_long(const struct str *header);

/*
 * Folds lines over MESSAGE_LINE_MAX octets at a blank, else after a comma.
 * Returns true if a line had neither and was broken between two characters,
 * which adds a blank to the value.
 */
bool header_fold(struct str *header);

/*
 * Makes the header section ASCII; fields that are ASCII are not changed.
 * Errors: ERROR_UNSUPPORTED (5.6.7) for an address or another value that
 * cannot be encoded; the header section is then unchanged.
 */
bool header_encode(struct str *header, struct error *err);

#endif
