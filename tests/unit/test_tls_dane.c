/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_server.h"

#include <gnutls/crypto.h>

#include "base/alloc.h"

#define HOST "mx.test"

/*
 * A record is "usage selector matching label".  "!" before the label inverts
 * one bit of the data.
 */
struct row {
	const char *title;
	const char *certificate;
	const char *records; /* separated by commas */
	const char *error;   /* text of the error; NULL: accepted */
	const char *names;   /* NULL: mx.test and example.org */
	const char *override;
	const char *pinned; /* label of a required "spki:" fingerprint */
	const char *crl;
	enum tls_certcheck certcheck;
	bool garbage; /* at the end of the chain */
};

#define UNLISTED "was rejected by DANE: none of its TLSA records ("
#define UNSIGNED "was rejected by DANE: it is not signed by the CA"

static const struct row rows[] = {
	/* DANE-EE: the certificate or its key. */
	{ "3 0 0", "good", "3 0 0 good", .error = NULL },
	{ "3 0 1", "good", "3 0 1 good", .error = NULL },
	{ "3 0 2", "good", "3 0 2 good", .error = NULL },
	{ "3 1 0", "good", "3 1 0 good", .error = NULL },
	{ "3 1 1", "good", "3 1 1 good", .error = NULL },
	{ "3 1 2", "good", "3 1 2 good", .error = NULL },
	{ "an RSA key", "rsa", "3 1 1 rsa", .error = NULL },
	{ "an RSA key in full", "rsa", "3 1 0 rsa", .error = NULL },
	{ "3 0 0, another", "good", "3 0 0 !good", .error = UNLISTED "3 0 0 " },
	{ "3 0 1, another", "good", "3 0 1 !good", .error = UNLISTED "3 0 1 " },
	{ "3 0 2, another", "good", "3 0 2 !good", .error = UNLISTED "3 0 2 " },
	{ "3 1 0, another", "good", "3 1 0 !good", .error = UNLISTED "3 1 0 " },
	{ "3 1 1, another", "good", "3 1 1 !good", .error = UNLISTED "3 1 1 " },
	{ "3 1 2, another", "good", "3 1 2 other", .error = UNLISTED "3 1 2 " },
	{ "the error shows a matching record", "good", "3 1 1 other",
	    .error = "; a matching record is 3 1 1 " },
	{ "the key of the issuer", "good", "3 1 1 ca", .error = UNLISTED },
	{ "one of several", "good",
	    "3 1 1 other, 2 0 1 ca2, 3 1 2 good, 3 0 1 !good", .error = NULL },
	{ "none of several", "good", "3 1 1 other, 2 0 1 ca2, 3 0 1 !good",
	    .error = UNLISTED },
	{ "expired", "expired", "3 1 1 expired", .error = NULL },
	{ "not valid yet", "not-yet", "3 0 1 not-yet", .error = NULL },
	{ "for another name", "wrong-name", "3 1 1 wrong-name", .error = NULL },
	{ "without a name", "cn-only", "3 1 1 cn-only", .error = NULL },
	{ "for clients", "client-only", "3 1 1 client-only", .error = NULL },
	{ "self-signed", "self-signed", "3 0 1 self-signed", .error = NULL },
	{ "signed by an unknown CA", "other", "3 1 1 other", .error = NULL },
	{ "with an unrelated certificate in the chain", "strayed", "3 1 1 good",
	    .error = NULL },
	{ "with an invalid certificate in the chain", "good", "3 1 1 good",
	    .error = NULL, .garbage = true },
	{ "with an invalid certificate in the chain, 2", "good", "2 0 0 ca",
	    .error = "certificate 2 of its chain cannot be parsed",
	    .garbage = true },
	/* DANE-TA: a CA that the server sends. */
	{ "2 0 0", "rooted", "2 0 0 ca", .error = NULL },
	{ "2 0 1", "rooted", "2 0 1 ca", .error = NULL },
	{ "2 0 2", "rooted", "2 0 2 ca", .error = NULL },
	{ "2 1 0", "rooted", "2 1 0 ca", .error = NULL },
	{ "2 1 1", "rooted", "2 1 1 ca", .error = NULL },
	{ "2 1 2", "rooted", "2 1 2 ca", .error = NULL },
	{ "2 0 0, another", "rooted", "2 0 0 ca2", .error = UNSIGNED },
	{ "2 0 1, another", "rooted", "2 0 1 ca2", .error = UNLISTED "2 0 1 " },
	{ "2 0 2, another", "rooted", "2 0 2 !ca", .error = UNLISTED "2 0 2 " },
	{ "2 1 0, another", "rooted", "2 1 0 ca2", .error = UNLISTED "2 1 0 " },
	{ "2 1 1, another", "rooted", "2 1 1 !ca", .error = UNLISTED "2 1 1 " },
	{ "2 1 2, another", "rooted", "2 1 2 ca2", .error = UNLISTED "2 1 2 " },
	{ "the intermediate", "chained", "2 0 1 intermediate", .error = NULL },
	{ "the key of the intermediate", "chained", "2 1 1 intermediate",
	    .error = NULL },
	{ "an unrelated CA in the chain", "strayed", "2 0 1 ca2",
	    .error = UNSIGNED },
	{ "the right CA and an unrelated one", "strayed", "2 0 0 ca",
	    .error = NULL },
	{ "one of several CAs", "chained", "2 0 1 ca2, 2 1 1 intermediate",
	    .error = NULL },
	/* DANE-TA: a CA that the server does not send. */
	{ "a digest of a CA that is not sent", "good", "2 0 1 ca",
	    .error = UNLISTED },
	{ "a digest of a key that is not sent", "good", "2 1 1 ca",
	    .error = UNLISTED },
	{ "a full certificate in the record", "good", "2 0 0 ca",
	    .error = NULL },
	{ "a full certificate, with an intermediate", "chained", "2 0 0 ca",
	    .error = NULL },
	{ "a full intermediate certificate", "chained", "2 0 0 intermediate",
	    .error = NULL },
	{ "the full certificate of another CA", "good", "2 0 0 ca2",
	    .error = UNSIGNED },
	{ "a full certificate with a wrong bit", "good", "2 0 0 !ca",
	    .error = "rejected by DANE" },
	{ "a full key", "good", "2 1 0 ca", .error = NULL },
	{ "a full key, with an intermediate", "chained", "2 1 0 ca",
	    .error = NULL },
	{ "the full key of an intermediate", "chained", "2 1 0 intermediate",
	    .error = NULL },
	{ "the full key of another CA", "good", "2 1 0 ca2",
	    .error = UNLISTED },
	{ "a full key with a wrong bit", "good", "2 1 0 !ca",
	    .error = UNLISTED },
	/* DANE-TA: dates, names, usage and revocation are verified as well. */
	{ "expired, 2", "expired", "2 0 0 ca",
	    .error = "rejected by DANE: it expired on 20" },
	{ "expired, by a key", "expired", "2 1 0 ca",
	    .error = "it expired on 20" },
	{ "not valid yet, 2", "not-yet", "2 0 0 ca",
	    .error = "it is not valid before 20" },
	{ "signed by an expired intermediate", "late", "2 0 0 ca",
	    .error = "its issuer \"CN=stale,O=Veredus Tests\" expired on 20" },
	{ "the record names the expired intermediate", "late", "2 0 1 stale",
	    .error = "expired" },
	{ "for another name, 2", "wrong-name", "2 0 0 ca",
	    .error =
		"it is for elsewhere.test, not for mx.test or example.org" },
	{ "for another name, by a key", "wrong-name", "2 1 0 ca",
	    .error = "it is for elsewhere.test, not" },
	{ "without a name, 2", "cn-only", "2 0 0 ca",
	    .error = "no subjectAltName" },
	{ "for clients, 2", "client-only", "2 0 0 ca",
	    .error = "not valid for TLS servers (extended key usage)" },
	{ "for clients, by a key", "client-only", "2 1 0 ca",
	    .error = "not valid for TLS servers (extended key usage)" },
	/* Keys: a record of DANE-EE names the key itself. */
	{ "a short key", "weak", "3 1 1 weak", .error = NULL },
	{ "a short key, 2", "weak", "2 0 0 ca",
	    .error = "its key is too short: RSA with 1024 bits" },
	{ "an intermediate with a short key", "below-weak", "2 0 0 ca",
	    .error = "the key of one of its issuers is too short: RSA" },
	{ "the record names an intermediate with a short key", "below-weak",
	    "2 0 1 weak-intermediate", .error = "issuers is too short" },
	{ "the record names a CA with a short key", "weak-rooted",
	    "2 1 1 weak-ca", .error = "issuers is too short" },
	{ "a short key as CA", "weak-self-signed", "2 0 1 weak-self-signed",
	    .error = "its key is too short" },
	{ "a short key with certcheck on", "weak", "3 1 1 weak",
	    .error = "was rejected: its key is too short",
	    .certcheck = CERTCHECK_ON },
	{ "the second name", "good", "2 0 0 ca", .names = "a.test mx.test" },
	{ "an invalid second name", "good", "2 0 0 ca",
	    .names = "mx.test -.test" },
	{ "revoked, 2", "revoked", "2 0 0 ca", .error = "it has been revoked",
	    .crl = "crl.pem" },
	{ "another certificate is revoked", "good", "2 0 0 ca",
	    .crl = "crl.pem" },
	{ "revoked, 3", "revoked", "3 1 1 revoked", .crl = "crl.pem" },
	{ "signed by a certificate that is not a CA", "rogue", "2 0 0 ca",
	    .error = "its issuer is not a CA" },
	{ "signed by a certificate that is not a CA, by a key", "rogue",
	    "2 1 0 ca", .error = "its issuer is not a CA" },
	{ "the record names a certificate that is not a CA", "rogue",
	    "2 0 1 good", .error = "its issuer is not a CA" },
	{ "a self-signed certificate as CA", "self-signed", "2 0 1 self-signed",
	    .error = NULL },
	{ "a full self-signed certificate as CA", "self-signed",
	    "2 0 0 self-signed", .error = NULL },
	{ "the full key of a self-signed certificate", "self-signed",
	    "2 1 0 self-signed", .error = NULL },
	{ "the server's own certificate as CA, signed by another", "good",
	    "2 0 1 good", .error = UNLISTED },
	/* Settings of the account. */
	{ "an override changes nothing", "wrong-name", "2 0 0 ca",
	    .error = "not for mx.test", .override = "elsewhere.test" },
	{ "with a fingerprint that matches", "other", "3 1 1 other",
	    .pinned = "other" },
	{ "with the fingerprint of another certificate", "good", "3 1 1 good",
	    .error = "it matches no tls_fingerprint", .pinned = "other" },
	{ "the fingerprint matches, but the record does not", "good",
	    "3 1 1 other", .error = UNLISTED, .pinned = "good" },
	{ "with certcheck off", "good", "3 1 1 other", .error = UNLISTED,
	    .certcheck = CERTCHECK_OFF },
	{ "with certcheck on", "good", "3 1 1 good",
	    .certcheck = CERTCHECK_ON },
	{ "with certcheck on, the record does not match", "good", "3 1 1 other",
	    .error = UNLISTED, .certcheck = CERTCHECK_ON },
	{ "with certcheck on, expired", "expired", "3 1 1 expired",
	    .error = "was rejected: it expired on 20",
	    .certcheck = CERTCHECK_ON },
};

