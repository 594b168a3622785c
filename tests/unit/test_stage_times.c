/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/stage_times.h"

#include "unit.h"

static void
expect_span(const struct stage_times *log, size_t number, const char *name,
    int64_t spent)
{
	assert_true(number < log->count);
	assert_string_equal(stage_name(log->spans[number].stage), name);
	assert_int_equal(log->spans[number].spent, spent);
}

static void
keeps_the_order_of_the_session(void **state)
{
	struct stage_times log = { 0 };

	(void)state;
	stage_times_note(&log, STAGE_DNS, 1000);
	stage_times_note(&log, STAGE_CONNECT, 1100);
	stage_times_note(&log, STAGE_GREETING, 1150);
	stage_times_note(&log, STAGE_EHLO, 1160);
	stage_times_note(&log, STAGE_TLS, 1200);
	stage_times_note(&log, STAGE_TLS, 1300);
	stage_times_note(&log, STAGE_EHLO, 1500);
	stage_times_note(&log, STAGE_AUTH, 1501);
	stage_times_note(&log, STAGE_NONE, 1509);
	assert_int_equal(log.count, 6);
	expect_span(&log, 0, "DNS", 100);
	expect_span(&log, 1, "TCP", 50);
	expect_span(&log, 2, "greeting", 50);
	expect_span(&log, 3, "TLS", 300);
	expect_span(&log, 4, "EHLO", 1);
	expect_span(&log, 5, "AUTH", 8);
}

static void
gives_what_is_too_much_to_the_last(void **state)
{
	struct stage_times log = { 0 };

	(void)state;
	for (int i = 0; i < 3 * STAGE_TIMES_MAX; i++)
		stage_times_note(&log, i % 2 == 0 ? STAGE_TLS : STAGE_AUTH, i);
	stage_times_note(&log, STAGE_NONE, 3 * STAGE_TIMES_MAX);
	assert_int_equal(log.count, STAGE_TIMES_MAX);
	expect_span(&log, 0, "TLS", 1);
	expect_span(&log, STAGE_TIMES_MAX - 1, "AUTH", 2 * STAGE_TIMES_MAX + 1);
}

static void
has_nothing_without_a_session(void **state)
{
	struct stage_times log = { 0 };

	(void)state;
	stage_times_note(&log, STAGE_NONE, 5);
	assert_int_equal(log.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_order_of_the_session),
		cmocka_unit_test(gives_what_is_too_much_to_the_last),
		cmocka_unit_test(has_nothing_without_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
