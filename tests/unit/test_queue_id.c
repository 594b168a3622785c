/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "queue/id.h"

#define YEAR_2026 INT64_C(1795000000000)

static void
returns_the_time_and_the_random_part(void **state)
{
	struct queue_id id = queue_id_make(YEAR_2026, 0x123456);

	(void)state;
	assert_int_equal(strlen(id.text), QUEUE_ID_LENGTH);
	assert_true(queue_id_arrival(&id) == YEAR_2026);
	assert_int_equal(queue_id_random(&id), 0x123456);
	/* Only 22 bits of the random number are used. */
	id = queue_id_make(YEAR_2026, UINT64_MAX);
	assert_true(queue_id_arrival(&id) == YEAR_2026);
	assert_int_equal(queue_id_random(&id), 0x3FFFFF);
}

static void
sorts_by_the_time_of_arrival(void **state)
{
	struct queue_id previous = queue_id_make(0, 0x3FFFFF);

	(void)state;
	for (int64_t time = 1; time < YEAR_2026 * 2; time = time * 3 + 1) {
		struct queue_id id = queue_id_make(time, 0);

		assert_true(strcmp(previous.text, id.text) < 0);
		previous = queue_id_make(time, 0x3FFFFF);
		assert_true(strcmp(id.text, previous.text) < 0);
	}
}

static void
recognizes_ids(void **state)
{
	static const char *const others[] = { "", ".", "..", "0123456789AB",
		"0123456789ABCD", "0123456789ABc", "0123456789ABI",
		"0123456789ABL", "0123456789ABO", "0123456789ABU",
		"0123456789A/C", "0123456789ABC\n" };
	struct queue_id id;

	(void)state;
	assert_true(queue_id_parse("0123456789ABC", &id));
	assert_string_equal(id.text, "0123456789ABC");
	id = queue_id_make(YEAR_2026, 99);
	assert_true(queue_id_parse(id.text, &id));
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(queue_id_parse(others[i], &id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_the_time_and_the_random_part),
		cmocka_unit_test(sorts_by_the_time_of_arrival),
		cmocka_unit_test(recognizes_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
