/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_server.h"

#include <gnutls/crypto.h>

#include "base/alloc.h"

#define HOST "mx.test"

/*
 * Records are written as "usage selector matching label", with "!" in front of
 * a label whose data is then wrong in one bit.
 */
struct row {
	const char *title;
	const char *certificate;
	const char *records; /* with a comma between two */
	const char *refused; /* what the error must say; NULL: accepted */
	const char *names;   /* NULL: mx.test and example.org */
	const char *override;
	const char *pinned; /* "spki:" of whom is asked for as well */
	const char *crl;
	enum tls_certcheck certcheck;
	bool garbage; /* behind the chain */
};

#define UNNAMED "was rejected by DANE: none of its TLSA records ("
#define UNSIGNED "was rejected by DANE: it is not signed by the CA"

static const struct row rows[] = {
	/* The certificate or its key. */
	{ "3 0 0", "good", "3 0 0 good", .refused = NULL },
	{ "3 0 1", "good", "3 0 1 good", .refused = NULL },
	{ "3 0 2", "good", "3 0 2 good", .refused = NULL },
	{ "3 1 0", "good", "3 1 0 good", .refused = NULL },
	{ "3 1 1", "good", "3 1 1 good", .refused = NULL },
	{ "3 1 2", "good", "3 1 2 good", .refused = NULL },
	{ "an RSA key", "rsa", "3 1 1 rsa", .refused = NULL },
	{ "an RSA key in full", "rsa", "3 1 0 rsa", .refused = NULL },
	{ "3 0 0, another", "good", "3 0 0 !good",
	    .refused = UNNAMED "3 0 0 " },
	{ "3 0 1, another", "good", "3 0 1 !good",
	    .refused = UNNAMED "3 0 1 " },
	{ "3 0 2, another", "good", "3 0 2 !good",
	    .refused = UNNAMED "3 0 2 " },
	{ "3 1 0, another", "good", "3 1 0 !good",
	    .refused = UNNAMED "3 1 0 " },
	{ "3 1 1, another", "good", "3 1 1 !good",
	    .refused = UNNAMED "3 1 1 " },
	{ "3 1 2, another", "good", "3 1 2 other",
	    .refused = UNNAMED "3 1 2 " },
	{ "tells what would match", "good", "3 1 1 other",
	    .refused = "; a matching record is 3 1 1 " },
	{ "of the issuer", "good", "3 1 1 ca", .refused = UNNAMED },
	{ "one of several", "good",
	    "3 1 1 other, 2 0 1 ca2, 3 1 2 good, 3 0 1 !good",
	    .refused = NULL },
	{ "none of several", "good", "3 1 1 other, 2 0 1 ca2, 3 0 1 !good",
	    .refused = UNNAMED },
	{ "expired", "expired", "3 1 1 expired", .refused = NULL },
	{ "not valid yet", "not-yet", "3 0 1 not-yet", .refused = NULL },
	{ "of another name", "wrong-name", "3 1 1 wrong-name",
	    .refused = NULL },
	{ "without a name", "cn-only", "3 1 1 cn-only", .refused = NULL },
	{ "for clients", "client-only", "3 1 1 client-only", .refused = NULL },
	{ "self-signed", "self-signed", "3 0 1 self-signed", .refused = NULL },
	{ "by nobody we know", "other", "3 1 1 other", .refused = NULL },
	{ "with what does not belong there", "strayed", "3 1 1 good",
	    .refused = NULL },
	{ "with what is no certificate", "good", "3 1 1 good", .refused = NULL,
	    .garbage = true },
	{ "with what is no certificate, 2", "good", "2 0 0 ca",
	    .refused = "certificate 2 of its chain cannot be parsed",
	    .garbage = true },
	/* An authority that is shown. */
	{ "2 0 0", "rooted", "2 0 0 ca", .refused = NULL },
	{ "2 0 1", "rooted", "2 0 1 ca", .refused = NULL },
	{ "2 0 2", "rooted", "2 0 2 ca", .refused = NULL },
	{ "2 1 0", "rooted", "2 1 0 ca", .refused = NULL },
	{ "2 1 1", "rooted", "2 1 1 ca", .refused = NULL },
	{ "2 1 2", "rooted", "2 1 2 ca", .refused = NULL },
	{ "2 0 0, another", "rooted", "2 0 0 ca2", .refused = UNSIGNED },
	{ "2 0 1, another", "rooted", "2 0 1 ca2",
	    .refused = UNNAMED "2 0 1 " },
	{ "2 0 2, another", "rooted", "2 0 2 !ca",
	    .refused = UNNAMED "2 0 2 " },
	{ "2 1 0, another", "rooted", "2 1 0 ca2",
	    .refused = UNNAMED "2 1 0 " },
	{ "2 1 1, another", "rooted", "2 1 1 !ca",
	    .refused = UNNAMED "2 1 1 " },
	{ "2 1 2, another", "rooted", "2 1 2 ca2",
	    .refused = UNNAMED "2 1 2 " },
	{ "the intermediate", "chained", "2 0 1 intermediate",
	    .refused = NULL },
	{ "the key of the intermediate", "chained", "2 1 1 intermediate",
	    .refused = NULL },
	{ "one that has nothing to do with it", "strayed", "2 0 1 ca2",
	    .refused = UNSIGNED },
	{ "its own authority, and a stray one", "strayed", "2 0 0 ca",
	    .refused = NULL },
	{ "one of several authorities", "chained",
	    "2 0 1 ca2, 2 1 1 intermediate", .refused = NULL },
	/* An authority that is not shown. */
	{ "a digest of what is not shown", "good", "2 0 1 ca",
	    .refused = UNNAMED },
	{ "a digest of a key that is not shown", "good", "2 1 1 ca",
	    .refused = UNNAMED },
	{ "in full in the record", "good", "2 0 0 ca", .refused = NULL },
	{ "in full, behind an intermediate", "chained", "2 0 0 ca",
	    .refused = NULL },
	{ "an intermediate in full", "chained", "2 0 0 intermediate",
	    .refused = NULL },
	{ "another in full", "good", "2 0 0 ca2", .refused = UNSIGNED },
	{ "a broken one", "good", "2 0 0 !ca", .refused = "rejected by DANE" },
	{ "its key in full", "good", "2 1 0 ca", .refused = NULL },
	{ "its key, behind an intermediate", "chained", "2 1 0 ca",
	    .refused = NULL },
	{ "the key of an intermediate in full", "chained", "2 1 0 intermediate",
	    .refused = NULL },
	{ "the key of another in full", "good", "2 1 0 ca2",
	    .refused = UNNAMED },
	{ "a broken key", "good", "2 1 0 !ca", .refused = UNNAMED },
	/* What else must hold then. */
	{ "expired, 2", "expired", "2 0 0 ca",
	    .refused = "rejected by DANE: it expired on 20" },
	{ "expired, by a key", "expired", "2 1 0 ca",
	    .refused = "it expired on 20" },
	{ "not valid yet, 2", "not-yet", "2 0 0 ca",
	    .refused = "it is not valid before 20" },
	{ "behind one that has expired", "late", "2 0 0 ca",
	    .refused =
		"its issuer \"CN=stale,O=Veredus Tests\" expired on 20" },
	{ "by one that has expired", "late", "2 0 1 stale",
	    .refused = "expired" },
	{ "of another name, 2", "wrong-name", "2 0 0 ca",
	    .refused =
		"it is for elsewhere.test, not for mx.test or example.org" },
	{ "of another name, by a key", "wrong-name", "2 1 0 ca",
	    .refused = "it is for elsewhere.test, not" },
	{ "without a name, 2", "cn-only", "2 0 0 ca",
	    .refused = "no subjectAltName" },
	{ "for clients, 2", "client-only", "2 0 0 ca",
	    .refused = "not valid for TLS servers (extended key usage)" },
	{ "for clients, by a key", "client-only", "2 1 0 ca",
	    .refused = "not valid for TLS servers (extended key usage)" },
	{ "the second name", "good", "2 0 0 ca", .names = "a.test mx.test" },
	{ "no name that a host may have", "good", "2 0 0 ca",
	    .names = "mx.test -.test" },
	{ "revoked, 2", "revoked", "2 0 0 ca", .refused = "it has been revoked",
	    .crl = "crl.pem" },
	{ "another is revoked", "good", "2 0 0 ca", .crl = "crl.pem" },
	{ "revoked, 3", "revoked", "3 1 1 revoked", .crl = "crl.pem" },
	{ "signed by no authority", "rogue", "2 0 0 ca",
	    .refused = "its issuer is not a CA" },
	{ "signed by no authority, by a key", "rogue", "2 1 0 ca",
	    .refused = "its issuer is not a CA" },
	{ "no authority, though named", "rogue", "2 0 1 good",
	    .refused = "its issuer is not a CA" },
	{ "an authority of itself", "self-signed", "2 0 1 self-signed",
	    .refused = NULL },
	{ "an authority of itself, in full", "self-signed", "2 0 0 self-signed",
	    .refused = NULL },
	{ "its own key", "self-signed", "2 1 0 self-signed", .refused = NULL },
	{ "the peer's own, which is signed by another", "good", "2 0 1 good",
	    .refused = UNNAMED },
	/* With what the account asks for. */
	{ "an override changes nothing", "wrong-name", "2 0 0 ca",
	    .refused = "not for mx.test", .override = "elsewhere.test" },
	{ "with a pin that matches", "other", "3 1 1 other",
	    .pinned = "other" },
	{ "with a pin of another", "good", "3 1 1 good",
	    .refused = "it matches no tls_fingerprint", .pinned = "other" },
	{ "without the match of the pin's", "good", "3 1 1 other",
	    .refused = UNNAMED, .pinned = "good" },
	{ "without any check", "good", "3 1 1 other", .refused = UNNAMED,
	    .certcheck = CERTCHECK_OFF },
	{ "with all checks", "good", "3 1 1 good", .certcheck = CERTCHECK_ON },
	{ "that pass without the record", "good", "3 1 1 other",
	    .refused = UNNAMED, .certcheck = CERTCHECK_ON },
	{ "with all checks, one fails", "expired", "3 1 1 expired",
	    .refused = "was rejected: it expired on 20",
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

/* Appends a record of "3 1 1 good" or "3 1 1 !good". */
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
fill_demand(struct tls_policy *policy, const char *records, const char *names)
{
	*policy = (struct tls_policy){ .level = TLS_LEVEL_DANE,
		.source = TLS_BY_DANE };
	for (const char *at = records; at != NULL; at = strchr(at, ',')) {
		at += strspn(at, ", ");
		add_record(policy, at);
	}
	add_names(&policy->names, names != NULL ? names : HOST " example.org");
}

/* "spki:" and what certs.py and gnutls make of the key. */
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
		.as_it_is = true, .garbage = row->garbage, .serve = greet };
	struct tls_params params = { .mode = TLS_ON,
		.trust_file = cert_path("ca.pem", ""),
		.crl_file = row->crl != NULL ? cert_path(row->crl, "") : NULL,
		.host_override = (char *)row->override,
		.certcheck = row->certcheck };
	struct tls_policy policy;
	struct str shown = { 0 };
	struct client c;

	fill_demand(&policy, row->records, row->names);
	add_pin(&params, row->pinned);
	open_demanding(&c, &params, "nobody.test", &policy, &plan);
	if (c.ok != (row->refused == NULL)
	    || (!c.ok && strstr(c.err.text, row->refused) == NULL))
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
judges_certificates_by_records(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], NULL);
}

