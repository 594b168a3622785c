/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_server.h"

#include "tls/verify.h"

#define TRUST "ca.pem"

struct row {
	const char *title;
	const char *certificate, *host;
	const char *error; /* text of the error; NULL: accepted */
	const char *trust; /* NULL: ca.pem */
	const char *crl;
	const char *override;
	const char *ocsp; /* the stapled OCSP response */
	enum tls_mode mode;
	enum tls_certcheck certcheck;
};

static const struct row rows[] = {
	{ "the right name", "good", "mx.test", .error = NULL },
	{ "in upper case and with a dot", "good", "MX.Test.", .error = NULL },
	{ "an RSA key", "rsa", "mx.test", .error = NULL },
	{ "a short key", "weak", "mx.test",
	    .error =
		"its key is too short: RSA with 1024 bits, less than 2048" },
	{ "an intermediate with a short key", "below-weak", "mx.test",
	    .error = "the key of one of its issuers is too short: RSA" },
	{ "a CA with a short key", "of-weak-ca", "mx.test",
	    .error = "the key of one of its issuers is too short: RSA",
	    .trust = "weak-ca.pem" },
	{ "a short key in the trust file", "weak-self-signed", "mx.test",
	    .error = "its key is too short: RSA",
	    .trust = "weak-self-signed.pem" },
	{ "signed by an intermediate", "chained", "mx.test", .error = NULL },
	{ "an unknown CA", "other", "mx.test",
	    .error = "its issuer \"CN=Second CA,O=Veredus Tests\" is not in "
		     "tls_trust_file /" },
	{ "one of two CAs", "other", "mx.test", .trust = "both.pem" },
	{ "another name", "wrong-name", "mx.test",
	    .error =
		"it is for elsewhere.test, not for mx.test (tls_host_override" },
	{ "another name, which the account expects", "wrong-name", "mx.test",
	    .override = "elsewhere.test" },
	{ "not the name that the account expects", "good", "mx.test",
	    .error = "not for elsewhere.test", .override = "elsewhere.test" },
	{ "expired", "expired", "mx.test", .error = "it expired on 20" },
	{ "not valid yet", "not-yet", "mx.test",
	    .error = "it is not valid before 20" },
	{ "for clients only", "client-only", "mx.test",
	    .error = "it is not valid for TLS servers (extended key usage)" },
	{ "only a common name", "cn-only", "mx.test",
	    .error = "it has no subjectAltName, so it is not for mx.test" },
	{ "self-signed", "self-signed", "mx.test",
	    .error = "it is self-signed and not in tls_trust_file" },
	/* A certificate in the trust file needs no CA. */
	{ "self-signed and trusted", "self-signed", "mx.test",
	    .trust = "self-signed.pem" },
	{ "self-signed, trusted, another name", "self-signed", "a.test",
	    .error =
		"it is for mx.test, localhost, 127.0.0.1, ::1, not for a.test",
	    .trust = "self-signed.pem" },
	{ "trusted without its CA", "good", "mx.test", .trust = "good.pem" },
	{ "trusted but expired", "expired", "mx.test", .error = "expired on 20",
	    .trust = "expired.pem" },
	/* Addresses. */
	{ "an IPv4 address", "address", "192.0.2.1", .error = NULL },
	{ "an IPv6 address", "address", "[2001:db8:0::1]", .error = NULL },
	{ "another address", "address", "192.0.2.2",
	    .error = "it is for 192.0.2.1, 2001:db8::1, not for 192.0.2.2" },
	{ "an address written as a name", "address-as-name", "192.0.2.1",
	    .error = "not for 192.0.2.1" },
	{ "an address and a wildcard", "odd-star-tld", "192.0.2.1",
	    .error = "not for 192.0.2.1" },
	/* Wildcards and odd names; the table is in test_tls_name.c. */
	{ "a wildcard", "wildcard", "mail.wild.test", .error = NULL },
	{ "a wildcard for two labels", "wildcard", "a.b.wild.test",
	    .error = "it is for *.wild.test, not" },
	{ "a wildcard for none", "wildcard", "wild.test",
	    .error = "not for wild.test" },
	{ "a NUL in the name", "odd-nul", "mx.test",
	    .error = "it is for mx.test?.evil.test, not for mx.test" },
	{ "a dot behind the name", "odd-dot", "mx.test",
	    .error = "it is for mx.test.," },
	{ "capitals", "odd-upper", "mx.test", .error = NULL },
	{ "a star", "odd-star", "mx.test", .error = "it is for *, not" },
	{ "a star for a top-level domain", "odd-star-tld", "mx.test",
	    .error = "it is for *.test, not" },
	{ "a star for a part", "odd-partial", "foo.wild.test",
	    .error = "f*.wild" },
	{ "a star within", "odd-inner", "mx.a.test", .error = "mx.*.test" },
	{ "an A-label", "odd-idn", "xn--mnchen-3ya.test", .error = NULL },
	{ "a star in an A-label", "odd-idn-star", "xn--a.wild.test",
	    .error = "xn--*" },
	{ "a blank", "odd-blank", "mx.test", .error = "not for mx.test" },
	/* Revocation. */
	{ "revoked", "revoked", "mx.test", .error = "it has been revoked",
	    .crl = "crl.pem" },
	{ "another certificate is revoked", "good", "mx.test",
	    .crl = "crl.pem" },
	{ "an empty CRL", "revoked", "mx.test", .crl = "empty-crl.pem" },
	{ "revoked by another CA", "revoked", "mx.test",
	    .crl = "crl-of-ca2.pem" },
	/* Stapled OCSP responses (RFC 6066), must-staple (RFC 7633). */
	{ "with an OCSP response", "good", "mx.test", .ocsp = "good" },
	{ "revoked by the OCSP response", "good", "mx.test", .ocsp = "revoked",
	    .error = "it has been revoked" },
	{ "an expired OCSP response", "good", "mx.test", .ocsp = "old",
	    .error = "the revocation data (CRL or OCSP) has expired" },
	{ "an OCSP response of another CA", "good", "mx.test", .ocsp = "forged",
	    .error = "OCSP response is invalid" },
	{ "an OCSP response of the intermediate", "chained", "mx.test",
	    .ocsp = "chained" },
	{ "revoked by the intermediate", "chained", "mx.test",
	    .ocsp = "chained-revoked", .error = "it has been revoked" },
	{ "the OCSP response for another certificate", "good", "mx.test",
	    .ocsp = "stapled", .error = "OCSP response is invalid" },
	{ "must-staple, with an OCSP response", "stapled", "mx.test",
	    .ocsp = "stapled" },
	{ "must-staple, without an OCSP response", "stapled", "mx.test",
	    .error = "it requires a stapled OCSP response" },
	{ "must-staple, revoked", "stapled", "mx.test",
	    .ocsp = "stapled-revoked", .error = "it has been revoked" },
	{ "must-staple, with a response for another", "stapled", "mx.test",
	    .ocsp = "good", .error = "stapled OCSP response" },
	{ "certcheck off ignores the OCSP response", "good", "mx.test",
	    .ocsp = "revoked", .certcheck = CERTCHECK_OFF },
	/* Without verification. */
	{ "certcheck off", "self-signed", "a.test",
	    .certcheck = CERTCHECK_OFF },
	{ "opportunistic", "expired", "a.test", .mode = TLS_OPPORTUNISTIC },
	{ "opportunistic, with certcheck on", "expired", "a.test",
	    .error = "expired on", .mode = TLS_OPPORTUNISTIC,
	    .certcheck = CERTCHECK_ON },
};

