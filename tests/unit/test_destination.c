/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "error_says.h"
#include "route/destination.h"
#include "route/loop.h"

/* Adds the hosts of a list such as "a b !c".  The lookup of a host after "!"
 * has failed. */
static void
add_hosts(struct destination *r, const char *names)
{
	while (*names != '\0') {
		size_t len = strcspn(names, " ");
		bool fails = *names == '!';
		char *name = alloc_string_n(names + fails, len - fails);
		struct next_hop *host = destination_add_hop(r, name, 25);

		if (fails)
			error_set(&host->lookup_error, ERROR_RESOLVE,
			    "no address");
		free(name);
		names += len + (names[len] == ' ');
	}
	destination_start(r);
}

static void
tries_host_after_host_and_reports_each_failure(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };
	struct error why = { 0 };

	(void)state;
	add_hosts(&r, "!a.example b.example !c.example d.example");
	assert_string_equal(destination_current_hop(&r)->name, "b.example");
	error_set(&why, ERROR_CONNECT, "cannot connect: refused");
	error_subject(&why, "b.example port 25");
	destination_next_hop(&r, &why);
	assert_string_equal(destination_current_hop(&r)->name, "d.example");
	assert_false(error_is_set(&r.failure));
	error_reject(&why, STAGE_GREETING, NULL);
	error_status(&why, "4.3.2");
	error_temporary(&why, true);
	why.said = alloc_string("421 4.3.2 come back later");
	why.host = alloc_string("d.example");
	destination_next_hop(&r, &why);
	assert_null(destination_current_hop(&r));
	assert_true(error_is_rejection(&r.failure, STAGE_GREETING));
	assert_string_equal(r.failure.status.enhanced, "4.3.2");
	expect_message(&r.failure,
	    "a.example: no address; "
	    "b.example port 25: cannot connect: refused; "
	    "c.example: no address; "
	    "d.example said: 421 4.3.2 come back later");
	assert_string_equal(r.failure.said, "421 4.3.2 come back later");
	assert_int_equal(r.failure.cause_count, 4);
	destination_next_hop(&r, &why);
	assert_null(destination_current_hop(&r));
	error_free(&why);
	destination_free(&r);
}

static void
reports_the_failure_of_a_single_host_unchanged(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };
	struct error why = { 0 };

	(void)state;
	add_hosts(&r, "a.example");
	error_reject(&why, STAGE_GREETING, "no service");
	why.said = alloc_string("421 busy");
	destination_next_hop(&r, &why);
	assert_string_equal(r.failure.text, "no service");
	assert_string_equal(r.failure.said, "421 busy");
	error_free(&why);
	destination_free(&r);
}

/* The reply of a server is more important than the errors of unreachable
 * hosts. */
static void
reports_a_rejection_rather_than_unreachable_hosts(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };
	struct error why = { 0 };

	(void)state;
	add_hosts(&r, "a.example b.example c.example");
	error_set(&why, ERROR_CONFIG, "there is no such host");
	destination_next_hop(&r, &why);
	error_set(&why, ERROR_CONNECT, "cannot connect: refused");
	error_subject(&why, "b.example port 25");
	destination_next_hop(&r, &why);
	error_reject(&why, STAGE_GREETING, NULL);
	why.said = alloc_string("554 go away");
	destination_next_hop(&r, &why);
	assert_null(destination_current_hop(&r));
	assert_false(r.failure.temporary);
	assert_true(error_is_rejection(&r.failure, STAGE_GREETING));
	expect_message(&r.failure,
	    "a.example: there is no such host; "
	    "b.example port 25: cannot connect: refused; "
	    "c.example said: 554 go away");
	error_free(&why);
	destination_free(&r);
}

static void
fails_temporarily_if_the_lookup_of_one_host_failed(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };
	struct error why = { 0 };

	(void)state;
	add_hosts(&r, "!a.example b.example");
	error_set(&why, ERROR_CONFIG, "there is no such host");
	destination_next_hop(&r, &why);
	assert_true(r.failure.temporary);
	assert_int_equal(r.failure.kind, ERROR_RESOLVE);
	error_free(&why);
	destination_free(&r);
}

static void
fails_if_the_lookup_of_every_host_failed(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };

	(void)state;
	add_hosts(&r, "!a.example !b.example");
	assert_null(destination_current_hop(&r));
	assert_int_equal(r.failure.kind, ERROR_RESOLVE);
	expect_message(&r.failure,
	    "a.example: no address; b.example: no address");
	destination_free(&r);
}

static void
names_a_single_host_whose_lookup_failed(void **state)
{
	struct destination r = { .domain = alloc_string("example.org") };

	(void)state;
	add_hosts(&r, "!a.example");
	assert_string_equal(r.failure.host, "a.example");
	expect_message(&r.failure, "no address");
	destination_free(&r);
}

static const struct {
	const char *recipient, *domain;
} recipients[] = {
	{ "a@one.example", "one.example" },
	{ "b@two.example", "two.example" },
	{ "c@ONE.example", "one.example" },
	{ "\"x@three.example\"@four.example", "four.example" },
	{ "d@[192.0.2.1]", "[192.0.2.1]" },
	{ "e@two.example", "two.example" },
	{ "root", "" },
};

static void
fill_envelope(struct envelope *e)
{
	for (size_t i = 0; i < COUNT_OF(recipients); i++)
		envelope_add(e, recipients[i].recipient, NULL);
	envelope_add(e, "done@five.example", NULL);
	e->recipients[COUNT_OF(recipients)].state = RECIPIENT_DELIVERED;
}

