/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <time.h>

#include "tls/key.h"

#define CURVE(name) GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_##name)

static const struct {
	gnutls_pk_algorithm_t algorithm;
	unsigned bits;
	unsigned weak_bits; /* 0: the key is not weak */
	unsigned minimum;
} rows[] = {
	{ GNUTLS_PK_RSA, 1024, 1024, 2048 },
	{ GNUTLS_PK_RSA, 2040, 2040, 2048 },
	{ GNUTLS_PK_RSA, 2048, 0, 0 },
	{ GNUTLS_PK_RSA_PSS, 1024, 1024, 2048 },
	{ GNUTLS_PK_DSA, 1024, 1024, 2048 },
	{ GNUTLS_PK_ECDSA, CURVE(SECP192R1), 192, 224 },
	{ GNUTLS_PK_ECDSA, CURVE(SECP256R1), 0, 0 },
	{ GNUTLS_PK_EDDSA_ED25519, CURVE(ED25519), 0, 0 },
};

/* A self-signed certificate for the key. */
static gnutls_x509_crt_t
certify(gnutls_x509_privkey_t key)
{
	bool edwards = gnutls_x509_privkey_get_pk_algorithm(key)
	    == GNUTLS_PK_EDDSA_ED25519;
	gnutls_x509_crt_t made;

	assert_int_equal(gnutls_x509_crt_init(&made), 0);
	gnutls_x509_crt_set_version(made, 3);
	gnutls_x509_crt_set_serial(made, "\1", 1);
	gnutls_x509_crt_set_activation_time(made, time(NULL));
	gnutls_x509_crt_set_expiration_time(made, time(NULL) + 60);
	gnutls_x509_crt_set_key(made, key);
	assert_int_equal(gnutls_x509_crt_sign2(made, made, key,
			     edwards ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256,
			     0),
	    0);
	return made;
}

static void
a_key_of_less_than_112_bits_of_security_is_weak(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tls_weak_key weak = { 0 };
		gnutls_x509_privkey_t key;
		gnutls_x509_crt_t certificate;

		assert_int_equal(gnutls_x509_privkey_init(&key), 0);
		if (gnutls_x509_privkey_generate(key, rows[i].algorithm,
			rows[i].bits, 0)
		    < 0) {
			print_message("GnuTLS makes no key for row %zu\n", i);
			gnutls_x509_privkey_deinit(key);
			continue;
		}
		certificate = certify(key);
		if (tls_key_is_weak(certificate, &weak)
			!= (rows[i].weak_bits > 0)
		    || weak.bits != rows[i].weak_bits
		    || weak.minimum != rows[i].minimum)
			fail_msg("row %zu: %u bits, less than %u", i, weak.bits,
			    weak.minimum);
		gnutls_x509_crt_deinit(certificate);
		gnutls_x509_privkey_deinit(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_key_of_less_than_112_bits_of_security_is_weak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
