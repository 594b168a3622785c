/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "net/endpoint.h"

static const struct {
	const char *text;
	const char *shown; /* NULL: not an address */
	bool loopback;
} rows[] = {
	{ "192.0.2.1", "192.0.2.1:25", false },
	{ "[192.0.2.1]", "192.0.2.1:25", false },
	{ "127.0.0.1", "127.0.0.1:25", true },
	{ "127.255.3.4", "127.255.3.4:25", true },
	{ "128.0.0.1", "128.0.0.1:25", false },
	{ "0.0.0.0", "0.0.0.0:25", false },
	{ "::1", "[::1]:25", true },
	{ "[::1]", "[::1]:25", true },
	{ "[IPv6:::1]", "[::1]:25", true },
	{ "[ipv6:2001:db8::1]", "[2001:db8::1]:25", false },
	{ "2001:DB8:0:0::1", "[2001:db8::1]:25", false },
	{ "::ffff:127.0.0.1", "[::ffff:127.0.0.1]:25", true },
	{ "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:25", false },
	{ "fe80::1%lo", "[fe80::1%lo]:25", false },
	{ "[fe80::1%1]", "[fe80::1%lo]:25", false },
	{ "fe80::1%4000000000", "[fe80::1%4000000000]:25", false },
	{ "", NULL, false },
	{ "[]", NULL, false },
	{ "[", NULL, false },
	{ "mx.example", NULL, false },
	{ "12345", NULL, false },
	{ "127.1", NULL, false },
	{ "0x7f.0.0.1", NULL, false },
	{ "192.0.2.1 ", NULL, false },
	{ "192.0.2.1:25", NULL, false },
	{ "[192.0.2.1]:25", NULL, false },
	{ "[192.0.2.1", NULL, false },
	{ "192.0.2.1]", NULL, false },
	{ "192.0.2.1%lo", NULL, false },
	{ "fe80::1%", NULL, false },
	{ "fe80::1%0", NULL, false },
	{ "fe80::1%no-such-if", NULL, false },
	{ "fe80::1%99999999999", NULL, false },
	{ "1:2:3:4:5:6:7:8:9", NULL, false },
	{ "2001:db8::1::2", NULL, false },
};

static void
parses_addresses_and_rejects_other_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct endpoint a;
		struct str shown = { 0 };
		bool ok = endpoint_parse(&a, rows[i].text);

		if (ok != (rows[i].shown != NULL))
			fail_msg("\"%s\" is %s", rows[i].text,
			    ok ? "accepted" : "rejected");
		if (!ok)
			continue;
		endpoint_set_port(&a, 25);
		assert_int_equal(endpoint_port(&a), 25);
		endpoint_text_port(&a, &shown);
		assert_string_equal(str_text(&shown), rows[i].shown);
		assert_int_equal(endpoint_is_loopback(&a), rows[i].loopback);
		str_free(&shown);
	}
}

static void
rejects_text_that_is_too_long(void **state)
{
	char text[4096];
	struct endpoint a;

	(void)state;
	memset(text, '1', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(endpoint_parse(&a, text));
	memcpy(text, "fe80::1%", 8);
	assert_false(endpoint_parse(&a, text));
}

static void
compares_families(void **state)
{
	struct endpoint ipv4, ipv6;

	(void)state;
	assert_true(endpoint_parse(&ipv4, "192.0.2.1"));
	assert_true(endpoint_parse(&ipv6, "::1"));
	assert_true(endpoint_is_family(&ipv4, FAMILY_ANY));
	assert_true(endpoint_is_family(&ipv4, FAMILY_IPV4));
	assert_false(endpoint_is_family(&ipv4, FAMILY_IPV6));
	assert_true(endpoint_is_family(&ipv6, FAMILY_ANY));
	assert_true(endpoint_is_family(&ipv6, FAMILY_IPV6));
	assert_false(endpoint_is_family(&ipv6, FAMILY_IPV4));
	assert_string_equal(endpoint_family_name(FAMILY_IPV6), "IPv6");
}

static void
keeps_a_list_in_order(void **state)
{
	struct endpoint_list list = { 0 };
	struct endpoint a;
	struct str shown = { 0 };

	(void)state;
	endpoint_list_free(&list);
	assert_true(endpoint_parse(&a, "192.0.2.1"));
	endpoint_list_add(&list, &a);
	assert_true(endpoint_parse(&a, "192.0.2.2"));
	endpoint_list_add(&list, &a);
	assert_int_equal(list.count, 2);
	endpoint_text(&list.items[1], &shown);
	assert_string_equal(str_text(&shown), "192.0.2.2");
	str_free(&shown);
	endpoint_list_free(&list);
	assert_int_equal(list.count, 0);
}

static void
formats_an_empty_endpoint(void **state)
{
	struct endpoint none = { 0 };
	struct str shown = { 0 };

	(void)state;
	endpoint_text(&none, &shown);
	assert_string_equal(str_text(&shown), "unknown");
	assert_false(endpoint_is_loopback(&none));
	str_free(&shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_addresses_and_rejects_other_text),
		cmocka_unit_test(rejects_text_that_is_too_long),
		cmocka_unit_test(compares_families),
		cmocka_unit_test(keeps_a_list_in_order),
		cmocka_unit_test(formats_an_empty_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
