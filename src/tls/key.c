/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the length of a key with the minimum for its algorithm. */
#include "tls/key.h"

/* GnuTLS rates the keys of other algorithms, such as ML-DSA, by the table for
 * RSA. */
static bool
has_rated_length(int algorithm)
{
	switch (algorithm) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
	case GNUTLS_PK_DSA:
	case GNUTLS_PK_ECDSA:
		return true;
	default:
		return false;
	}
}

bool
tls_key_is_weak(gnutls_x509_crt_t certificate, struct tls_weak_key *weak)
{
	unsigned bits = 0;
	int result = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
	gnutls_pk_algorithm_t algorithm = (gnutls_pk_algorithm_t)result;

	if (!has_rated_length(result)
	    || gnutls_pk_bits_to_sec_param(algorithm, bits)
		>= GNUTLS_SEC_PARAM_MEDIUM)
		return false;
	*weak = (struct tls_weak_key){
		.algorithm = gnutls_pk_get_name(algorithm),
		.bits = bits,
		.minimum = gnutls_sec_param_to_pk_bits(algorithm,
		    GNUTLS_SEC_PARAM_MEDIUM),
	};
	return true;
}
