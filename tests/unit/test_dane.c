/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <sysexits.h>

#include "base/clock.h"
#include "dns_table.h"
#include "error_says.h"
#include "route/dane.h"
#include "route/mx.h"

static const struct {
	const char *record; /* usage, selector, matching type, length */
	bool usable;
} records[] = {
	{ "3 1 1 32", true },
	{ "3 0 1 32", true },
	{ "3 1 2 64", true },
	{ "2 0 1 32", true },
	{ "2 1 2 64", true },
	{ "2 0 0 700", true },
	{ "3 1 0 91", true },
	{ "0 0 1 32", false }, /* PKIX-TA: not used for SMTP */
	{ "1 1 1 32", false }, /* PKIX-EE */
	{ "4 1 1 32", false },
	{ "255 1 1 32", false },
	{ "3 2 1 32", false },
	{ "3 1 3 32", false },
	{ "3 1 255 32", false },
	{ "3 1 1 31", false },
	{ "3 1 1 33", false },
	{ "3 1 1 64", false },
	{ "3 1 2 32", false },
	{ "3 1 1 0", false },
	{ "3 1 0 0", false },
};

static void
distinguishes_usable_records_from_unusable_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(records); i++) {
		struct dns_record r = { 0 };

		read_table_record(DNS_TLSA, records[i].record, &r);
		if (dane_is_usable(&r) != records[i].usable)
			fail_msg("%s", records[i].record);
		free(r.name);
		str_free(&r.data);
	}
}

static const struct dns_row zone[] = {
	{ "example.org", DNS_MX, SECURE, "10 mx.example", NULL },
	{ "mx.example", DNS_A, SECURE, "192.0.2.1", NULL },
	{ "mx.example", DNS_AAAA, SECURE, NULL, NULL },
	{ 0 },
};

/* The TLS policy of mx.example for each response to the query for
 * _25._tcp.mx.example. */
static const struct {
	bool secure;
	const char *tlsa;
	enum tls_level tls;
	size_t count; /* number of records */
	int exit;     /* exit status of the failure */
} decisions[] = {
	{ SECURE, "3 1 1 32", TLS_LEVEL_DANE, 1, EX_OK },
	{ SECURE, "3 1 1 32 2 0 2 64 1 1 1 32", TLS_LEVEL_DANE, 2, EX_OK },
	/* Digest agility: only the stronger digest is used. */
	{ SECURE, "3 1 1 32 3 1 2 64", TLS_LEVEL_DANE, 1, EX_OK },
	{ SECURE, "3 1 1 32 3 1 2 63", TLS_LEVEL_DANE, 1, EX_OK },
	{ SECURE, "3 1 1 32 3 0 2 64 2 1 2 64", TLS_LEVEL_DANE, 3, EX_OK },
	{ SECURE, "3 1 0 91 3 1 1 32 3 1 2 64", TLS_LEVEL_DANE, 2, EX_OK },
	/* Unusable records require TLS. */
	{ SECURE, "1 1 1 32", TLS_LEVEL_ENCRYPT, 0, EX_OK },
	{ SECURE, "3 1 1 0", TLS_LEVEL_ENCRYPT, 0, EX_OK },
	{ SECURE, NULL, TLS_LEVEL_CONFIG, 0, EX_OK },
	{ INSECURE, NULL, TLS_LEVEL_CONFIG, 0, EX_OK },
	{ INSECURE, "3 1 1 32", TLS_LEVEL_CONFIG, 0, EX_OK },
	{ INSECURE, "!bogus", TLS_LEVEL_CONFIG, 0, EX_TEMPFAIL },
};

static struct local_host self;
static struct random rank = { 1 };
static const struct mx_params params = { .local = &self,
	.rank = &rank,
	.hosts = { .tlsa = true } };

static void
find(struct destination *r, const char *domain, const struct dns_row *rows)
{
	const struct dns_source dns = { ask_table, rows };
	struct error err = { 0 };

	*r = (struct destination){ .domain = alloc_string(domain) };
	assert_true(mx_find(&dns, &params, r, 1, CLOCK_NEVER, &err));
	assert_true(dane_find(&dns, r, 1, CLOCK_NEVER, &err));
}

