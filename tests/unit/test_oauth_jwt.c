/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "helpers/oauth/json.h"
#include "helpers/oauth/jwt.h"

static char path[] = "/key.pem";

static int
start(void **state)
{
	(void)state;
	json_start();
	return 0;
}

/* Appends a new private key in PEM. */
static void
make_key(gnutls_pk_algorithm_t type, unsigned bits, struct str *pem)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t text;

	assert_true(gnutls_x509_privkey_init(&key) >= 0);
	assert_true(gnutls_x509_privkey_generate(key, type, bits, 0) >= 0);
	assert_true(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM,
			NULL, GNUTLS_PKCS_PLAIN, &text)
	    >= 0);
	str_append(pem, text.data, text.size);
	gnutls_free(text.data);
	gnutls_x509_privkey_deinit(key);
}

/* Appends what base64url stands for. */
static void
decode(const char *at, size_t len, struct str *out)
{
	struct str text = { 0 };

	str_append(&text, at, len);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '-')
			text.data[i] = '+';
		else if (text.data[i] == '_')
			text.data[i] = '/';
	while (text.len % 4 != 0)
		str_add_char(&text, '=');
	assert_true(base64_decode(out, text.data, text.len));
	str_free(&text);
}

static gnutls_datum_t
datum(const char *data, size_t len)
{
	return (
	    gnutls_datum_t){ (unsigned char *)(uintptr_t)data, (unsigned)len };
}

/* r and s behind each other, as DER. */
static gnutls_datum_t
to_der(const struct str *signature)
{
	gnutls_datum_t r = datum(signature->data, 32);
	gnutls_datum_t s = datum(signature->data + 32, 32);
	gnutls_datum_t der;

	assert_int_equal(signature->len, 64);
	assert_true(gnutls_encode_rs_value(&der, &r, &s) >= 0);
	return der;
}

static void
verify(const struct jwt_key *key, const char *token)
{
	static const gnutls_sign_algorithm_t algorithms[] = {
		[OAUTH_RS256] = GNUTLS_SIGN_RSA_SHA256,
		[OAUTH_PS256] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
		[OAUTH_ES256] = GNUTLS_SIGN_ECDSA_SHA256
	};
	const char *dot = strrchr(token, '.');
	gnutls_datum_t data = datum(token, (size_t)(dot - token));
	gnutls_datum_t plain, der = { 0 };
	struct str signature = { 0 };
	gnutls_pubkey_t public;

	decode(dot + 1, strlen(dot + 1), &signature);
	plain = datum(signature.data, signature.len);
	if (key->alg == OAUTH_ES256)
		der = to_der(&signature);
	assert_true(gnutls_pubkey_init(&public) >= 0);
	assert_true(gnutls_pubkey_import_privkey(public, key->key, 0, 0) >= 0);
	assert_true(gnutls_pubkey_verify_data2(public, algorithms[key->alg], 0,
			&data, der.data != NULL ? &der : &plain)
	    >= 0);
	gnutls_pubkey_deinit(public);
	gnutls_free(der.data);
	str_free(&signature);
}

static void
expect_header(const char *token, const char *wanted)
{
	struct str header = { 0 };

	decode(token, strcspn(token, "."), &header);
	assert_string_equal(header.data, wanted);
	str_free(&header);
}

static void
expect_claims(const char *token)
{
	const char *at = strchr(token, '.') + 1;
	struct str claims = { 0 };

	decode(at, strcspn(at, "."), &claims);
	assert_non_null(strstr(claims.data, "\"iss\": \"a\\\"b\""));
	assert_non_null(strstr(claims.data, "\"aud\": \"https://as/t\""));
	assert_null(strstr(claims.data, "\"scope\""));
	assert_non_null(strstr(claims.data,
	    "\"iat\": 1795000000, \"nbf\": 1795000000, \"exp\": 1795000300}"));
	str_free(&claims);
}

static void
sign_and_verify(gnutls_pk_algorithm_t type, unsigned bits,
    enum oauth_key_alg alg, const char *header)
{
	const struct jwt_claims claims = { .issuer = "a\"b",
		.subject = "s",
		.audience = "https://as/t",
		.now = 1795000000,
		.seconds = 300 };
	struct oauth_params p = { .key_file = path, .key_alg = alg };
	struct jwt_key key = { 0 };
	struct oauth_failure f = { 0 };
	struct str pem = { 0 }, none = { 0 };

	make_key(type, bits, &pem);
	assert_true(jwt_key_parse(&key, &p, &pem, &none, &f));
	/* The length of r and s depends on their values. */
	for (int i = 0; i < (alg == OAUTH_ES256 ? 100 : 1); i++) {
		struct str token = { 0 };

		assert_true(jwt_sign(&key, &claims, &token, &f));
		expect_header(token.data, header);
		expect_claims(token.data);
		verify(&key, token.data);
		str_free(&token);
	}
	jwt_key_free(&key);
	str_wipe(&pem);
}

static void
signs_with_each_algorithm(void **state)
{
	(void)state;
	sign_and_verify(GNUTLS_PK_RSA, 2048, OAUTH_RS256,
	    "{\"alg\": \"RS256\", \"typ\": \"JWT\"}");
	sign_and_verify(GNUTLS_PK_RSA, 2048, OAUTH_PS256,
	    "{\"alg\": \"PS256\", \"typ\": \"JWT\"}");
	sign_and_verify(GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), OAUTH_ES256,
	    "{\"alg\": \"ES256\", \"typ\": \"JWT\"}");
}

static void
expect_no_key(const struct oauth_params *p, const struct str *file,
    const char *part)
{
	struct jwt_key key = { 0 };
	struct oauth_failure f = { 0 };
	struct str none = { 0 };

	assert_false(jwt_key_parse(&key, p, file, &none, &f));
	assert_int_equal(f.outcome, OAUTH_CONFIG);
	if (strstr(f.text, part) == NULL)
		print_error("%s\n", f.text);
	assert_non_null(strstr(f.text, part));
	oauth_failure_free(&f);
	jwt_key_free(&key);
}

static void
rejects_other_keys(void **state)
{
	struct oauth_params p = { .key_file = path, .key_alg = OAUTH_RS256 };
	struct str pem = { 0 }, text = { 0 };

	(void)state;
	make_key(GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), &pem);
	expect_no_key(&p, &pem, "no RSA key, which oauth_key_alg RS256 needs");
	expect_no_key(&p, &text, "no private key in PEM");
	str_add(&text, " {\"client_email\": \"a\"}");
	expect_no_key(&p, &text, "client_email and private_key");
	str_free(&text);
	str_free(&pem);
}

/* A curve with other numbers cannot make an ES256 signature. */
static void
rejects_another_curve(void **state)
{
	const struct jwt_claims claims = { .issuer = "a" };
	struct oauth_params p = { .key_file = path, .key_alg = OAUTH_ES256 };
	struct jwt_key key = { 0 };
	struct oauth_failure f = { 0 };
	struct str pem = { 0 }, none = { 0 }, token = { 0 };

	(void)state;
	make_key(GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), &pem);
	assert_true(jwt_key_parse(&key, &p, &pem, &none, &f));
	assert_false(jwt_sign(&key, &claims, &token, &f));
	assert_int_equal(f.outcome, OAUTH_CONFIG);
	oauth_failure_free(&f);
	jwt_key_free(&key);
	str_free(&token);
	str_free(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_with_each_algorithm),
		cmocka_unit_test(rejects_other_keys),
		cmocka_unit_test(rejects_another_curve),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
