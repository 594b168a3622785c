/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/clock.h"

static void
compares_deadlines_with_now_and_never(void **state)
{
	int64_t soon = clock_after_seconds(3600);

	(void)state;
	assert_false(clock_has_passed(CLOCK_NEVER));
	assert_false(clock_has_passed(soon));
	assert_true(clock_has_passed(clock_now()));
	assert_true(clock_has_passed(0));
	assert_true(clock_after(CLOCK_NEVER) == CLOCK_NEVER);
	assert_true(clock_earlier(CLOCK_NEVER, soon) == soon);
	assert_true(clock_earlier(soon, CLOCK_NEVER) == soon);
	assert_int_equal(clock_poll_timeout(CLOCK_NEVER), -1);
	assert_int_equal(clock_poll_timeout(0), 0);
	assert_in_range(clock_poll_timeout(soon), 3500 * 1000, 3600 * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_deadlines_with_now_and_never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
