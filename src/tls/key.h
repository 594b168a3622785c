/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The length of the keys in certificates.  Private to src/tls.
 *
 * A key is weak if GnuTLS rates it below GNUTLS_SEC_PARAM_MEDIUM, which is
 * 112 bits of security: RSA and DSA below 2048 bits, elliptic curves below 224.
 */
#ifndef VEREDUS_TLS_KEY_H
#define VEREDUS_TLS_KEY_H

#include <gnutls/x509.h>
#include <stdbool.h>

/* A key that is too short; { 0 }: none was found. */
struct tls_weak_key {
	const char *algorithm; /* constant: "RSA" */
	unsigned bits;
	unsigned minimum; /* bits for this algorithm */
	bool of_issuer;   /* of an issuer, not of the server itself */
};

/* Fills `weak`, except for of_issuer, if the certificate has a weak key. */
bool tls_key_is_weak(gnutls_x509_crt_t certificate, struct tls_weak_key *weak);

#endif
