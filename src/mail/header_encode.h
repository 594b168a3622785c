/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Header sections for servers that take ASCII only: octets over 127 become
 * encoded words (RFC 2047) and extended parameters (RFC 2231), each where it
 * may stand.
 */
#ifndef VEREDUS_MAIL_HEADER_ENCODE_H
#define VEREDUS_MAIL_HEADER_ENCODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Makes the header section ASCII; fields that are it already keep every
 * octet.  Errors: ERROR_UNSUPPORTED (5.6.7) for an address, and whatever
 * else has no other form; the header is then as it was.
 */
bool header_encode(struct str *header, struct error *err);

#endif
