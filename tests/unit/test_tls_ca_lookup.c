/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_server.h"

#include <sys/stat.h>

#include "tls/ca_hash.h"

/* The stores of this test: a directory with hash names, and a bundle. */
static char *directory, *bundle;

static void
copy_file(const char *from, const char *to, const char *mode)
{
	struct str text = { 0 };
	FILE *file = fopen(to, mode);

	assert_non_null(file);
	read_file(from, &text);
	fwrite(text.data, 1, text.len, file);
	fclose(file);
	str_free(&text);
}

static gnutls_x509_crt_t
load(const char *file)
{
	struct str text = { 0 };
	gnutls_x509_crt_t certificate;
	gnutls_datum_t data;

	read_file(cert_path(file, ".pem"), &text);
	data =
	    (gnutls_datum_t){ (unsigned char *)text.data, (unsigned)text.len };
	gnutls_x509_crt_init(&certificate);
	assert_int_equal(gnutls_x509_crt_import(certificate, &data,
			     GNUTLS_X509_FMT_PEM),
	    0);
	str_free(&text);
	return certificate;
}

static void
add_to_directory(const char *file, unsigned number)
{
	gnutls_x509_crt_t certificate = load("ca");
	gnutls_datum_t name;
	uint32_t hash;
	char *path;

	gnutls_x509_crt_get_raw_dn(certificate, &name);
	assert_true(ca_hash_name(name.data, name.size, &hash));
	path = alloc_printf("%s/%08x.%u", directory, hash, number);
	copy_file(cert_path(file, ".pem"), path, "w");
	free(path);
	gnutls_free(name.data);
	gnutls_x509_crt_deinit(certificate);
}

static int
make_stores(void **state)
{
	static const char *const others[] = { "ca2", "self-signed", "ca",
		"good" };

	if (make_certificates(state) != 0)
		return -1;
	directory = alloc_printf("%s/hashed", tls_folder);
	bundle = alloc_printf("%s/bundle.crt", tls_folder);
	if (mkdir(directory, 0755) != 0)
		return -1;
	/* Two certificates have the same hash. */
	add_to_directory("ca2", 0);
	add_to_directory("ca", 1);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		copy_file(cert_path(others[i], ".pem"), bundle, "a");
	return 0;
}

static int
remove_stores(void **state)
{
	free(directory);
	free(bundle);
	return remove_certificates(state);
}

/* Performs a handshake with this store as the system store. */
static bool
connect_with(const struct ca_store *place, const char *certificate,
    struct str *text)
{
	struct server_plan plan = { certificate, .serve = greet };
	struct tls_params params = { .trust_file = cert_path("ca2.pem", "") };
	const struct tls_target target = { .host = "mx.test" };
	struct client c = { .server = 0 };
	bool ok;
	int fd;

	/* The trust file contains another CA, so that only the store contains
	 * the right CA. */
	assert_true(tls_prepare(&params, &c.context, &c.err));
	c.context->system = place;
	c.context->trust_file = NULL;
	str_truncate(&c.context->trust, 0);
	c.server = start_server(&plan, &fd);
	transport_init_socket(&c.transport, fd);
	ok = tls_start(c.context, &c.transport, &target,
	    clock_after_seconds(CLIENT_SECONDS), &c.err);
	if (ok)
		exchange_greetings(&c);
	else
		str_add(text, c.err.text);
	close_client(&c);
	return ok;
}

static void
finds_the_issuer_in_the_directory(void **state)
{
	struct ca_store place = { directory, "/nonexistent" };
	struct str text = { 0 };

	(void)state;
	assert_true(ca_store_exists(&place));
	assert_true(connect_with(&place, "good", &text));
	assert_true(connect_with(&place, "chained", &text));
	str_free(&text);
}

static void
finds_the_issuer_in_the_bundle(void **state)
{
	struct ca_store place = { "/nonexistent", bundle };
	struct str text = { 0 };

	(void)state;
	assert_true(ca_store_exists(&place));
	assert_true(connect_with(&place, "good", &text));
	assert_true(connect_with(&place, "chained", &text));
	assert_true(connect_with(&place, "self-signed", &text));
	str_free(&text);
}

static void
rejects_an_issuer_that_is_not_in_the_store(void **state)
{
	struct ca_store place = { directory, "/nonexistent" };
	struct str text = { 0 };

	(void)state;
	assert_false(connect_with(&place, "self-signed", &text));
	assert_non_null(
	    strstr(text.data, "self-signed and not trusted by the system"));
	place.directory = "/nonexistent";
	str_truncate(&text, 0);
	assert_false(connect_with(&place, "good", &text));
	assert_non_null(strstr(text.data,
	    "its issuer \"CN=Test CA,O=Veredus Tests\" is not trusted by the "
	    "system (to trust another CA, set tls_trust_file"));
	str_free(&text);
}

static void
ignores_malformed_bundles(void **state)
{
	static const char *const contents[] = {
		"", "-----BEGIN CERTIFICATE-----",
		"-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
		"-----BEGIN CERTIFICATE-----\n=!?=\n-----END CERTIFICATE-----"
	};
	char *path = alloc_printf("%s/odd.crt", tls_folder);
	struct ca_store place = { "/nonexistent", path };
	gnutls_x509_crt_t certificate = load("good");
	gnutls_datum_t der;

	(void)state;
	assert_int_equal(gnutls_x509_crt_export2(certificate,
			     GNUTLS_X509_FMT_DER, &der),
	    0);
	for (size_t i = 0; i < COUNT_OF(contents); i++) {
		gnutls_x509_trust_list_t list;
		FILE *file = fopen(path, "w");

		fputs(contents[i], file);
		fclose(file);
		gnutls_x509_trust_list_init(&list, 0);
		ca_lookup_add_issuers(&place, &der, 1, list);
		gnutls_x509_trust_list_deinit(list, 1);
	}
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(certificate);
	free(path);
}

static void
detects_an_empty_store(void **state)
{
	char *empty = alloc_printf("%s/none", tls_folder);
	struct ca_store place = { empty, cert_path("empty.pem", "") };

	(void)state;
	assert_false(ca_store_exists(&place));
	assert_int_equal(mkdir(empty, 0755), 0);
	assert_false(ca_store_exists(&place));
	place.bundle = tls_folder;
	assert_false(ca_store_exists(&place));
	free(empty);
}

static void
prepares_with_the_system_store(void **state)
{
	struct tls_params params = { .trust_file = NULL };
	struct tls_context *context;
	struct error err = { 0 };
	bool there = ca_store_find(NULL) != NULL;

	(void)state;
	assert_int_equal(tls_prepare(&params, &context, &err), there);
	if (!there) {
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.text, "/etc/ssl/certs"));
	}
	tls_context_free(context);
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_issuer_in_the_directory),
		cmocka_unit_test(finds_the_issuer_in_the_bundle),
		cmocka_unit_test(rejects_an_issuer_that_is_not_in_the_store),
		cmocka_unit_test(ignores_malformed_bundles),
		cmocka_unit_test(detects_an_empty_store),
		cmocka_unit_test(prepares_with_the_system_store),
	};

	return cmocka_run_group_tests(tests, make_stores, remove_stores);
}
