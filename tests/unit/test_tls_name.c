/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "tls/name.h"

/* The tags of GeneralName (RFC 5280 section 4.2.1.6). */
#define RFC822_NAME 0x81
#define DNS_NAME 0x82
#define URI 0x86
#define IP_ADDRESS 0x87

static gnutls_x509_privkey_t key;

static int
make_key(void **state ATTR_UNUSED)
{
	return gnutls_x509_privkey_init(&key) < 0
	    || gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		   GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0)
	    < 0;
}

static int
free_key(void **state ATTR_UNUSED)
{
	gnutls_x509_privkey_deinit(key);
	return 0;
}

static void
add_general_name(struct str *names, int tag, const char *name, size_t len)
{
	assert_true(len < 0x80);
	str_add_char(names, (char)tag);
	str_add_char(names, (char)len);
	str_append(names, name, len);
}

/* Sets the extension: SEQUENCE OF GeneralName. */
static void
set_names(gnutls_x509_crt_t certificate, const struct str *names)
{
	struct str der = { 0 };

	assert_true(names->len < 0x80);
	str_add_char(&der, 0x30);
	str_add_char(&der, (char)names->len);
	str_append(&der, str_text(names), names->len);
	assert_int_equal(gnutls_x509_crt_set_extension_by_oid(certificate,
			     GNUTLS_X509EXT_OID_SAN, der.data, der.len, 0),
	    0);
	str_free(&der);
}

/*
 * Makes a certificate with this common name and these subjectAltNames.
 * Without names, the certificate does not have the extension.
 */
static void
sign_certificate(const char *common_name, const struct str *names,
    gnutls_datum_t *der)
{
	gnutls_x509_crt_t certificate;
	time_t now = time(NULL);

	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	gnutls_x509_crt_set_version(certificate, 3);
	gnutls_x509_crt_set_serial(certificate, "\1", 1);
	gnutls_x509_crt_set_activation_time(certificate, now - 60);
	gnutls_x509_crt_set_expiration_time(certificate, now + 3600);
	assert_int_equal(gnutls_x509_crt_set_dn_by_oid(certificate,
			     GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
			     (unsigned)strlen(common_name)),
	    0);
	if (names->len > 0)
		set_names(certificate, names);
	assert_int_equal(gnutls_x509_crt_set_key(certificate, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(certificate, certificate, key,
			     GNUTLS_DIG_SHA256, 0),
	    0);
	assert_int_equal(gnutls_x509_crt_export2(certificate,
			     GNUTLS_X509_FMT_DER, der),
	    0);
	gnutls_x509_crt_deinit(certificate);
}

/*
 * Returns true if a certificate with these names is accepted for the host.
 * The common name of the certificate is the host, and must be ignored.
 */
static bool
accepts(const char *host, const struct str *names)
{
	struct tls_name name = { 0 };
	gnutls_x509_crt_t certificate;
	gnutls_datum_t der;
	bool ok = tls_name_set(&name, host, NULL);

	sign_certificate(host, names, &der);
	assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
	ok = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) == 0
	    && ok && tls_name_matches(&name, certificate);
	gnutls_x509_crt_deinit(certificate);
	gnutls_free(der.data);
	tls_name_free(&name);
	return ok;
}

/*
 * The host names that a dNSName matches (RFC 9525 section 6.3).  The program
 * is stricter than the RFC: a wildcard never matches a whole top-level domain.
 */
static const struct {
	const char *host;
	const char *name;
	size_t len; /* 0: strlen() of the name */
	bool fits;
} patterns[] = {
	{ "mx.test", "mx.test", 0, true },
	{ "mx.test", "MX.Test", 0, true },
	{ "MX.TEST", "mx.test", 0, true },
	{ "mx.test", "mx.tes", 0, false },
	{ "mx.test", "mx.testt", 0, false },
	{ "mx.test", "", 0, false },
	/* A NUL does not end a dNSName. */
	{ "mx.test", "mx.test\0.evil.test", 18, false },
	{ "mx.test", "mx.test\0", 8, false },
	/* A dot at the end of the host is removed.  A dot at the end of a
	 * dNSName is invalid. */
	{ "mx.test", "mx.test.", 0, false },
	{ "mx.test", " mx.test", 0, false },
	/* "*" matches the whole left-most label. */
	{ "a.wild.test", "*.wild.test", 0, true },
	{ "A.WILD.test", "*.wild.TEST", 0, true },
	{ "xn--mnchen-3ya.wild.test", "*.wild.test", 0, true },
	{ "wild.test", "*.wild.test", 0, false },
	{ ".wild.test", "*.wild.test", 0, false },
	{ "a.b.wild.test", "*.wild.test", 0, false },
	{ "mx.test", "*.test", 0, false },
	{ "mx.test", "*.", 0, false },
	{ "mx.test", "*", 0, false },
	{ "localhost", "*", 0, false },
	{ "foo.wild.test", "f*.wild.test", 0, false },
	{ "foo.wild.test", "*o.wild.test", 0, false },
	{ "xn--a.wild.test", "xn--*.wild.test", 0, false },
	{ "mx.a.test", "mx.*.test", 0, false },
	{ "a.b.c.test", "*.*.c.test", 0, false },
	{ "a.b.test", "**.b.test", 0, false },
	/* A dNSName contains A-labels, never U-labels. */
	{ "xn--mnchen-3ya.test", "xn--mnchen-3ya.test", 0, true },
	{ "xn--mnchen-3ya.test", "m\xc3\xbcnchen.test", 0, false },
};

