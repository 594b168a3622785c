/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields with parameters: Content-Type and Content-Disposition (RFC 2045
 * section 5.1, RFC 2183), and extended parameters (RFC 2231).
 *
 * Reads them as tolerantly as mail readers do: a value without quotes may have
 * any characters short of ";".
 */
#ifndef VEREDUS_MAIL_PARAMETERS_H
#define VEREDUS_MAIL_PARAMETERS_H

#include <stdbool.h>

#include "base/str.h"
#include "mail/header.h"

/* Appends the value of the first parameter of that name, which is not extended.
 * False if there is none. */
bool parameters_find(const struct header_field *field, const char *name,
    struct str *value);

/*
 * Appends the field's value in ASCII: parameters with octets over 127 become
 * extended ones, in sections (section 3) if they are long, and what else has
 * such octets is encoded as in mail/encoded_text.h.
 */
void parameters_encode(struct str *out, const struct header_field *field,
    const char *declared);

/* Appends the field's value with long parameters split into sections, so that
 * the field can be folded. */
void parameters_split(struct str *out, const struct header_field *field,
    const char *declared);

#endif
