/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "timing.h"

#include "unit.h"

static void
adds_up_what_each_phase_took(void **state)
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
	timing_phase(&t, PHASE_DNS, 1020);
	timing_phase(&t, PHASE_TCP, 1100);
	timing_phase(&t, PHASE_GREETING, 1161);
	timing_phase(&t, PHASE_TLS, 2161);
	timing_phase(&t, PHASE_GREETING, 2361);
	timing_phase(&t, PHASE_ENVELOPE, 2366);
	timing_phase(&t, PHASE_BODY, 2376);
	timing_phase(&t, PHASE_REPLY, 3663376);
	timing_phase(&t, PHASES, 3663406);
	/* What comes after the session is nobody's. */
	timing_phase(&t, PHASES, 3999999);
	timing_lines(&t, &lines);
	assert_int_equal(lines.count, COUNT_OF(expected));
	for (size_t i = 0; i < COUNT_OF(expected); i++)
		assert_string_equal(lines.items[i], expected[i]);
	strv_free(&lines);
}

static void
goes_on_with_a_second_session(void **state)
{
	struct timing t;

	(void)state;
	timing_begin(&t, 0);
	timing_phase(&t, PHASE_TCP, 10);
	timing_phase(&t, PHASES, 30);
	timing_phase(&t, PHASE_TCP, 100);
	timing_phase(&t, PHASES, 101);
	assert_int_equal(t.spent[PHASE_DNS], 10);
	assert_int_equal(t.spent[PHASE_TCP], 21);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_up_what_each_phase_took),
		cmocka_unit_test(goes_on_with_a_second_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
