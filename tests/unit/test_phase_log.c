/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/phase_log.h"

#include "unit.h"

static void
expect_span(const struct phase_log *log, size_t number, const char *name,
    int64_t spent)
{
	assert_true(number < log->count);
	assert_string_equal(phase_log_name(log, number), name);
	assert_int_equal(log->spans[number].spent, spent);
}

static void
keeps_the_order_of_the_session(void **state)
{
	struct phase_log log = { 0 };

	(void)state;
	phase_log_note(&log, PHASE_DNS, 1000);
	phase_log_note(&log, PHASE_TCP, 1100);
	phase_log_note(&log, PHASE_GREETING, 1150);
	phase_log_note(&log, PHASE_GREETING, 1160);
	phase_log_note(&log, PHASE_TLS, 1200);
	phase_log_note(&log, PHASE_TLS, 1300);
	phase_log_note(&log, PHASE_GREETING, 1500);
	phase_log_note(&log, PHASE_AUTH, 1501);
	phase_log_note(&log, PHASES, 1509);
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
	struct phase_log log = { 0 };

	(void)state;
	for (int i = 0; i < 3 * PHASE_LOG_MAX; i++)
		phase_log_note(&log, i % 2 == 0 ? PHASE_TLS : PHASE_AUTH, i);
	phase_log_note(&log, PHASES, 3 * PHASE_LOG_MAX);
	assert_int_equal(log.count, PHASE_LOG_MAX);
	expect_span(&log, 0, "TLS", 1);
	expect_span(&log, PHASE_LOG_MAX - 1, "AUTH", 2 * PHASE_LOG_MAX + 1);
}

static void
has_nothing_without_a_session(void **state)
{
	struct phase_log log = { 0 };

	(void)state;
	phase_log_note(&log, PHASES, 5);
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
