/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/watch.h"

#include "unit.h"

static void
adds_up_the_durations_of_each_stage(void **state)
{
	static const char *const expected[] = {
		"DNS              0.100 s",
		"TCP              0.061 s",
		"greeting         1.005 s",
		"TLS              0.200 s",
		"AUTH             0.000 s",
		"envelope         0.010 s",
		"body          3661.000 s",
		"final reply      0.030 s",
		"total         3662.406 s",
	};
	struct timing t;
	struct strv lines = { 0 };

	(void)state;
	timing_begin(&t, 1000);
	timing_stage(&t, STAGE_DNS, 1020);
	timing_stage(&t, STAGE_CONNECT, 1100);
	timing_stage(&t, STAGE_GREETING, 1161);
	timing_stage(&t, STAGE_TLS, 2161);
	timing_stage(&t, STAGE_EHLO, 2361);
	timing_stage(&t, STAGE_MAIL, 2366);
	timing_stage(&t, STAGE_RCPT, 2369);
	timing_stage(&t, STAGE_DATA, 2373);
	timing_stage(&t, STAGE_BODY, 2376);
	timing_stage(&t, STAGE_END_OF_DATA, 3663376);
	timing_stage(&t, STAGE_NONE, 3663406);
	/* The time after the session does not count. */
	timing_stage(&t, STAGE_NONE, 3999999);
	timing_lines(&t, &lines);
	assert_int_equal(lines.count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++)
		assert_string_equal(lines.items[i], expected[i]);
	strv_free(&lines);
}

static void
continues_with_a_second_session(void **state)
{
	struct timing t;

	(void)state;
	timing_begin(&t, 0);
	timing_stage(&t, STAGE_CONNECT, 10);
	timing_stage(&t, STAGE_NONE, 30);
	timing_stage(&t, STAGE_CONNECT, 100);
	timing_stage(&t, STAGE_NONE, 101);
	assert_int_equal(t.spent[STAGE_DNS], 10);
	assert_int_equal(t.spent[STAGE_CONNECT], 21);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up_the_durations_of_each_stage),
		cmocka_unit_test(continues_with_a_second_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