static void
sets_the_policy_by_the_records_of_a_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(decisions); i++) {
		const struct dns_row rows[] = { zone[0], zone[1], zone[2],
			{ "_25._tcp.mx.example", DNS_TLSA, decisions[i].secure,
			    decisions[i].tlsa, NULL },
			{ 0 } };
		const struct tls_policy *demand;
		struct destination r;

		find(&r, "example.org", rows);
		demand = &r.hosts[0].tls_policy;
		if (demand->level != decisions[i].tls
		    || (demand->source == TLS_BY_DANE)
			!= (demand->level != TLS_LEVEL_CONFIG)
		    || demand->record_count != decisions[i].count
		    || error_exit_status(&r.failure) != decisions[i].exit)
			fail_msg("row %zu: %d, %zu records, %s", i,
			    demand->level, demand->record_count,
			    r.failure.text);
		destination_free(&r);
	}
}

static void
uses_only_the_strongest_digest(void **state)
{
	const struct dns_row rows[] = { zone[0], zone[1], zone[2],
		{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "3 1 1 32 3 1 2 64",
		    NULL },
		{ 0 } };
	struct destination r;

	(void)state;
	find(&r, "example.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.records[0].matching,
	    DANE_SHA512);
	assert_int_equal(r.hosts[0].tls_policy.records[0].data.len, 64);
	destination_free(&r);
}

