/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <sysexits.h>

#include "base/clock.h"
#include "dns_table.h"
#include "route/srv.h"
#include "route_show.h"

static const struct dns_row zone[] = {
	{ "_submissions._tcp.both.example", DNS_SRV, INSECURE,
	    "10 0 465 b.mail.example 0 0 465 a.mail.example", NULL },
	{ "_submission._tcp.both.example", DNS_SRV, INSECURE,
	    "0 0 587 c.mail.example", NULL },
	{ "a.mail.example", DNS_A, SECURE, "192.0.2.1", NULL },
	{ "b.mail.example", DNS_A, SECURE, "192.0.2.2", NULL },
	{ "c.mail.example", DNS_A, SECURE, "127.0.0.1", NULL },
	{ "c.mail.example", DNS_AAAA, SECURE, "::1", NULL },
	{ "_submissions._tcp.signed.example", DNS_SRV, SECURE,
	    "0 0 4650 a.mail.example", NULL },
	{ "_submissions._tcp.old.example", DNS_SRV, INSECURE, "0 0 0 .", NULL },
	{ "_submission._tcp.old.example", DNS_SRV, INSECURE,
	    "0 0 587 c.mail.example", NULL },
	{ "_submissions._tcp.none.example", DNS_SRV, INSECURE, "0 0 0 .",
	    NULL },
	{ "_submission._tcp.none.example", DNS_SRV, INSECURE, "0 0 0 .", NULL },
	{ "_submissions._tcp.fails.example", DNS_SRV, INSECURE, "!SERVFAIL",
	    NULL },
	{ "_submissions._tcp.half.example", DNS_SRV, INSECURE, "!SERVFAIL",
	    NULL },
	{ "_submission._tcp.half.example", DNS_SRV, INSECURE,
	    "0 0 587 c.mail.example", NULL },
	{ "_submissions._tcp.gone.example", DNS_SRV, INSECURE,
	    "0 0 465 gone.mail.example", NULL },
	{ "_submissions._tcp.later.example", DNS_SRV, INSECURE,
	    "0 0 465 later.mail.example", NULL },
	{ "later.mail.example", DNS_A, INSECURE, "!no response", NULL },
	{ "_submissions._tcp.odd.example", DNS_SRV, INSECURE,
	    "0 0 465 192.0.2.1 1 0 0 a.mail.example 2 0 465 b.mail.example",
	    NULL },
	{ 0 },
};

static const struct dns_source dns = { ask_table, zone };
static struct random lots = { 1 };
static const struct srv_params params = { .random = &lots };

static void
find(struct destination *r, const char *domain)
{
	struct error err = { 0 };

	*r = (struct destination){ .domain = alloc_string(domain) };
	assert_true(srv_find(&dns, &params, r, CLOCK_NEVER, &err));
}

static const struct {
	const char *domain, *shown;
	enum error_kind kind;
	int exit;
} rows[] = {
	{ "both.example",
	    "a.mail.example:465 192.0.2.1; b.mail.example:465 192.0.2.2; "
	    "c.mail.example:587 ::1 127.0.0.1",
	    0, EX_OK },
	{ "Signed.Example", "a.mail.example:4650 192.0.2.1", 0, EX_OK },
	{ "old.example", "c.mail.example:587 ::1 127.0.0.1", 0, EX_OK },
	{ "none.example", "", ERROR_CONFIG, EX_CONFIG },
	{ "absent.example", "", ERROR_CONFIG, EX_CONFIG },
	{ "fails.example", "", ERROR_RESOLVE, EX_TEMPFAIL },
	{ "half.example", "c.mail.example:587 ::1 127.0.0.1", 0, EX_OK },
	{ "gone.example", "", ERROR_CONFIG, EX_CONFIG },
	{ "later.example",
	    "later.mail.example:465 (address lookup failed: no response)",
	    ERROR_RESOLVE, EX_TEMPFAIL },
	{ "odd.example", "b.mail.example:465 192.0.2.2", 0, EX_OK },
	{ "not a domain", "", ERROR_ADDRESS, EX_DATAERR },
};

static void
finds_the_servers_of_a_domain_or_sets_its_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct destination r;

		find(&r, rows[i].domain);
		expect_route(&r, rows[i].shown);
		if (r.failure.kind != rows[i].kind
		    || error_exit_status(&r.failure) != rows[i].exit)
			fail_msg("%s: %s", rows[i].domain, r.failure.text);
		destination_free(&r);
	}
}

