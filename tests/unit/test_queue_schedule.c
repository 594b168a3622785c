/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "queue/schedule.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define NOW INT64_C(1795000000000)

/* The defaults of the settings. */
static const struct queue_schedule schedule = { .first_pause = 120,
	.longest_pause = 7200,
	.lifetime = 5 * 86400,
	.warn_after = 4 * 3600 };

/* An entry without jitter. */
static struct queue_entry
entry_after(unsigned attempts)
{
	return (struct queue_entry){ .id = queue_id_make(NOW, 20),
		.arrival = NOW,
		.attempts = attempts };
}

static void
doubles_the_pause_up_to_the_longest(void **state)
{
	static const int minutes[] = { 2, 4, 8, 16, 32, 64, 120, 120, 120 };

	(void)state;
	for (unsigned i = 0; i < COUNT_OF(minutes); i++) {
		struct queue_entry entry = entry_after(i + 1);

		assert_true(queue_next_attempt(&schedule, &entry, NOW)
		    == NOW + minutes[i] * MINUTE);
	}
}

static void
does_not_overflow_after_many_attempts(void **state)
{
	struct queue_entry entry = entry_after(4000000000U);

	(void)state;
	assert_true(
	    queue_next_attempt(&schedule, &entry, NOW) == NOW + 2 * HOUR);
}

static void
spreads_messages_by_a_fifth_of_the_pause(void **state)
{
	struct queue_entry entry = entry_after(1);
	int64_t first = INT64_MAX, last = 0;

	(void)state;
	for (uint32_t random = 0; random < 1000; random++) {
		int64_t next;

		entry.id = queue_id_make(NOW, random);
		next = queue_next_attempt(&schedule, &entry, NOW);
		assert_true(next == queue_next_attempt(&schedule, &entry, NOW));
		first = next < first ? next : first;
		last = next > last ? next : last;
	}
	assert_true(first == NOW + 96000);
	assert_true(last == NOW + 144000);
}

static void
is_due_at_its_time_and_after_a_jump_of_the_clock(void **state)
{
	(void)state;
	assert_true(queue_is_due(&schedule, 0, NOW));
	assert_true(queue_is_due(&schedule, NOW, NOW));
	assert_false(queue_is_due(&schedule, NOW + 1, NOW));
	assert_false(queue_is_due(&schedule, NOW + 144 * MINUTE, NOW));
	assert_true(queue_is_due(&schedule, NOW + 144 * MINUTE + 1, NOW));
}

static void
expires_at_the_end_of_the_lifetime(void **state)
{
	struct queue_entry entry = entry_after(1);

	(void)state;
	assert_false(queue_is_expired(&schedule, &entry, NOW + 120 * HOUR - 1));
	assert_true(queue_is_expired(&schedule, &entry, NOW + 120 * HOUR));
}

static void
warns_once_and_never_about_a_notice(void **state)
{
	struct queue_schedule silent = schedule;
	struct queue_entry entry = entry_after(1);

	(void)state;
	silent.warn_after = 0;
	assert_false(queue_must_warn(&schedule, &entry, NOW + 4 * HOUR - 1));
	assert_true(queue_must_warn(&schedule, &entry, NOW + 4 * HOUR));
	assert_false(queue_must_warn(&silent, &entry, NOW + 400 * HOUR));
	entry.warned = true;
	assert_false(queue_must_warn(&schedule, &entry, NOW + 4 * HOUR));
	entry.warned = false;
	entry.is_notice = true;
	assert_false(queue_must_warn(&schedule, &entry, NOW + 4 * HOUR));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_the_pause_up_to_the_longest),
		cmocka_unit_test(does_not_overflow_after_many_attempts),
		cmocka_unit_test(spreads_messages_by_a_fifth_of_the_pause),
		cmocka_unit_test(
		    is_due_at_its_time_and_after_a_jump_of_the_clock),
		cmocka_unit_test(expires_at_the_end_of_the_lifetime),
		cmocka_unit_test(warns_once_and_never_about_a_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
