/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <sysexits.h>

#include "base/clock.h"
#include "dns_table.h"
#include "error_says.h"
#include "route/mx.h"
#include "route_show.h"

static const struct dns_row zone[] = {
	{ "plain.example", DNS_MX, SECURE, "20 b.mx.example 10 a.mx.example",
	    NULL },
	{ "a.mx.example", DNS_A, SECURE, "192.0.2.1 192.0.2.2", NULL },
	{ "a.mx.example", DNS_AAAA, SECURE, "2001:db8::1", NULL },
	{ "b.mx.example", DNS_A, SECURE, "192.0.2.3", NULL },
	{ "b.mx.example", DNS_AAAA, SECURE, NULL, NULL },
	{ "equal.example", DNS_MX, INSECURE,
	    "10 a.mx.example 10 b.mx.example 10 c.mx.example", NULL },
	{ "equal2.example", DNS_MX, INSECURE,
	    "10 c.mx.example 5 gone.mx.example 10 a.mx.example "
	    "10 b.mx.example",
	    NULL },
	{ "c.mx.example", DNS_A, INSECURE, "192.0.2.4", NULL },
	{ "null.example", DNS_MX, INSECURE, "0 .", NULL },
	{ "nullbeside.example", DNS_MX, INSECURE, "0 . 10 b.mx.example", NULL },
	{ "implicit.example", DNS_MX, INSECURE, NULL, NULL },
	{ "implicit.example", DNS_A, INSECURE, "192.0.2.5", NULL },
	{ "nothing.example", DNS_MX, INSECURE, NULL, NULL },
	{ "alias.example", DNS_MX, INSECURE, "10 b.mx.example",
	    "real.example" },
	{ "mxalias.example", DNS_MX, SECURE, "10 c-alias.mx.example", NULL },
	{ "c-alias.mx.example", DNS_A, SECURE, "192.0.2.4", "c.mx.example" },
	{ "servfail.example", DNS_MX, INSECURE, "!SERVFAIL", NULL },
	{ "half.example", DNS_MX, INSECURE,
	    "10 fails.mx.example 20 b.mx.example", NULL },
	{ "fails.mx.example", DNS_A, INSECURE, "!SERVFAIL", NULL },
	{ "later.example", DNS_MX, INSECURE, "10 fails.mx.example", NULL },
	{ "empty.example", DNS_MX, INSECURE, "10 gone.mx.example", NULL },
	{ "literal.example", DNS_MX, INSECURE, "10 192.0.2.1", NULL },
	{ "odd.example", DNS_MX, INSECURE, "10 a\\032b.example 20 b.mx.example",
	    NULL },
	{ "loopback.example", DNS_MX, INSECURE, "10 lo.mx.example", NULL },
	{ "lo.mx.example", DNS_A, INSECURE, "127.0.0.1", NULL },
	{ "lo6.example", DNS_MX, INSECURE, NULL, NULL },
	{ "lo6.example", DNS_AAAA, INSECURE, "::ffff:127.0.0.1", NULL },
	{ "zero.example", DNS_MX, INSECURE, "10 zero.mx.example", NULL },
	{ "zero.mx.example", DNS_A, INSECURE, "0.0.0.0", NULL },
	{ "zero.mx.example", DNS_AAAA, INSECURE, "::", NULL },
	{ "backup.example", DNS_MX, INSECURE,
	    "10 b.mx.example 20 self.mx.example 20 a.mx.example "
	    "30 c.mx.example",
	    NULL },
	{ "self.mx.example", DNS_A, INSECURE, "198.51.100.7", NULL },
	{ "backup6.example", DNS_MX, INSECURE,
	    "10 b.mx.example 20 self6.mx.example 30 c.mx.example", NULL },
	{ "main6.example", DNS_MX, INSECURE,
	    "10 self6.mx.example 20 b.mx.example", NULL },
	{ "self6.mx.example", DNS_AAAA, INSECURE, "2001:db8::7", NULL },
	{ "named.example", DNS_MX, INSECURE, "10 THIS.example", NULL },
	{ "this.example", DNS_A, INSECURE, "192.0.2.9", NULL },
	{ "main.example", DNS_MX, INSECURE,
	    "10 self.mx.example 20 b.mx.example", NULL },
	{ "twice.example", DNS_MX, INSECURE, "10 b.mx.example 20 B.MX.example",
	    NULL },
	{ "xn--bcher-kva.example", DNS_MX, INSECURE, "10 b.mx.example", NULL },
	{ "many.example", DNS_MX, INSECURE,
	    "1 m1.example 2 m2.example 3 m3.example 4 m4.example "
	    "5 m5.example 6 m6.example 7 m7.example 8 m8.example "
	    "9 m9.example 10 m10.example 11 m11.example 12 m12.example",
	    NULL },
	{ "m1.example", DNS_A, INSECURE,
	    "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 "
	    "192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.12",
	    NULL },
	{ "m2.example", DNS_A, INSECURE,
	    "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 "
	    "192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.12",
	    NULL },
	{ "m10.example", DNS_A, INSECURE, "192.0.2.10", NULL },
	{ "m11.example", DNS_A, INSECURE, "192.0.2.11", NULL },
	{ "_mta-sts.plain.example", DNS_TXT, INSECURE, "v=STSv1; id=1;", NULL },
	{ 0 },
};