static void
read_data(const char *label, unsigned selector, unsigned matching,
    struct str *out)
{
	struct str all = { 0 };
	unsigned char digest[64];
	gnutls_digest_algorithm_t algorithm =
	    matching == 1 ? GNUTLS_DIG_SHA256 : GNUTLS_DIG_SHA512;

	read_file(cert_path(label, selector == 0 ? ".der" : ".spki"), &all);
	if (matching > 0) {
		gnutls_hash_fast(algorithm, all.data, all.len, digest);
		str_append(out, digest, gnutls_hash_get_len(algorithm));
	} else {
		str_append(out, all.data, all.len);
	}
	str_free(&all);
}

/* Appends a record: "3 1 1 good" or "3 1 1 !good". */
static void
add_record(struct tls_policy *policy, const char *text)
{
	struct tlsa_record *record;
	char label[64];

	policy->records = alloc_resize(policy->records,
	    policy->record_count + 1, sizeof(*policy->records));
	record = &policy->records[policy->record_count++];
	*record = (struct tlsa_record){ .usage = 0 };
	assert_int_equal(sscanf(text, "%u %u %u %63[^,]", &record->usage,
			     &record->selector, &record->matching, label),
	    4);
	read_data(label[0] == '!' ? label + 1 : label, record->selector,
	    record->matching, &record->data);
	if (label[0] == '!')
		record->data.data[record->data.len / 2] ^= 1;
}

