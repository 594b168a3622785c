/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32C (RFC 3720 section 12.1): finds every error burst of up to 32 bits,
 * such as a torn write leaves.  It does not protect against an attacker.
 */
#ifndef VEREDUS_BASE_CRC32C_H
#define VEREDUS_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * Returns the checksum of a text from that of its beginning, which is 0 if it
 * is empty, and the next len bytes.
 */
uint32_t crc32c(uint32_t beginning, const void *data, size_t len);

#endif