static void
asks_for_both_services_at_once(void **state)
{
	struct destination r;

	(void)state;
	clear_questions();
	find(&r, "both.example");
	assert_int_equal(asked.rounds, 2);
	assert_true(r.hosts[0].implicit_tls);
	assert_false(r.hosts[2].implicit_tls);
	destination_free(&r);
	clear_questions();
}

static void
requires_the_name_of_the_domain_unless_the_target_is_authentic(void **state)
{
	struct destination r;

	(void)state;
	find(&r, "both.example");
	assert_int_equal(r.hosts[0].tls_policy.names.count, 1);
	assert_string_equal(r.hosts[0].tls_policy.names.items[0],
	    "both.example");
	destination_free(&r);
	find(&r, "signed.example");
	assert_string_equal(r.hosts[0].tls_policy.names.items[0],
	    "a.mail.example");
	destination_free(&r);
}

/* How often each weight comes first in 1000 runs: bounds of four standard
 * deviations. */
static const struct {
	unsigned weight, least, most;
} weights[] = {
	{ 60, 540, 660 }, /* 61 of 101 */
	{ 30, 240, 355 },
	{ 10, 60, 140 },
};

static void
chooses_the_first_server_by_weight(void **state)
{
	unsigned first[COUNT_OF(weights)] = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct random random = { seed };
		struct dns_record records[COUNT_OF(weights)] = { 0 };

		for (unsigned i = 0; i < COUNT_OF(weights); i++) {
			records[i].weight = weights[i].weight;
			records[i].port = i;
		}
		srv_order(records, COUNT_OF(weights), &random);
		first[records[0].port]++;
		assert_int_equal(records[0].port + records[1].port
			+ records[2].port,
		    3);
	}
	for (size_t i = 0; i < COUNT_OF(weights); i++)
		assert_in_range(first[i], weights[i].least, weights[i].most);
}

/* The second server is chosen among the remaining ones: after 60, 30 is three
 * times as likely as 10. */
static void
chooses_the_second_server_by_weight(void **state)
{
	struct random random = { 1 };
	unsigned drawn = 0, second = 0;

	(void)state;
	while (drawn < 1000) {
		struct dns_record records[] = { { .weight = 10 },
			{ .weight = 30 }, { .weight = 60 } };

		srv_order(records, 3, &random);
		if (records[0].weight != 60)
			continue;
		drawn++;
		second += records[1].weight == 30;
	}
	assert_in_range(second, 680, 800);
}

static void
chooses_servers_of_weight_0_with_equal_chances(void **state)
{
	struct random random = { 1 };
	unsigned first[3] = { 0 };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct dns_record records[] = { { .port = 0 }, { .port = 1 },
			{ .port = 2 } };

		srv_order(records, 3, &random);
		first[records[0].port]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(first[i], 870, 1130);
}

static void
rarely_chooses_a_server_of_weight_0_before_others(void **state)
{
	struct random random = { 1 };
	unsigned first = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct dns_record records[] = { { .weight = 99 },
			{ .weight = 0 } };

		srv_order(records, 2, &random);
		first += records[0].weight == 0;
	}
	assert_in_range(first, 50, 150); /* 1 of 100 */
}

static void
sorts_by_priority_before_weight(void **state)
{
	struct random random = { 1 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct dns_record records[] = {
			{ .preference = 2, .weight = 65535 },
			{ .preference = 1, .weight = 0 },
			{ .preference = 2, .weight = 1 },
			{ .preference = 0, .weight = 1 },
		};

		srv_order(records, 4, &random);
		assert_int_equal(records[0].preference, 0);
		assert_int_equal(records[1].preference, 1);
		assert_int_equal(records[2].preference, 2);
		assert_int_equal(records[3].preference, 2);
	}
	srv_order(NULL, 0, &random);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    finds_the_servers_of_a_domain_or_sets_its_failure),
		cmocka_unit_test(asks_for_both_services_at_once),
		cmocka_unit_test(
		    requires_the_name_of_the_domain_unless_the_target_is_authentic),
		cmocka_unit_test(chooses_the_first_server_by_weight),
		cmocka_unit_test(chooses_the_second_server_by_weight),
		cmocka_unit_test(
		    chooses_servers_of_weight_0_with_equal_chances),
		cmocka_unit_test(
		    rarely_chooses_a_server_of_weight_0_before_others),
		cmocka_unit_test(sorts_by_priority_before_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
