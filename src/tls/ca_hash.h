/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names in certificates, and the number by which a directory of trusted
 * certificates (as c_rehash makes it) finds one: the first four bytes, least
 * first, of the SHA-1 of its subject in the canonical form that OpenSSL defined
 * in version 1.0.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_CA_HASH_H
#define VEREDUS_TLS_CA_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/der.h"

/*
 * The hash of a DER encoded Name; false when it is not well-formed.  A name
 * with several attributes in one RDN may get another hash than OpenSSL's:
 * the sorting of the set is not repeated.
 */
bool tls_dn_hash(const void *name, size_t len, uint32_t *hash);

/* Where in a DER encoded certificate the Name of its issuer stands; false when
 * there is none. */
bool tls_dn_issuer(const void *certificate, size_t len, struct octets *name);

#endif