static void
accepts_the_base_name_and_the_domain(void **state)
{
	const struct dns_row rows[] = { zone[0], zone[1], zone[2],
		{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "2 0 1 32", NULL },
		{ 0 } };
	struct destination r;

	(void)state;
	find(&r, "example.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.names.count, 2);
	assert_string_equal(r.hosts[0].tls_policy.names.items[0], "mx.example");
	assert_string_equal(r.hosts[0].tls_policy.names.items[1],
	    "example.org");
	destination_free(&r);
}

/* DANE-EE does not use the domain.  Without it, two domains with the same host
 * can share a session. */
static void
omits_the_domain_with_dane_ee(void **state)
{
	const struct dns_row rows[] = { zone[0], zone[1], zone[2],
		{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "3 1 1 32", NULL },
		{ 0 } };
	struct destination r;

	(void)state;
	find(&r, "example.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.names.count, 1);
	assert_string_equal(r.hosts[0].tls_policy.names.items[0], "mx.example");
	destination_free(&r);
}

/* A failed lookup must not weaken the policy.  The client tries the next host
 * instead. */
static void
skips_a_host_whose_tlsa_lookup_fails(void **state)
{
	static const struct dns_row rows[] = {
		{ "example.org", DNS_MX, SECURE, "10 mx.example 20 mx2.example",
		    NULL },
		{ "mx.example", DNS_A, SECURE, "192.0.2.1", NULL },
		{ "mx.example", DNS_AAAA, SECURE, NULL, NULL },
		{ "_25._tcp.mx.example", DNS_TLSA, INSECURE, "!bogus", NULL },
		{ "mx2.example", DNS_A, SECURE, "192.0.2.2", NULL },
		{ "mx2.example", DNS_AAAA, SECURE, NULL, NULL },
		{ 0 },
	};
	struct destination r;

	(void)state;
	find(&r, "example.org", rows);
	assert_string_equal(destination_current_hop(&r)->name, "mx2.example");
	expect_message(&r.attempts, "TLSA lookup failed: bogus");
	assert_string_equal(r.attempts.host, "mx.example");
	destination_free(&r);
}

/* The address of the other family is still authentic. */
static void
looks_up_tlsa_records_even_if_one_address_family_fails(void **state)
{
	static const struct dns_row rows[] = {
		{ "example.org", DNS_MX, SECURE, "10 mx.example", NULL },
		{ "mx.example", DNS_A, SECURE, "192.0.2.1", NULL },
		{ "mx.example", DNS_AAAA, INSECURE, "!bogus", NULL },
		{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "3 1 1 32", NULL },
		{ 0 },
	};
	struct destination r;

	(void)state;
	find(&r, "example.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_DANE);
	destination_free(&r);
}

static void
ignores_records_of_hosts_that_are_not_authentic(void **state)
{
	static const struct dns_row rows[] = {
		{ "mx.org", DNS_MX, INSECURE, "10 mx.example", NULL },
		{ "host.org", DNS_MX, SECURE, "10 mx2.example", NULL },
		{ "mx.example", DNS_A, SECURE, "192.0.2.1", NULL },
		{ "mx.example", DNS_AAAA, SECURE, NULL, NULL },
		{ "mx2.example", DNS_A, INSECURE, "192.0.2.1", NULL },
		{ "mx2.example", DNS_AAAA, SECURE, NULL, NULL },
		{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "3 1 1 32", NULL },
		/* A name server that fails for TLSA does not matter here. */
		{ "_25._tcp.mx2.example", DNS_TLSA, SECURE, "!SERVFAIL", NULL },
		{ 0 },
	};
	struct destination r;

	(void)state;
	find(&r, "mx.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_CONFIG);
	destination_free(&r);
	find(&r, "host.org", rows);
	assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_CONFIG);
	assert_non_null(destination_current_hop(&r));
	destination_free(&r);
}

/* mx.example is an alias of real.example, and both names may have records. */
static const struct {
	const char *own, *real; /* records; "-": the name does not exist */
	const char *base;       /* the first name of the certificate, or NULL */
	bool fails;
} aliases[] = {
	{ "-", "3 1 1 32", "real.example", false },
	{ "3 1 1 32", "-", "mx.example", false },
	{ "3 1 1 32", "3 1 2 64", "real.example", false },
	{ "-", "-", NULL, false },
	{ "3 1 1 32", "!bogus", NULL, true },
};

static void
prefers_the_records_of_the_canonical_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(aliases); i++) {
		const struct dns_row rows[] = { zone[0],
			{ "mx.example", DNS_A, SECURE, "192.0.2.1",
			    "real.example" },
			{ "mx.example", DNS_AAAA, SECURE, NULL,
			    "real.example" },
			{ aliases[i].own[0] != '-' ? "_25._tcp.mx.example"
						   : "nothing.example",
			    DNS_TLSA, SECURE, aliases[i].own, NULL },
			{ aliases[i].real[0] != '-' ? "_25._tcp.real.example"
						    : "nothing.example",
			    DNS_TLSA, SECURE, aliases[i].real, NULL },
			{ 0 } };
		const struct tls_policy *demand;
		struct destination r;

		find(&r, "example.org", rows);
		demand = &r.hosts[0].tls_policy;
		assert_true(error_is_set(&r.failure) == aliases[i].fails);
		assert_true((demand->level == TLS_LEVEL_DANE)
		    == (aliases[i].base != NULL));
		if (aliases[i].base != NULL)
			assert_string_equal(demand->names.items[0],
			    aliases[i].base);
		destination_free(&r);
	}
}

/* mx.example is an alias of a name in an unsigned zone. */
static const struct {
	bool secure;       /* the alias itself */
	const char *alias; /* response to the CNAME query */
	enum tls_level tls;
	bool fails;
} outward[] = {
	{ SECURE, "real.example", TLS_LEVEL_DANE, false },
	{ INSECURE, "real.example", TLS_LEVEL_CONFIG, false },
	{ INSECURE, "!bogus", TLS_LEVEL_CONFIG, true },
};

static void
uses_the_records_of_an_alias_to_an_unsigned_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(outward); i++) {
		const struct dns_row rows[] = { zone[0],
			{ "mx.example", DNS_A, INSECURE, "192.0.2.1",
			    "real.example" },
			{ "mx.example", DNS_CNAME, outward[i].secure,
			    outward[i].alias, NULL },
			{ "_25._tcp.mx.example", DNS_TLSA, SECURE, "3 1 1 32",
			    NULL },
			{ 0 } };
		struct destination r;

		find(&r, "example.org", rows);
		assert_int_equal(r.hosts[0].tls_policy.level, outward[i].tls);
		assert_true(error_is_set(&r.failure) == outward[i].fails);
		destination_free(&r);
	}
}