static void
judges_certificates_before_tls_1_3_as_well(void **state)
{
	(void)state;
	/* GnuTLS looks at the whole chain itself there. */
	for (size_t i = 0; i < COUNT_OF(rows); i += 9)
		if (!rows[i].garbage)
			check_row(&rows[i], "NORMAL:-VERS-ALL:+VERS-TLS1.2");
}

/* What is less than DANE. */
static const struct demand_row {
	const char *title;
	const char *certificate;
	enum tls_level level;
	enum tls_mode mode;
	const char *trust;
	const char *names;
	const char *refused;
	const char *shown;
	enum tls_certcheck certcheck;
} demand_rows[] = {
	{ "encrypted, by anybody", "self-signed", TLS_LEVEL_ENCRYPT,
	    TLS_OPPORTUNISTIC, "ca.pem", "a.test", .shown = "unverified" },
	{ "encrypted, and expired", "expired", TLS_LEVEL_ENCRYPT,
	    TLS_OPPORTUNISTIC, NULL, "a.test", .shown = "unverified" },
	{ "encrypted, but the account verifies", "expired", TLS_LEVEL_ENCRYPT,
	    TLS_ON, "ca.pem", HOST, .refused = "was rejected: it expired on" },
	{ "verified", "good", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC, "ca.pem",
	    HOST, .shown = "verified" },
	{ "verified without being asked", "good", TLS_LEVEL_VERIFY, TLS_ON,
	    "ca.pem", HOST, .shown = "verified", .certcheck = CERTCHECK_OFF },
	{ "verified, expired", "expired", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC,
	    "ca.pem", HOST, .refused = "rejected by MTA-STS: it expired on" },
	{ "verified, though the account would not", "other", TLS_LEVEL_VERIFY,
	    TLS_ON, "ca.pem", HOST,
	    .refused = "rejected by MTA-STS: its issuer",
	    .certcheck = CERTCHECK_OFF },
	{ "verified, another name", "good", TLS_LEVEL_VERIFY, TLS_OPPORTUNISTIC,
	    "ca.pem", "a.test b.test",
	    .refused = "127.0.0.1, ::1, not for a.test or b.test" },
	{ "verified, the second name", "good", TLS_LEVEL_VERIFY,
	    TLS_OPPORTUNISTIC, "ca.pem", "a.test MX.test",
	    .shown = "verified" },
	{ "verified, by whom the system trusts", "good", TLS_LEVEL_VERIFY,
	    TLS_OPPORTUNISTIC, NULL, HOST,
	    .refused = "not trusted by the system" },
	{ "as configured, with a name", "wrong-name", TLS_LEVEL_CONFIG, TLS_ON,
	    "ca.pem", "a.test elsewhere.test", .shown = "verified" },
	{ "as configured, with another name", "good", TLS_LEVEL_CONFIG, TLS_ON,
	    "ca.pem", "a.test",
	    .refused = "not for a.test (tls_host_override" },
};