static void
compares_a_host_with_a_dns_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(patterns); i++) {
		const char *name = patterns[i].name;
		size_t len = patterns[i].len ? patterns[i].len : strlen(name);

		struct str names = { 0 };

		add_general_name(&names, DNS_NAME, name, len);
		if (accepts(patterns[i].host, &names) != patterns[i].fits)
			fail_msg("%s against %s", patterns[i].host, name);
		str_free(&names);
	}
}

#define OCTETS_OF_IPV6 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"

/* A host name matches only a dNSName, and an address matches only an
 * iPAddress. */
static const struct {
	const char *host;
	int tag;
	const char *octets;
	size_t len;
	bool fits;
} others[] = {
	{ "192.0.2.1", IP_ADDRESS, "\xc0\0\2\1", 4, true },
	{ "192.0.2.1", IP_ADDRESS, "\xc0\0\2\2", 4, false },
	{ "192.0.2.1", IP_ADDRESS, "192.0.2.1", 9, false },
	{ "192.0.2.1", IP_ADDRESS, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16,
	    false },
	{ "192.0.2.1", DNS_NAME, "192.0.2.1", 9, false },
	{ "192.0.2.1", DNS_NAME, "*.0.2.1", 7, false },
	{ "2001:db8::1", IP_ADDRESS, OCTETS_OF_IPV6, 16, true },
	{ "2001:db8::2", IP_ADDRESS, OCTETS_OF_IPV6, 16, false },
	{ "2001:db8::1", DNS_NAME, "2001:db8::1", 11, false },
	/* Without a dNSName the common name is still ignored. */
	{ "mx.test", IP_ADDRESS, "\xc0\0\2\1", 4, false },
	{ "mx.test", IP_ADDRESS, "mx.test", 7, false },
	{ "mx.test", RFC822_NAME, "mx.test", 7, false },
	{ "mx.test", URI, "smtp://mx.test", 14, false },
};

static void
compares_only_names_of_the_right_type(void **state ATTR_UNUSED)
{
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct str names = { 0 };

		add_general_name(&names, others[i].tag, others[i].octets,
		    others[i].len);
		if (accepts(others[i].host, &names) != others[i].fits)
			fail_msg("%s, row %zu", others[i].host, i);
		str_free(&names);
	}
}

static void
ignores_the_common_name(void **state ATTR_UNUSED)
{
	struct str none = { 0 }, elsewhere = { 0 };

	assert_false(accepts("mx.test", &none));
	assert_false(accepts("192.0.2.1", &none));
	add_general_name(&elsewhere, DNS_NAME, "elsewhere.test", 14);
	assert_false(accepts("mx.test", &elsewhere));
	assert_false(accepts("192.0.2.1", &elsewhere));
	str_free(&elsewhere);
}

static void
finds_a_name_and_an_address_among_several(void **state ATTR_UNUSED)
{
	struct str names = { 0 };

	add_general_name(&names, RFC822_NAME, "a@mx.test", 9);
	add_general_name(&names, DNS_NAME, "elsewhere.test", 14);
	add_general_name(&names, DNS_NAME, "mx.test", 7);
	add_general_name(&names, IP_ADDRESS, "\xc0\0\2\1", 4);
	add_general_name(&names, IP_ADDRESS, OCTETS_OF_IPV6, 16);
	assert_true(accepts("elsewhere.test", &names));
	assert_true(accepts("mx.test", &names));
	assert_true(accepts("192.0.2.1", &names));
	assert_true(accepts("2001:db8::1", &names));
	assert_false(accepts("mx2.test", &names));
	assert_false(accepts("127.0.0.1", &names));
	str_free(&names);
}

static const struct {
	const char *host;
	const char *text; /* NULL: rejected */
	size_t address_len;
} hosts[] = {
	{ "mx.test", "mx.test", 0 },
	{ "MX.Test.", "MX.Test", 0 },
	{ "[mx.test]", "mx.test", 0 },
	{ "192.0.2.1", "192.0.2.1", 4 },
	{ "[192.0.2.1]", "192.0.2.1", 4 },
	{ "2001:DB8::1", "2001:db8::1", 16 },
	{ "[IPv6:2001:db8::1]", "2001:db8::1", 16 },
	{ "", NULL, 0 },
	{ "*.test", NULL, 0 },
	{ "mx..test", NULL, 0 },
	{ "mx.test\r\nQUIT", NULL, 0 },
	{ "192.0.2.1.5", NULL, 0 },
};

static void
parses_host_names_and_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		struct tls_name name;
		struct error err = { 0 };
		bool ok = tls_name_set(&name, hosts[i].host, &err);

		if (ok != (hosts[i].text != NULL))
			fail_msg("%s", hosts[i].host);
		if (ok) {
			assert_string_equal(name.text, hosts[i].text);
			assert_int_equal(name.address_len,
			    hosts[i].address_len);
		} else {
			assert_int_equal(err.kind, ERROR_CONFIG);
		}
		tls_name_free(&name);
		error_free(&err);
	}
}

static void
converts_a_name_to_a_labels(void **state)
{
	struct tls_name name;

	(void)state;
	if (!idna_is_available())
		skip();
	assert_true(tls_name_set(&name, "m\xc3\xbcnchen.test", NULL));
	assert_string_equal(name.text, "xn--mnchen-3ya.test");
	tls_name_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_a_host_with_a_dns_name),
		cmocka_unit_test(compares_only_names_of_the_right_type),
		cmocka_unit_test(ignores_the_common_name),
		cmocka_unit_test(finds_a_name_and_an_address_among_several),
		cmocka_unit_test(parses_host_names_and_addresses),
		cmocka_unit_test(converts_a_name_to_a_labels),
	};

	return cmocka_run_group_tests(tests, make_key, free_key);
}