static void
add_names(struct strv *names, const char *text)
{
	for (; *text != '\0'; text += strspn(text, " ")) {
		size_t len = strcspn(text, " ");

		strv_take(names, alloc_string_n(text, len));
		text += len;
	}
}

static void
fill_policy(struct tls_policy *policy, const char *records, const char *names)
{
	*policy = (struct tls_policy){ .level = TLS_LEVEL_DANE,
		.source = TLS_BY_DANE };
	for (const char *at = records; at != NULL; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		add_record(policy, at);
	}
	add_names(&policy->names, names != NULL ? names : HOST " example.org");
}

/* Returns the "spki:" fingerprint of a key that certs.py makes. */
static void
add_pin(struct tls_params *params, const char *label)
{
	struct str digest = { 0 }, text = { 0 };

	if (label == NULL)
		return;
	read_data(label, 1, 1, &digest);
	str_add(&text, "spki:");
	for (size_t i = 0; i < digest.len; i++)
		str_printf(&text, "%02x", (unsigned char)digest.data[i]);
	strv_add(&params->fingerprints, text.data);
	str_free(&digest);
	str_free(&text);
}

static void
check_row(const struct row *row, const char *priorities)
{
	struct server_plan plan = { row->certificate, priorities,
		.whole_file = true, .garbage = row->garbage, .serve = greet };
	struct tls_params params = { .mode = TLS_ON,
		.trust_file = cert_path("ca.pem", ""),
		.crl_file = row->crl != NULL ? cert_path(row->crl, "") : NULL,
		.host_override = (char *)row->override,
		.certcheck = row->certcheck };
	struct tls_policy policy;
	struct str shown = { 0 };
	struct client c;

	fill_policy(&policy, row->records, row->names);
	add_pin(&params, row->pinned);
	open_with_policy(&c, &params, "unnamed.test", &policy, &plan);
	if (c.ok != (row->error == NULL)
	    || (!c.ok && strstr(c.err.text, row->error) == NULL))
		fail_msg("%s: %s", row->title, c.ok ? "accepted" : c.err.text);
	if (c.ok) {
		exchange_greetings(&c);
		assert_true(tls_is_verified(&c.transport));
		tls_describe(&c.transport, &shown);
		assert_non_null(strstr(str_text(&shown), " dane"));
	} else {
		assert_int_equal(c.err.kind, ERROR_CERTIFICATE);
		assert_true(c.err.temporary);
	}
	close_client(&c);
	str_free(&shown);
	strv_free(&params.fingerprints);
	tls_policy_free(&policy);
}

