/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prepares a header section for a server.  For one that accepts ASCII only,
 * domains become A-labels, other octets over 127 become encoded-words (RFC 2047)
 * or extended parameters (RFC 2231), whichever the field allows, and the lines
 * are folded.  Lines that are longer than RFC 5322 allows (sections 2.1.1 and
 * 2.2.3) are folded as well.
 */
#ifndef VEREDUS_MAIL_HEADER_ENCODE_H
#define VEREDUS_MAIL_HEADER_ENCODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/* Whether a line has more than MESSAGE_LINE_MAX octets. */
bool header_is_long(const struct str *header);

/*
 * Folds lines over MESSAGE_LINE_MAX octets at a blank, else after a comma.  Long
 * parameters are split into sections (RFC 2231 section 3), and other text with
 * octets over 127 that cannot be folded is encoded.  Returns true if a line was
 * broken between two characters, which adds a blank to the value.
 */
bool header_fold(struct str *header);

/* The fields that header_encode() changes. */
enum header_target {
	HEADER_ASCII, /* all with octets over 127 */
	HEADER_UTF8   /* those that are not UTF-8 (RFC 6532) */
};

/*
 * Makes the header section ASCII, or UTF-8; other fields are not changed.
 *
 * An address whose local part is not ASCII has no such form: see
 * header_find_utf8_address().  It is encoded as text, and so are fields with
 * addresses that cannot be parsed, or whose domain is not valid.
 *
 * Errors: those of idna_to_ascii() if no domain can be converted; the header
 * section is then unchanged.
 */
bool header_encode(struct str *header, enum header_target target,
    struct error *err);

/*
 * Finds an address in a field that only SMTPUTF8 can transport (RFC 6531): with
 * a local part in UTF-8.  Appends the address and the name of the field, both
 * may be NULL.
 */
bool header_find_utf8_address(const struct str *header, struct str *address,
    struct str *name);

#endif