static const struct dns_source dns = { ask_table, zone };

static struct local_host self;
static struct random rank = { 1 };
static struct mx_params params = { .local = &self, .rank = &rank };

static int
set_up(void **state)
{
	static const char *const own[] = { "198.51.100.7", "2001:db8::7" };
	struct endpoint a;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(own); i++) {
		assert_true(endpoint_parse(&a, own[i]));
		endpoint_list_add(&self.addresses, &a);
	}
	strv_add(&self.names, "this.example");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	local_host_free(&self);
	clear_questions();
	return 0;
}

static void
find(struct destination *r, const char *domain)
{
	struct error err = { 0 };

	*r = (struct destination){ .domain = alloc_string(domain) };
	assert_true(mx_find(&dns, &params, r, 1, CLOCK_NEVER, &err));
}

static const struct {
	const char *domain;
	const char *shown; /* the hosts */
	enum error_kind kind;
	const char *status;
	int exit;
} rows[] = {
	{ "plain.example",
	    "a.mx.example:25 2001:db8::1 192.0.2.1 192.0.2.2; "
	    "b.mx.example:25 192.0.2.3",
	    0, "", EX_OK },
	{ "Plain.Example.",
	    "a.mx.example:25 2001:db8::1 192.0.2.1 192.0.2.2; "
	    "b.mx.example:25 192.0.2.3",
	    0, "", EX_OK },
	{ "null.example", "", ERROR_REJECTED, "5.1.10", EX_NOHOST },
	{ "nullbeside.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "implicit.example", "implicit.example:25 192.0.2.5", 0, "", EX_OK },
	{ "nothing.example", "", ERROR_REJECTED, "5.1.2", EX_NOHOST },
	{ "absent.example", "", ERROR_REJECTED, "5.1.2", EX_NOHOST },
	{ "alias.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "mxalias.example", "c-alias.mx.example:25 192.0.2.4", 0, "", EX_OK },
	{ "servfail.example", "", ERROR_RESOLVE, "4.4.3", EX_TEMPFAIL },
	{ "half.example",
	    "fails.mx.example:25 (address lookup failed: SERVFAIL); "
	    "b.mx.example:25 192.0.2.3",
	    0, "", EX_OK },
	{ "later.example",
	    "fails.mx.example:25 (address lookup failed: SERVFAIL)",
	    ERROR_RESOLVE, "4.4.3", EX_TEMPFAIL },
	{ "empty.example", "", ERROR_REJECTED, "5.4.4", EX_NOHOST },
	{ "literal.example", "", ERROR_REJECTED, "5.4.4", EX_NOHOST },
	{ "odd.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "loopback.example", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "lo6.example", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "localhost", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "a.localhost.", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "zero.example", "", ERROR_REJECTED, "5.4.4", EX_NOHOST },
	{ "backup.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "backup6.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "main6.example", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "[IPv6:2001:db8::7]", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "named.example", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "main.example", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "twice.example", "b.mx.example:25 192.0.2.3", 0, "", EX_OK },
	{ "[192.0.2.1]", "[192.0.2.1]:25 192.0.2.1", 0, "", EX_OK },
	{ "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]:25 2001:db8::1", 0, "",
	    EX_OK },
	{ "[127.0.0.1]", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "[198.51.100.7]", "", ERROR_LOOP, "5.4.6", EX_CONFIG },
	{ "[0.0.0.0]", "", ERROR_REJECTED, "5.4.4", EX_NOHOST },
	{ "[224.0.0.1]", "", ERROR_REJECTED, "5.4.4", EX_NOHOST },
	{ "[192.0.2.1.1]", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "[mx.example]", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "[", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "a b.example", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "a>b.example", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "a..example", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
	{ "1.2.3", "", ERROR_ADDRESS, "5.1.3", EX_DATAERR },
};

static void
finds_the_hosts_of_a_domain_or_sets_its_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct destination r;

		find(&r, rows[i].domain);
		expect_route(&r, rows[i].shown);
		if (r.failure.kind != rows[i].kind
		    || (rows[i].kind == ERROR_REJECTED
			&& r.failure.stage != STAGE_RCPT)
		    || strcmp(r.failure.status.enhanced, rows[i].status) != 0
		    || error_exit_status(&r.failure) != rows[i].exit)
			fail_msg("%s: kind %d: %s %s", rows[i].domain,
			    (int)r.failure.kind, r.failure.status.enhanced,
			    r.failure.text);
		assert_true(error_is_set(&r.failure)
		    == (destination_current_hop(&r) == NULL));
		destination_free(&r);
	}
}

static void
starts_with_the_first_host_that_has_an_address(void **state)
{
	struct destination r;

	(void)state;
	find(&r, "half.example");
	assert_string_equal(destination_current_hop(&r)->name, "b.mx.example");
	expect_message(&r.attempts, "address lookup failed: SERVFAIL");
	assert_string_equal(r.attempts.host, "fails.mx.example");
	destination_free(&r);
}

static void
tries_ten_hosts_and_twenty_addresses_at_most(void **state)
{
	struct destination r;

	(void)state;
	find(&r, "many.example");
	assert_int_equal(r.count, 3);
	assert_int_equal(r.hosts[0].addresses.count, 10);
	assert_int_equal(r.hosts[1].addresses.count, 9);
	assert_string_equal(r.hosts[2].name, "m10.example");
	assert_int_equal(r.hosts[2].addresses.count, 1);
	destination_free(&r);
}

static void
uses_only_the_configured_address_family(void **state)
{
	struct destination r;

	(void)state;
	params.hosts.family = FAMILY_IPV6;
	find(&r, "plain.example");
	expect_route(&r, "a.mx.example:25 2001:db8::1");
	destination_free(&r);
	find(&r, "[192.0.2.1]");
	assert_string_equal(r.failure.status.enhanced, "5.4.4");
	destination_free(&r);
	params.hosts.family = FAMILY_IPV4;
	find(&r, "plain.example");
	expect_route(&r,
	    "a.mx.example:25 192.0.2.1 192.0.2.2; b.mx.example:25 192.0.2.3");
	destination_free(&r);
	params.hosts.family = FAMILY_ANY;
}

static void
asks_for_all_domains_in_two_rounds_and_for_each_host_once(void **state)
{
	struct destination r[] = { { .domain = alloc_string("equal.example") },
		{ .domain = alloc_string("[192.0.2.1]") },
		{ .domain = alloc_string("equal2.example") } };
	struct error err = { 0 };
	const char *again;

	(void)state;
	clear_questions();
	assert_true(mx_find(&dns, &params, r, COUNT_OF(r), CLOCK_NEVER, &err));
	assert_int_equal(asked.rounds, 2);
	again = strstr(asked.text.data, " A c.mx.example;");
	assert_non_null(again);
	again = strstr(again + 1, " A c.mx.example;");
	assert_null(again);
	for (size_t i = 0; i < COUNT_OF(r); i++)
		destination_free(&r[i]);
}

static void
gives_every_domain_the_same_order_of_equal_hosts(void **state)
{
	unsigned first[3] = { 0 };

	(void)state;
	for (rank.state = 0; rank.state < 300; rank.state++) {
		struct destination a, b;

		find(&a, "equal.example");
		find(&b, "equal2.example");
		assert_int_equal(a.count, 3);
		assert_int_equal(b.count, 3);
		for (size_t i = 0; i < 3; i++)
			assert_string_equal(a.hosts[i].name, b.hosts[i].name);
		first[a.hosts[0].name[0] - 'a']++;
		destination_free(&a);
		destination_free(&b);
	}
	for (size_t i = 0; i < 3; i++)
		assert_in_range(first[i], 60, 140);
	rank.state = 1;
}

static void
marks_authentic_hosts_and_addresses(void **state)
{
	struct destination r;

	(void)state;
	find(&r, "plain.example");
	assert_true(r.hosts[0].mx_authentic && r.hosts[0].addr_authentic);
	assert_null(r.hosts[0].canonical);
	destination_free(&r);
	find(&r, "mxalias.example");
	assert_string_equal(r.hosts[0].canonical, "c.mx.example");
	/* The response that the host has no IPv6 address is not authentic. */
	assert_true(r.hosts[0].mx_authentic && !r.hosts[0].addr_authentic);
	destination_free(&r);
	find(&r, "alias.example");
	assert_false(r.hosts[0].mx_authentic || r.hosts[0].addr_authentic);
	destination_free(&r);
}

static void
asks_for_policies_and_tlsa_records_in_the_same_rounds(void **state)
{
	struct destination r;

	(void)state;
	params.sts = true;
	params.hosts.tlsa = true;
	clear_questions();
	find(&r, "plain.example");
	assert_int_equal(asked.rounds, 2);
	assert_int_equal(r.sts.count, 1);
	assert_non_null(strstr(asked.text.data, "TLSA _25._tcp.a.mx.example;"));
	destination_free(&r);
	clear_questions();
	/* TLSA records of hosts that are not authentic are not needed. */
	find(&r, "equal.example");
	assert_null(strstr(asked.text.data, "TLSA"));
	destination_free(&r);
	params.sts = false;
	params.hosts.tlsa = false;
}

static void
finds_the_hosts_of_internationalized_domains(void **state)
{
	struct destination r;

	(void)state;
	find(&r,
	    "b\xc3\xbc"
	    "cher.example");
	if (error_is_set(&r.failure)) {
		destination_free(&r);
		skip(); /* a build without libidn2 */
	}
	expect_route(&r, "b.mx.example:25 192.0.2.3");
	assert_string_equal(r.name, "xn--bcher-kva.example");
	destination_free(&r);
}

static void
stops_after_a_signal(void **state)
{
	const struct dns_source interrupted = { ask_interrupted, NULL };
	struct destination r = { .domain = alloc_string("plain.example") };
	struct error err = { 0 };

	(void)state;
	assert_false(mx_find(&interrupted, &params, &r, 1, CLOCK_NEVER, &err));
	assert_int_equal(err.kind, ERROR_INTERRUPTED);
	error_free(&err);
	destination_free(&r);
}

static void
suggests_qualify_domain_for_a_bare_name(void **state)
{
	struct destination r;

	(void)state;
	find(&r, "");
	assert_null(destination_current_hop(&r));
	assert_int_equal(error_exit_status(&r.failure), EX_DATAERR);
	assert_non_null(strstr(r.failure.text, "qualify_domain"));
	destination_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suggests_qualify_domain_for_a_bare_name),
		cmocka_unit_test(
		    finds_the_hosts_of_a_domain_or_sets_its_failure),
		cmocka_unit_test(
		    starts_with_the_first_host_that_has_an_address),
		cmocka_unit_test(tries_ten_hosts_and_twenty_addresses_at_most),
		cmocka_unit_test(uses_only_the_configured_address_family),
		cmocka_unit_test(
		    asks_for_all_domains_in_two_rounds_and_for_each_host_once),
		cmocka_unit_test(
		    gives_every_domain_the_same_order_of_equal_hosts),
		cmocka_unit_test(marks_authentic_hosts_and_addresses),
		cmocka_unit_test(
		    asks_for_policies_and_tlsa_records_in_the_same_rounds),
		cmocka_unit_test(finds_the_hosts_of_internationalized_domains),
		cmocka_unit_test(stops_after_a_signal),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