static void
checks_certificates_against_tlsa_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], NULL);
}

static void
checks_certificates_with_tls_1_2_as_well(void **state)
{
	(void)state;
	/* With TLS 1.2 GnuTLS parses the whole chain. */
	for (size_t i = 0; i < COUNT_OF(rows); i += 9)
		if (!rows[i].garbage)
			check_row(&rows[i], "NORMAL:-VERS-ALL:+VERS-TLS1.2");
}

/* The levels below DANE. */
static const struct policy_row {
	const char *title;
	const char *certificate;
	enum tls_level level;
	enum tls_mode mode;
	const char *trust;
	const char *names;
	const char *error;
	const char *shown;
	enum tls_certcheck certcheck;
} policy_rows[] = {
	{ "encrypt: any certificate", "self-signed", TLS_LEVEL_ENCRYPT,
	    TLS_OPPORTUNISTIC, "ca.pem", "a.test", .shown = "unverified" },
	{ "encrypt: an expired certificate", "expired", TLS_LEVEL_ENCRYPT,
	    TLS_OPPORTUNISTIC, NULL, "a.test", .shown = "unverified" },
	{ "encrypt: the account verifies", "expired", TLS_LEVEL_ENCRYPT, TLS_ON,
	    "ca.pem", HOST, .error = "was rejected: it expired on" },
	{ "verify", "good", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC, "ca.pem", HOST,
	    .shown = "verified" },
	{ "verify: the account does not", "good", TLS_LEVEL_VERIFY, TLS_ON,
	    "ca.pem", HOST, .shown = "verified", .certcheck = CERTCHECK_OFF },
	{ "verify: expired", "expired", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC,
	    "ca.pem", HOST, .error = "rejected by MTA-STS: it expired on" },
	{ "verify: unknown CA, the account does not", "other", TLS_LEVEL_VERIFY,
	    TLS_ON, "ca.pem", HOST, .error = "rejected by MTA-STS: its issuer",
	    .certcheck = CERTCHECK_OFF },
	{ "verify: another name", "good", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC,
	    "ca.pem", "a.test b.test",
	    .error = "127.0.0.1, ::1, not for a.test or b.test" },
	{ "verify: the second name", "good", TLS_LEVEL_VERIFY,
	    TLS_OPPORTUNISTIC, "ca.pem", "a.test MX.test",
	    .shown = "verified" },
	{ "verify: a CA that the system does not trust", "good",
	    TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC, NULL, HOST,
	    .error = "not trusted by the system" },
	{ "by the account, for one of the names", "wrong-name",
	    TLS_LEVEL_CONFIG, TLS_ON, "ca.pem", "a.test elsewhere.test",
	    .shown = "verified" },
	{ "by the account, for another name", "good", TLS_LEVEL_CONFIG, TLS_ON,
	    "ca.pem", "a.test", .error = "not for a.test (tls_host_override" },
};