static void
makes_one_destination_for_each_domain(void **state)
{
	struct envelope e = { 0 };
	struct destinations list = { 0 };

	(void)state;
	fill_envelope(&e);
	destinations_init(&list, &e);
	assert_int_equal(list.count, 5);
	for (size_t i = 0; i < COUNT_OF(recipients); i++)
		assert_int_equal(strcasecmp(list.items[list.of[i]].domain,
				     recipients[i].domain),
		    0);
	assert_int_equal(list.of[0], list.of[2]);
	assert_true(list.of[COUNT_OF(recipients)] == DESTINATION_NONE);
	destinations_free(&list);
	envelope_free(&e);
}

static struct destination *
destination_of(const struct destinations *list, const char *domain)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].domain, domain) == 0)
			return &list->items[i];
	return NULL;
}

/* Compares the indexes of the next group as digits; "-": no group. */
static void
expect_group(const struct destinations *list, const struct envelope *e,
    const char *wanted)
{
	bool members[COUNT_OF(recipients) + 1];
	char shown[COUNT_OF(recipients) + 2] = "-";
	size_t count = 0;

	if (destinations_group(list, e, members))
		for (size_t i = 0; i < e->count; i++)
			if (members[i])
				shown[count++] = (char)('0' + i);
	assert_string_equal(shown, wanted);
}

static void
groups_recipients_whose_domains_share_a_host(void **state)
{
	struct envelope e = { 0 };
	struct destinations list = { 0 };
	struct error why = { 0 };
	struct next_hop *host;

	(void)state;
	fill_envelope(&e);
	destinations_init(&list, &e);
	add_hosts(destination_of(&list, "one.example"), "mx.example a.example");
	add_hosts(destination_of(&list, "two.example"), "MX.example b.example");
	add_hosts(destination_of(&list, "four.example"),
	    "a.example mx.example");
	add_hosts(destination_of(&list, "[192.0.2.1]"), "[192.0.2.1]");
	expect_group(&list, &e, "0125");
	/* The next hop is the same host with another TLS policy. */
	host = destination_current_hop(destination_of(&list, "two.example"));
	host->tls_policy.level = TLS_LEVEL_VERIFY;
	expect_group(&list, &e, "02");
	host->tls_policy.level = TLS_LEVEL_CONFIG;
	strv_add(&host->tls_policy.names, "two.example");
	expect_group(&list, &e, "02");
	/* The shared host failed, so each domain tries its own next host. */
	error_set(&why, ERROR_CONNECT, "connection refused");
	destination_next_hop(destination_of(&list, "one.example"), &why);
	expect_group(&list, &e, "023");
	e.recipients[0].state = RECIPIENT_DELIVERED;
	e.recipients[2].state = RECIPIENT_FAILED;
	e.recipients[3].state = RECIPIENT_DELIVERED;
	expect_group(&list, &e, "15");
	e.recipients[1].state = RECIPIENT_DELIVERED;
	e.recipients[5].state = RECIPIENT_DELIVERED;
	expect_group(&list, &e, "4");
	e.recipients[4].state = RECIPIENT_DELIVERED;
	expect_group(&list, &e, "-");
	error_free(&why);
	destinations_free(&list);
	envelope_free(&e);
}

static const struct {
	const char *address;
	bool local, unroutable;
} addresses[] = {
	{ "127.0.0.1", true, false },
	{ "127.255.255.254", true, false },
	{ "::1", true, false },
	{ "::ffff:127.0.0.1", true, false },
	{ "198.51.100.7", true, false },
	{ "::ffff:198.51.100.7", true, false },
	{ "2001:db8::7", true, false },
	{ "2001:db8::8", false, false },
	{ "192.0.2.1", false, false },
	{ "10.0.0.1", false, false },
	{ "0.0.0.0", false, true },
	{ "0.1.2.3", false, true },
	{ "::", false, true },
	{ "::ffff:0.0.0.0", false, true },
	{ "224.0.0.1", false, true },
	{ "240.0.0.1", false, true },
	{ "255.255.255.255", false, true },
	{ "ff02::1", false, true },
	{ "fe80::1", false, true },
};

static void
recognizes_local_and_unroutable_addresses(void **state)
{
	struct local_host self = { 0 };
	struct endpoint a;

	(void)state;
	assert_true(endpoint_parse(&a, "198.51.100.7"));
	endpoint_list_add(&self.addresses, &a);
	assert_true(endpoint_parse(&a, "2001:db8::7"));
	endpoint_list_add(&self.addresses, &a);
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		assert_true(endpoint_parse(&a, addresses[i].address));
		if (local_host_has_address(&self, &a) != addresses[i].local
		    || local_host_is_unroutable(&a) != addresses[i].unroutable)
			fail_msg("%s", addresses[i].address);
	}
	local_host_free(&self);
}

static void
recognizes_the_name_of_this_host(void **state)
{
	struct local_host self = { 0 };

	(void)state;
	local_host_find(&self);
	assert_int_equal(self.names.count, 1);
	assert_true(local_host_has_name(&self, self.names.items[0]));
	assert_false(local_host_has_name(&self, "elsewhere.example"));
	local_host_free(&self);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    tries_host_after_host_and_reports_each_failure),
		cmocka_unit_test(
		    reports_the_failure_of_a_single_host_unchanged),
		cmocka_unit_test(
		    reports_a_rejection_rather_than_unreachable_hosts),
		cmocka_unit_test(
		    fails_temporarily_if_the_lookup_of_one_host_failed),
		cmocka_unit_test(fails_if_the_lookup_of_every_host_failed),
		cmocka_unit_test(names_a_single_host_whose_lookup_failed),
		cmocka_unit_test(makes_one_destination_for_each_domain),
		cmocka_unit_test(groups_recipients_whose_domains_share_a_host),
		cmocka_unit_test(recognizes_local_and_unroutable_addresses),
		cmocka_unit_test(recognizes_the_name_of_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