static void
fill_params(const struct row *row, struct tls_params *params)
{
	*params = (struct tls_params){
		.mode = row->mode,
		.certcheck = row->certcheck,
		.trust_file = cert_path(row->trust ? row->trust : TRUST, ""),
		.crl_file = row->crl ? cert_path(row->crl, "") : NULL,
		.host_override = (char *)row->override,
	};
}

static void
check_row(const struct row *row)
{
	struct server_plan plan = { row->certificate, .ocsp = row->ocsp,
		.serve = greet };
	struct tls_params params;
	struct client c;
	const char *text;
	bool unchecked =
	    row->certcheck == CERTCHECK_OFF || row->mode == TLS_OPPORTUNISTIC;

	fill_params(row, &params);
	open_client(&c, &params, row->host, &plan);
	text = c.err.text ? c.err.text : "no error";
	if (c.ok != (row->error == NULL))
		fail_msg("%s: %s", row->title, text);
	if (c.ok) {
		assert_int_equal(tls_is_verified(&c.transport), !unchecked);
		exchange_greetings(&c);
		assert_int_equal(close_client(&c), 0);
		return;
	}
	if (c.err.kind != ERROR_CERTIFICATE || !strstr(text, row->error))
		fail_msg("%s: %s", row->title, text);
	assert_int_equal(close_client(&c), 95);
}

static void
verifies_certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i]);
}

static void
checks_certificates_with_tls_1_2_as_well(void **state)
{
	static const struct {
		const char *certificate, *error;
	} cases[] = { { "good", NULL }, { "expired", "expired on" },
		{ "other", "its issuer" }, { "cn-only", "subjectAltName" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_plan plan = { cases[i].certificate,
			"NORMAL:-VERS-ALL:+VERS-TLS1.2", .serve = greet };
		struct tls_params params = { .trust_file =
						 cert_path(TRUST, "") };
		struct client c;

		open_client(&c, &params, "mx.test", &plan);
		assert_int_equal(c.ok, cases[i].error == NULL);
		if (!c.ok)
			assert_non_null(strstr(c.err.text, cases[i].error));
		else
			exchange_greetings(&c);
		close_client(&c);
	}
}

/* Fingerprints. */

static struct tls_fingerprints
fingerprints_of(const char *file)
{
	struct tls_fingerprints found;
	struct str text = { 0 };
	gnutls_x509_crt_t certificate;
	gnutls_datum_t data;

	read_file(cert_path(file, ".pem"), &text);
	data =
	    (gnutls_datum_t){ (unsigned char *)text.data, (unsigned)text.len };
	gnutls_x509_crt_init(&certificate);
	gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_PEM);
	assert_true(tls_fingerprints_of(certificate, &found));
	gnutls_x509_crt_deinit(certificate);
	str_free(&text);
	return found;
}