static enum tls_source
source_of(enum tls_level level)
{
	return level == TLS_LEVEL_CONFIG ? TLS_BY_ACCOUNT
	    : level == TLS_LEVEL_VERIFY  ? TLS_BY_MTA_STS
					 : TLS_BY_DANE;
}

static void
check_demand_row(const struct demand_row *row)
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
	open_demanding(&c, &params, HOST, &policy, &plan);
	if (c.ok != (row->refused == NULL)
	    || (!c.ok && strstr(c.err.text, row->refused) == NULL))
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
does_what_is_demanded_whatever_is_configured(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(demand_rows); i++)
		check_demand_row(&demand_rows[i]);
}

/* A server that may have many certificates must know which one is meant. */
static int
greet_the_right(gnutls_session_t tls, int fd)
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
asks_for_the_first_name(void **state)
{
	struct server_plan plan = { "good", .serve = greet_the_right };
	struct tls_params params = { .host_override = (char *)"mx.test",
		.trust_file = cert_path("ca.pem", "") };
	struct tls_policy policy;
	struct str shown = { 0 };
	struct client c;

	(void)state;
	fill_demand(&policy, "3 1 1 good", "records.test example.org");
	open_demanding(&c, &params, HOST, &policy, &plan);
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
		cmocka_unit_test(judges_certificates_by_records),
		cmocka_unit_test(judges_certificates_before_tls_1_3_as_well),
		cmocka_unit_test(does_what_is_demanded_whatever_is_configured),
		cmocka_unit_test(asks_for_the_first_name),
	};

	return cmocka_run_group_tests(tests, make_certificates,
	    remove_certificates);
}
