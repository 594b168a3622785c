/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "tls/ca_hash.h"
#include "tls/der.h"

#define SYSTEM "/etc/ssl/certs"

/* The hashes must be equal to the output of `openssl x509 -subject_hash`. */
static const struct {
	const char *title;
	const char *der; /* in hexadecimal */
	uint32_t hash;
} names[] = {
	{ "printable and UTF-8 text, blanks and capitals",
	    "3044310b3009060355040613024445311b3019060355040a1312202056657265647573"
	    "2009205465737473203118301606035504030c0f4dc3bc6c6c657220434120c384c396",
	    0xbb0159df },
	{ "TeletexString", "30123110300e060355040a1407536f6369e974e9",
	    0xe1400a25 },
	{ "BMPString", "301731153013060355040a1e0c004200fc0072006f002020ac",
	    0x99d57d19 },
	{ "UniversalString",
	    "30233121301f060355040a1c1800000042000000fc000000720000006f000000200001"
	    "d11e",
	    0x29e26e85 },
	{ "BIT STRING, taken as it is", "300e310c300a060355040a0303004142",
	    0x4e8d643d },
};

static size_t
from_hex(const char *hex, unsigned char *out)
{
	size_t len = strlen(hex) / 2;

	for (size_t i = 0; i < len; i++) {
		char octet[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		out[i] = (unsigned char)strtoul(octet, NULL, 16);
	}
	return len;
}

static void
hashes_names_as_openssl_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		unsigned char der[256];
		size_t len = from_hex(names[i].der, der);
		uint32_t hash = 0;

		if (!ca_hash_name(der, len, &hash) || hash != names[i].hash)
			fail_msg("%s: %08x", names[i].title, hash);
	}
}

static void
hashes_long_names(void **state)
{
	unsigned char der[469] = { 0x30, 0x82, 0x01, 0xcd, 0x31, 0x82, 0x01,
		0x39, 0x30, 0x82, 0x01, 0x35, 0x06, 0x03, 0x55, 0x04, 0x0a,
		0x0c, 0x82, 0x01, 0x2c };
	static const unsigned char second[] = { 0x31, 0x81, 0x8d, 0x30, 0x81,
		0x8a, 0x06, 0x03, 0x55, 0x04, 0x03, 0x16, 0x81, 0x82 };
	uint32_t hash = 0;

	(void)state;
	memset(der + 21, 'A', 300);
	memcpy(der + 321, second, sizeof(second));
	memset(der + 335, 'B', 130);
	assert_true(ca_hash_name(der, 465, &hash));
	assert_int_equal(hash, 0x29789abf);
}

/* Tries every prefix, and inverts every octet. */
static void
rejects_incomplete_names_and_reads_no_further(void **state)
{
	unsigned char der[256];
	size_t len = from_hex(names[0].der, der);
	uint32_t hash;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		unsigned char *part = alloc_bytes(i + 1);

		memcpy(part, der, i);
		assert_false(ca_hash_name(part, i, &hash));
		free(part);
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char *copy = alloc_bytes(len);

		memcpy(copy, der, len);
		copy[i] ^= 0xff;
		ca_hash_name(copy, len, &hash);
		free(copy);
	}
}

/* Compares the issuer with the issuer that GnuTLS returns, and rejects every
 * prefix of the certificate. */
static void
check_issuer(gnutls_x509_crt_t certificate)
{
	gnutls_datum_t der = { 0 }, expected = { 0 };
	struct octets name = { 0 };
	size_t end;

	assert_int_equal(gnutls_x509_crt_export2(certificate,
			     GNUTLS_X509_FMT_DER, &der),
	    0);
	assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(certificate,
			     &expected),
	    0);
	assert_true(tls_der_issuer(der.data, der.size, &name));
	assert_int_equal(name.len, expected.size);
	assert_memory_equal(name.data, expected.data, name.len);
	end = (size_t)(name.data + name.len - der.data);
	for (size_t len = 0; len < end; len++) {
		unsigned char *part = alloc_bytes(len + 1);

		memcpy(part, der.data, len);
		assert_false(tls_der_issuer(part, len, &name));
		free(part);
	}
	gnutls_free(expected.data);
	gnutls_free(der.data);
}

static void
finds_no_issuer_in_malformed_certificates(void **state)
{
	/* Only a version; no serial number; an integer in place of the signature. */
	static const char *const odd[] = { "", "3000", "30023000",
		"30073005a003020102", "3007300530003000",
		"300b300902010102010230003000", "30083006020101300002" };
	unsigned char der[32];
	struct octets name;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(odd); i++)
		assert_false(tls_der_issuer(der, from_hex(odd[i], der), &name));
	/* A certificate of version 1 has no version number. */
	assert_true(tls_der_issuer(der, from_hex("3009300702010130003000", der),
	    &name));
	assert_int_equal(name.len, 2);
}

static void
check_file(const char *file)
{
	struct file_rules rules = { .max = 1 << 20 };
	char *path = alloc_printf("%s/%s", SYSTEM, file);
	struct str text = { 0 };
	gnutls_x509_crt_t certificate;
	gnutls_datum_t name = { 0 }, data;
	uint32_t hash = 0;

	assert_true(file_read(path, &rules, &text, NULL, NULL));
	data =
	    (gnutls_datum_t){ (unsigned char *)text.data, (unsigned)text.len };
	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	assert_int_equal(gnutls_x509_crt_import(certificate, &data,
			     GNUTLS_X509_FMT_PEM),
	    0);
	assert_int_equal(gnutls_x509_crt_get_raw_dn(certificate, &name), 0);
	assert_true(ca_hash_name(name.data, name.size, &hash));
	if (hash != strtoul(file, NULL, 16))
		fail_msg("%s: %08x", file, hash);
	check_issuer(certificate);
	gnutls_free(name.data);
	gnutls_x509_crt_deinit(certificate);
	str_free(&text);
	free(path);
}

static void
hashes_every_certificate_of_the_system(void **state)
{
	DIR *folder = opendir(SYSTEM);
	const struct dirent *entry;
	unsigned count = 0;

	(void)state;
	while (folder && (entry = readdir(folder)) != NULL) {
		if (strspn(entry->d_name, "0123456789abcdef") != 8
		    || entry->d_name[8] != '.')
			continue;
		check_file(entry->d_name);
		count++;
	}
	if (folder)
		closedir(folder);
	if (count == 0) {
		print_message("skipped: no hash names in " SYSTEM "\n");
		skip();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_names_as_openssl_does),
		cmocka_unit_test(hashes_long_names),
		cmocka_unit_test(rejects_incomplete_names_and_reads_no_further),
		cmocka_unit_test(finds_no_issuer_in_malformed_certificates),
		cmocka_unit_test(hashes_every_certificate_of_the_system),
	};

	gnutls_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