static void
sets_the_policy_of_a_domain_without_mx_records(void **state)
{
	static const struct dns_row rows[] = {
		{ "host.example", DNS_MX, SECURE, NULL, NULL },
		{ "host.example", DNS_A, SECURE, "192.0.2.1", NULL },
		{ "host.example", DNS_AAAA, SECURE, NULL, NULL },
		{ "_25._tcp.host.example", DNS_TLSA, SECURE, "3 1 1 32", NULL },
		{ 0 },
	};
	struct destination r;

	(void)state;
	find(&r, "host.example", rows);
	assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_DANE);
	assert_int_equal(r.hosts[0].tls_policy.names.count, 1);
	destination_free(&r);
	find(&r, "[192.0.2.1]", rows);
	assert_int_equal(r.hosts[0].tls_policy.level, TLS_LEVEL_CONFIG);
	destination_free(&r);
	find(&r, "absent.example", rows);
	assert_string_equal(r.failure.status.enhanced, "5.1.2");
	destination_free(&r);
	clear_questions();
}

static void
sets_the_policy_of_a_configured_host(void **state)
{
	static const struct dns_row rows[] = {
		{ "relay.example", DNS_A, SECURE, "192.0.2.1", "real.example" },
		{ "relay.example", DNS_AAAA, SECURE, NULL, "real.example" },
		{ "_587._tcp.relay.example", DNS_TLSA, SECURE, NULL, NULL },
		{ "_587._tcp.real.example", DNS_TLSA, SECURE, "3 1 1 32",
		    NULL },
		{ "sick.example", DNS_A, SECURE, "192.0.2.2", NULL },
		{ "sick.example", DNS_AAAA, SECURE, NULL, NULL },
		{ "_587._tcp.sick.example", DNS_TLSA, SECURE, "!bogus", NULL },
		{ 0 },
	};
	struct addresses_params addresses_params = { .tlsa = true };
	const struct dns_source dns = { ask_table, rows };
	struct destination r = { 0 };
	const struct tls_policy *demand;

	(void)state;
	destination_add_hop(&r, "relay.example", 587)->mx_authentic = true;
	destination_add_hop(&r, "sick.example", 587)->mx_authentic = true;
	assert_true(
	    addresses_find(&dns, &addresses_params, &r, 1, CLOCK_NEVER, NULL));
	assert_true(dane_find(&dns, &r, 1, CLOCK_NEVER, NULL));
	demand = &r.hosts[0].tls_policy;
	assert_int_equal(demand->level, TLS_LEVEL_DANE);
	assert_int_equal(demand->names.count, 2);
	assert_string_equal(demand->names.items[0], "real.example");
	assert_string_equal(demand->names.items[1], "relay.example");
	/* After a failed lookup the client must retry later and never send
	 * without TLS. */
	assert_int_equal(r.hosts[1].lookup_error.kind, ERROR_RESOLVE);
	assert_true(r.hosts[1].lookup_error.temporary);
	destination_free(&r);
	clear_questions();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    distinguishes_usable_records_from_unusable_ones),
		cmocka_unit_test(sets_the_policy_by_the_records_of_a_host),
		cmocka_unit_test(uses_only_the_strongest_digest),
		cmocka_unit_test(accepts_the_base_name_and_the_domain),
		cmocka_unit_test(omits_the_domain_with_dane_ee),
		cmocka_unit_test(skips_a_host_whose_tlsa_lookup_fails),
		cmocka_unit_test(
		    looks_up_tlsa_records_even_if_one_address_family_fails),
		cmocka_unit_test(
		    ignores_records_of_hosts_that_are_not_authentic),
		cmocka_unit_test(prefers_the_records_of_the_canonical_name),
		cmocka_unit_test(sets_the_policy_of_a_configured_host),
		cmocka_unit_test(
		    uses_the_records_of_an_alias_to_an_unsigned_zone),
		cmocka_unit_test(
		    sets_the_policy_of_a_domain_without_mx_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
