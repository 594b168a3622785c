/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/probe.h"

#include "unit.h"

static void
expect_span(const struct stage_times *times, size_t number, const char *name,
    int64_t spent)
{
	assert_true(number < times->count);
	assert_string_equal(stage_name(times->spans[number].stage), name);
	assert_int_equal(times->spans[number].spent, spent);
}

static void
records_the_stages_in_order(void **state)
{
	struct stage_times times = { 0 };

	(void)state;
	stage_times_note(&times, STAGE_DNS, 1000);
	stage_times_note(&times, STAGE_CONNECT, 1100);
	stage_times_note(&times, STAGE_GREETING, 1150);
	stage_times_note(&times, STAGE_EHLO, 1160);
	stage_times_note(&times, STAGE_TLS, 1200);
	stage_times_note(&times, STAGE_TLS, 1300);
	stage_times_note(&times, STAGE_EHLO, 1500);
	stage_times_note(&times, STAGE_AUTH, 1501);
	stage_times_note(&times, STAGE_NONE, 1509);
	assert_int_equal(times.count, 6);
	expect_span(&times, 0, "DNS", 100);
	expect_span(&times, 1, "TCP", 50);
	expect_span(&times, 2, "greeting", 50);
	expect_span(&times, 3, "TLS", 300);
	expect_span(&times, 4, "EHLO", 1);
	expect_span(&times, 5, "AUTH", 8);
}

static void
adds_further_stages_to_the_last_span(void **state)
{
	struct stage_times times = { 0 };

	(void)state;
	for (int i = 0; i < 3 * STAGE_TIMES_MAX; i++)
		stage_times_note(&times, i % 2 == 0 ? STAGE_TLS : STAGE_AUTH,
		    i);
	stage_times_note(&times, STAGE_NONE, 3 * STAGE_TIMES_MAX);
	assert_int_equal(times.count, STAGE_TIMES_MAX);
	expect_span(&times, 0, "TLS", 1);
	expect_span(&times, STAGE_TIMES_MAX - 1, "AUTH",
	    2 * STAGE_TIMES_MAX + 1);
}

static void
records_nothing_without_a_session(void **state)
{
	struct stage_times times = { 0 };

	(void)state;
	stage_times_note(&times, STAGE_NONE, 5);
	assert_int_equal(times.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_the_stages_in_order),
		cmocka_unit_test(adds_further_stages_to_the_last_span),
		cmocka_unit_test(records_nothing_without_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
