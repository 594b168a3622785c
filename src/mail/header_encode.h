/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodes a header section for a server that accepts ASCII only: octets over
 * 127 become encoded-words (RFC 2047) or extended parameters (RFC 2231),
 * whichever the field allows.
 */
#ifndef VEREDUS_MAIL_HEADER_ENCODE_H
#define VEREDUS_MAIL_HEADER_ENCODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Makes the header section ASCII; fields that are ASCII are not changed.
 * Errors: ERROR_UNSUPPORTED (5.6.7) for an address or another value that
 * cannot be encoded; the header section is then unchanged.
 */
bool header_encode(struct str *header, struct error *err);

#endif
