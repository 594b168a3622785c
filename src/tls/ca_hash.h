/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hash that names the files in a directory of CA certificates (c_rehash).
 * It consists of the first four octets, least significant first, of the SHA-1
 * of the subject in a canonical form, which OpenSSL 1.0 defined.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_CA_HASH_H
#define VEREDUS_TLS_CA_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Computes the hash of a Name in DER; false if it is malformed.  For a name
 * with several attributes in one RDN the hash may differ from OpenSSL's, which
 * sorts them.
 */
bool ca_hash_name(const void *name, size_t len, uint32_t *hash);

#endif
