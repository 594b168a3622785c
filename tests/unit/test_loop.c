/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The interfaces of this host are those of a table: no IPv6 is needed. */
#include "unit.h"

#include <errno.h>
#include <ifaddrs.h>

#include "route/loop.h"

static const char *const interfaces[] = { "127.0.0.1", "192.0.2.1", "::1",
	"2001:db8::1", "fe80::1", NULL };
static struct endpoint found[COUNT_OF(interfaces)];
static struct ifaddrs list[COUNT_OF(interfaces)];
static bool fails;

int
getifaddrs(struct ifaddrs **first)
{
	for (size_t i = 0; i < COUNT_OF(interfaces); i++) {
		list[i] = (struct ifaddrs){ .ifa_next = &list[i + 1] };
		if (interfaces[i] == NULL)
			continue; /* an interface without an address */
		assert_true(endpoint_parse(&found[i], interfaces[i]));
		list[i].ifa_addr = &found[i].any;
	}
	list[COUNT_OF(interfaces) - 1].ifa_next = NULL;
	*first = list;
	errno = ENOBUFS;
	return fails ? -1 : 0;
}

void
freeifaddrs(struct ifaddrs *first)
{
	assert_ptr_equal(first, list);
}

static const struct {
	const char *address;
	bool is_own;
} rows[] = {
	{ "192.0.2.1", true },
	{ "::ffff:192.0.2.1", true },
	{ "2001:db8::1", true },
	{ "fe80::1", true },
	{ "127.0.0.1", true },
	{ "127.1.2.3", true },
	{ "::1", true },
	{ "192.0.2.2", false },
	{ "2001:db8::2", false },
	{ "2001:db8:1::1", false },
	{ "::ffff:192.0.2.2", false },
};

static void
knows_the_addresses_of_both_families(void **state)
{
	struct local_host local = { 0 };
	struct endpoint a;

	(void)state;
	local_host_find(&local);
	assert_int_equal(local.addresses.count, 3);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		assert_true(endpoint_parse(&a, rows[i].address));
		if (local_host_has_address(&local, &a) != rows[i].is_own)
			fail_msg("%s", rows[i].address);
	}
	local_host_free(&local);
}

static void
knows_loopback_addresses_without_a_list_of_interfaces(void **state)
{
	struct local_host local = { 0 };
	struct endpoint a;

	(void)state;
	fails = true;
	local_host_find(&local);
	fails = false;
	assert_int_equal(local.addresses.count, 0);
	assert_true(endpoint_parse(&a, "::1"));
	assert_true(local_host_has_address(&local, &a));
	local_host_free(&local);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_addresses_of_both_families),
		cmocka_unit_test(
		    knows_loopback_addresses_without_a_list_of_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