static const struct pin_row {
	const char *title;
	const char *certificate; /* of the server */
	const char *pinned;      /* its fingerprint is configured */
	bool of_key;
	enum tls_certcheck certcheck;
	const char *error;
} pin_rows[] = {
	{ "the certificate", "good", "good", .of_key = false },
	{ "its key", "good", "good", .of_key = true },
	{ "self-signed", "self-signed", "self-signed", .of_key = false },
	{ "for another name", "wrong-name", "wrong-name", .of_key = true },
	{ "an expired certificate", "expired", "expired", .of_key = false },
	{ "another valid certificate", "good", "other", false,
	    .error = "it matches no tls_fingerprint" },
	{ "another key", "good", "other", true,
	    .error = "it matches no tls_fingerprint" },
	{ "certcheck on, the fingerprint matches", "good", "good", true,
	    .certcheck = CERTCHECK_ON },
	{ "certcheck on, the fingerprint matches, expired", "expired",
	    "expired", true, CERTCHECK_ON, "expired on" },
	{ "certcheck on, the fingerprint does not match", "good", "other",
	    false, CERTCHECK_ON, "it matches no tls_fingerprint" },
	{ "certcheck off, the fingerprint does not match", "good", "other",
	    false, CERTCHECK_OFF, "it matches no tls_fingerprint" },
};

static void
check_pin_row(const struct pin_row *row)
{
	struct server_plan plan = { row->certificate, .serve = greet };
	struct tls_params params = { .certcheck = row->certcheck,
		.trust_file = cert_path(TRUST, "") };
	struct tls_fingerprints found = fingerprints_of(row->pinned);
	char line[80];
	struct client c;

	snprintf(line, sizeof(line), "%s%s", row->of_key ? "spki:" : "",
	    row->of_key ? found.key : found.certificate);
	strv_add(&params.fingerprints,
	    "0000000000000000000000000000000000000000000000000000000000000000");
	strv_add(&params.fingerprints, line);
	open_client(&c, &params, "mx.test", &plan);
	strv_free(&params.fingerprints);
	if (c.ok != (row->error == NULL))
		fail_msg("%s: %s", row->title, c.err.text);
	if (c.ok)
		assert_true(tls_is_verified(&c.transport));
	else
		assert_non_null(strstr(c.err.text, row->error));
	if (!c.ok && row->certificate != row->pinned) {
		found = fingerprints_of(row->certificate);
		assert_non_null(strstr(c.err.text, found.certificate));
		assert_non_null(strstr(c.err.text, found.key));
	}
	close_client(&c);
}

static void
compares_fingerprints(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(pin_rows); i++)
		check_pin_row(&pin_rows[i]);
}

static void
rejects_chains_that_are_too_long(void **state)
{
	static const struct {
		unsigned repeat;
		const char *error;
	} cases[] = { { 16, NULL }, { 17, "its chain of 17" },
		{ 50, "its chain of 50" }, { 200, "more than 64 KiB" } };
	struct tls_params params = { .trust_file = cert_path(TRUST, "") };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct server_plan plan = { "good", .repeat = cases[i].repeat,
			.serve = greet };
		struct client c;

		open_client(&c, &params, "mx.test", &plan);
		if (c.ok != (cases[i].error == NULL)
		    || (!c.ok && !strstr(c.err.text, cases[i].error)))
			fail_msg("%u: %s", cases[i].repeat, c.err.text);
		close_client(&c);
	}
}

static void
rejects_chains_that_cannot_be_parsed(void **state)
{
	struct server_plan plan = { "good", .whole_file = true, .garbage = true,
		.serve = greet };
	struct tls_params params = { .trust_file = cert_path(TRUST, "") };
	struct client c;

	(void)state;
	open_client(&c, &params, "mx.test", &plan);
	assert_false(c.ok);
	assert_string_equal(c.err.text,
	    "the certificate of mx.test was rejected: certificate 2 of its chain "
	    "cannot be parsed");
	close_client(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies_certificates),
		cmocka_unit_test(checks_certificates_with_tls_1_2_as_well),
		cmocka_unit_test(compares_fingerprints),
		cmocka_unit_test(rejects_chains_that_are_too_long),
		cmocka_unit_test(rejects_chains_that_cannot_be_parsed),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
