/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "route/time_share.h"

#define WANTED 30

/* Makes one recipient and one destination with `hosts` hosts for each
 * domain. */
static void
set_up(struct envelope *e, struct destinations *list, unsigned domains,
    unsigned hosts)
{
	for (unsigned i = 0; i < domains; i++) {
		char *address = alloc_printf("bob@%05u.test", i);

		envelope_add(e, address, NULL);
		free(address);
	}
	destinations_init(list, e);
	for (unsigned i = 0; i < domains; i++)
		for (unsigned k = 0; k < hosts; k++) {
			char *name = alloc_printf("mx%u.%05u.test", k, i);

			destination_add_hop(&list->items[i], name, 25);
			free(name);
		}
	for (unsigned i = 0; i < domains; i++)
		destination_start(&list->items[i]);
}

static void
tear_down(struct envelope *e, struct destinations *list)
{
	destinations_free(list);
	envelope_free(e);
}

static unsigned
share_of(const struct destinations *list, const struct envelope *e,
    unsigned seconds)
{
	return connect_time_share(destination_current_hop(&list->items[0]),
	    list, e, WANTED, clock_after_seconds(seconds));
}

static void
divides_the_remaining_time(void **state)
{
	static const struct {
		unsigned domains, hosts, seconds, least, most;
	} cases[] = {
		{ 1, 1, 900, 0, 0 },           /* the only host */
		{ 1, 2, 900, WANTED, WANTED }, /* enough time for both */
		{ 10, 1, 900, WANTED, WANTED },
		{ 90, 1, 900, 9, 10 },
		{ 30, 3, 900, 9, 10 },
		{ 1, 10, 100, 9, 10 },
		{ 1000, 10, 900, 5, 5 }, /* the minimum for a busy host */
		{ 1, 2, 0, 5, 5 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct envelope e = { 0 };
		struct destinations list = { 0 };

		set_up(&e, &list, cases[i].domains, cases[i].hosts);
		assert_in_range(share_of(&list, &e, cases[i].seconds),
		    cases[i].least, cases[i].most);
		tear_down(&e, &list);
	}
}

static void
counts_only_hosts_of_pending_recipients(void **state)
{
	struct envelope e = { 0 };
	struct destinations list = { 0 };

	(void)state;
	set_up(&e, &list, 2, 1);
	assert_int_equal(share_of(&list, &e, 900), WANTED);
	e.recipients[1].state = RECIPIENT_DELIVERED;
	assert_int_equal(share_of(&list, &e, 900), 0);
	tear_down(&e, &list);
}

static void
counts_a_host_of_several_domains_once(void **state)
{
	struct envelope e = { 0 };
	struct destinations list = { 0 };

	(void)state;
	set_up(&e, &list, 50, 0);
	for (size_t i = 0; i < list.count; i++) {
		destination_add_hop(&list.items[i], "mx1.test", 25);
		destination_add_hop(&list.items[i], "mx2.test", 25);
		destination_start(&list.items[i]);
	}
	assert_int_equal(share_of(&list, &e, 100), WANTED);
	tear_down(&e, &list);
}

static void
counts_all_hosts_without_recipients(void **state)
{
	struct envelope empty = { 0 };
	struct destinations list = { 0 };

	(void)state;
	destinations_init_shared(&list, &empty);
	destination_add_hop(&list.items[0], "one.test", 587);
	destination_add_hop(&list.items[0], "two.test", 587);
	destination_start(&list.items[0]);
	assert_int_equal(share_of(&list, &empty, 900), WANTED);
	destinations_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(divides_the_remaining_time),
		cmocka_unit_test(counts_only_hosts_of_pending_recipients),
		cmocka_unit_test(counts_a_host_of_several_domains_once),
		cmocka_unit_test(counts_all_hosts_without_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
