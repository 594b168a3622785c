/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_san.h"

#include <dirent.h>

#include "tls_server.h"

static const char *const hosts[] = { "mx.test", "MX.Test", "localhost",
	"127.0.0.1", "::1", "192.0.2.1", "elsewhere.test", "mail.wild.test",
	"a.b.wild.test", "foo.wild.test", "xn--mnchen-3ya.test", "test" };

static gnutls_x509_crt_t
load(const char *path, gnutls_datum_t *der)
{
	gnutls_x509_crt_t certificate;
	struct str pem = { 0 };
	gnutls_datum_t data;

	read_file(path, &pem);
	data = (gnutls_datum_t){ (unsigned char *)pem.data, (unsigned)pem.len };
	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	if (gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_PEM)
	    < 0) {
		gnutls_x509_crt_deinit(certificate);
		certificate = NULL;
	} else {
		assert_int_equal(gnutls_x509_crt_export2(certificate,
				     GNUTLS_X509_FMT_DER, der),
		    0);
	}
	str_free(&pem);
	return certificate;
}

/* With each octet cut off, or another, it is read or not, but to its end. */
static void
break_it(const struct tls_name *name, const gnutls_datum_t *der)
{
	for (unsigned i = 0; i < der->size; i++) {
		unsigned char *copy = alloc_zeroed(i + 1, 1);

		memcpy(copy, der->data, i);
		tls_san_matches(name, copy, i);
		free(copy);
		copy = alloc_zeroed(der->size, 1);
		memcpy(copy, der->data, der->size);
		copy[i] ^= 0xff;
		tls_san_matches(name, copy, der->size);
		free(copy);
	}
}

static void
compare(const char *path)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crt_t certificate = load(path, &der);

	for (size_t i = 0; certificate && i < COUNT_OF(hosts); i++) {
		struct tls_name name = { 0 };

		assert_true(tls_name_set(&name, hosts[i], NULL));
		if (tls_san_matches(&name, der.data, der.size)
		    != tls_name_matches(&name, certificate))
			fail_msg("%s, %s", path, hosts[i]);
		if (i == 0)
			break_it(&name, &der);
		tls_name_free(&name);
	}
	if (certificate)
		gnutls_x509_crt_deinit(certificate);
	gnutls_free(der.data);
}

static void
matches_as_the_library_does(void **state)
{
	DIR *folder = opendir(tls_folder);
	const struct dirent *entry;
	int count = 0;

	(void)state;
	while ((entry = readdir(folder)) != NULL) {
		const char *end = strrchr(entry->d_name, '.');
		char *path;

		if (end == NULL || strcmp(end, ".pem") != 0)
			continue;
		path = alloc_printf("%s/%s", tls_folder, entry->d_name);
		compare(path);
		free(path);
		count++;
	}
	closedir(folder);
	assert_true(count > 20);
}

static void
finds_a_name_and_an_address(void **state)
{
	gnutls_datum_t der = { 0 };
	gnutls_x509_crt_t certificate = load(cert_path("good", ".pem"), &der);
	struct tls_name name = { 0 };

	(void)state;
	assert_true(tls_name_set(&name, "mx.test", NULL));
	assert_true(tls_san_matches(&name, der.data, der.size));
	assert_false(tls_san_matches(&name, NULL, 0));
	tls_name_free(&name);
	assert_true(tls_name_set(&name, "::1", NULL));
	assert_true(tls_san_matches(&name, der.data, der.size));
	tls_name_free(&name);
	gnutls_x509_crt_deinit(certificate);
	gnutls_free(der.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_as_the_library_does),
		cmocka_unit_test(finds_a_name_and_an_address),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
