/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Computes the fingerprints of a certificate. */
#include "tls/fingerprint.h"

#include <stdio.h>

#define SHA256_SIZE 32

static void
write_hex(const unsigned char digest[SHA256_SIZE], char *out)
{
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

bool
tls_fingerprints_of(gnutls_x509_crt_t certificate, struct tls_fingerprints *out)
{
	unsigned char digest[SHA256_SIZE], key_digest[SHA256_SIZE];
	size_t size = SHA256_SIZE, key_size = SHA256_SIZE;

	*out = (struct tls_fingerprints){ { 0 }, { 0 } };
	if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256,
		digest, &size)
		< 0
	    || gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
		   key_digest, &key_size)
		< 0)
		return false;
	write_hex(digest, out->certificate);
	write_hex(key_digest, out->key);
	return true;
}