static enum tls_source
source_of(enum tls_level level)
{
	return level == TLS_LEVEL_CONFIG ? TLS_BY_ACCOUNT
	    : level == TLS_LEVEL_VERIFY  ? TLS_BY_MTA_STS
					 : TLS_BY_DANE;
}

static void
check_policy_row(const struct policy_row *row)
{
	struct server_plan plan = { row->certificate, .serve = greet };
	struct tls_params params = { .mode = row->mode,
		.trust_file =
		    row->trust != NULL ? cert_path(row->trust, "") : NULL,
		.certcheck = row->certcheck };
	struct tls_policy policy = { .level = row->level,
		.source = source_of(row->level) };
	struct str shown = { 0 };
	struct client c;

	add_names(&policy.names, row->names);
	open_with_policy(&c, &params, HOST, &policy, &plan);
	if (c.ok != (row->error == NULL)
	    || (!c.ok && strstr(c.err.text, row->error) == NULL))
		fail_msg("%s: %s", row->title, c.ok ? "accepted" : c.err.text);
	if (c.ok) {
		exchange_greetings(&c);
		tls_describe(&c.transport, &shown);
		if (strstr(str_text(&shown), row->shown) == NULL)
			fail_msg("%s: %s", row->title, shown.data);
	}
	close_client(&c);
	str_free(&shown);
	tls_policy_free(&policy);
}

static void
follows_the_policy_whatever_the_account_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(policy_rows); i++)
		check_policy_row(&policy_rows[i]);
}

/* Fails unless the first name of the policy was sent as SNI. */
static int
greet_expected_name(gnutls_session_t tls, int fd)
{
	char name[64];
	size_t size = sizeof(name);
	unsigned type;

	if (gnutls_server_name_get(tls, name, &size, &type, 0) < 0
	    || strcmp(name, "records.test") != 0)
		return 1;
	return greet(tls, fd);
}

static void
sends_the_first_name_of_the_policy_as_sni(void **state)
{
	struct server_plan plan = { "good", .serve = greet_expected_name };
	struct tls_params params = { .host_override = (char *)"mx.test",
		.trust_file = cert_path("ca.pem", "") };
	struct tls_policy policy;
	struct str shown = { 0 };
	struct client c;

	(void)state;
	fill_policy(&policy, "3 1 1 good", "records.test example.org");
	open_with_policy(&c, &params, HOST, &policy, &plan);
	if (!c.ok)
		fail_msg("%s", c.err.text);
	/* tls_start() borrows the policy for the handshake only. */
	tls_policy_free(&policy);
	exchange_greetings(&c);
	tls_describe(&c.transport, &shown);
	assert_non_null(strstr(str_text(&shown), " dane"));
	str_free(&shown);
	assert_int_equal(close_client(&c), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_certificates_against_tlsa_records),
		cmocka_unit_test(checks_certificates_with_tls_1_2_as_well),
		cmocka_unit_test(follows_the_policy_whatever_the_account_sets),
		cmocka_unit_test(sends_the_first_name_of_the_policy_as_sni),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
