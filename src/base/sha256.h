/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4), for names of files that the main program must find
 * without GnuTLS.  It is not for secrets: it does not wipe its memory.
 */
#ifndef VEREDUS_BASE_SHA256_H
#define VEREDUS_BASE_SHA256_H

#include <stddef.h>

#include "base/str.h"

#define SHA256_SIZE 32

/* The digest of len bytes of data. */
void sha256(const void *data, size_t len, unsigned char digest[SHA256_SIZE]);

/* Appends the first `octets` octets of a digest in hexadecimal. */
void sha256_add_hex(struct str *out, const unsigned char digest[SHA256_SIZE],
    size_t octets);

#endif
