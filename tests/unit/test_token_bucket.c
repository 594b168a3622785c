/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/token_bucket.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define NOW INT64_C(1795000000000)

/* A token each minute, and ten at once. */
static const struct token_rate rate = { .count = 60,
	.period = 3600,
	.burst = 10 };

static void
empty(struct token_bucket *b, int64_t now)
{
	assert_true(token_bucket_take(b, &rate, 10, now) == 0);
	assert_int_equal(token_bucket_left(b, &rate, now), 0);
}

static void
gives_the_burst_and_then_a_token_in_each_interval(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(token_bucket_left(&b, &rate, NOW), 10 - i);
		assert_true(token_bucket_take(&b, &rate, 1, NOW) == 0);
	}
	assert_true(token_bucket_take(&b, &rate, 1, NOW) == NOW + MINUTE);
	assert_true(
	    token_bucket_take(&b, &rate, 1, NOW + MINUTE - 1) == NOW + MINUTE);
	assert_true(token_bucket_take(&b, &rate, 1, NOW + MINUTE) == 0);
	assert_true(
	    token_bucket_take(&b, &rate, 1, NOW + MINUTE) == NOW + 2 * MINUTE);
}

static void
what_it_refuses_takes_nothing(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	assert_true(token_bucket_take(&b, &rate, 6, NOW) == 0);
	assert_true(token_bucket_take(&b, &rate, 6, NOW) == NOW + 2 * MINUTE);
	assert_int_equal(token_bucket_left(&b, &rate, NOW), 4);
}

static void
is_never_more_than_full(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	empty(&b, NOW);
	assert_int_equal(token_bucket_left(&b, &rate, NOW + 9 * MINUTE), 9);
	assert_int_equal(token_bucket_left(&b, &rate, NOW + 100 * HOUR), 10);
	empty(&b, NOW + 100 * HOUR);
	assert_true(token_bucket_take(&b, &rate, 1, NOW + 100 * HOUR)
	    == NOW + 100 * HOUR + MINUTE);
}

static void
more_than_the_burst_pass_at_a_full_bucket(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	assert_true(token_bucket_take(&b, &rate, 1, NOW) == 0);
	assert_true(token_bucket_take(&b, &rate, 25, NOW) == NOW + MINUTE);
	assert_true(token_bucket_take(&b, &rate, 25, NOW + MINUTE) == 0);
	assert_int_equal(token_bucket_left(&b, &rate, NOW + MINUTE), 0);
	/* 15 of them are a debt. */
	assert_true(
	    token_bucket_take(&b, &rate, 1, NOW + MINUTE) == NOW + 17 * MINUTE);
}

static void
gives_back(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	empty(&b, NOW);
	token_bucket_give_back(&b, &rate, 3, NOW);
	assert_int_equal(token_bucket_left(&b, &rate, NOW), 3);
	token_bucket_give_back(&b, &rate, 30, NOW);
	assert_int_equal(token_bucket_left(&b, &rate, NOW), 10);
	/* After a debt, too. */
	assert_true(token_bucket_take(&b, &rate, 25, NOW) == 0);
	token_bucket_give_back(&b, &rate, 25, NOW);
	assert_int_equal(token_bucket_left(&b, &rate, NOW), 10);
}

static void
a_clock_that_goes_back_gives_and_takes_nothing(void **state)
{
	struct token_bucket b = { 0 };

	(void)state;
	empty(&b, NOW);
	assert_true(token_bucket_take(&b, &rate, 1, NOW - 100 * HOUR)
	    == NOW - 100 * HOUR + MINUTE);
	/* The clock is what it is: the time passes from there. */
	token_bucket_give_back(&b, &rate, 1, NOW - 100 * HOUR);
	assert_true(token_bucket_take(&b, &rate, 1, NOW - 100 * HOUR) == 0);
	assert_true(
	    token_bucket_take(&b, &rate, 1, NOW - 100 * HOUR + MINUTE) == 0);
}

static void
a_clock_far_ahead_fills_it_once(void **state)
{
	struct token_bucket b = { 0 };
	const int64_t ahead = NOW + 10 * 366 * 24 * HOUR;

	(void)state;
	empty(&b, NOW);
	empty(&b, ahead);
	/* Back again, it is as empty as it was. */
	assert_true(token_bucket_take(&b, &rate, 1, NOW) == NOW + MINUTE);
	empty(&b, INT64_MAX / 2);
}

static void
the_same_tokens_are_missing_at_another_rate(void **state)
{
	static const struct token_rate slow = { .count = 1,
		.period = TOKEN_PERIOD_MAX,
		.burst = 10 };
	struct token_bucket b = { 0 };

	(void)state;
	assert_true(token_bucket_take(&b, &slow, 8, NOW) == 0);
	assert_int_equal(token_bucket_left(&b, &rate, NOW), 2);
	assert_int_equal(token_bucket_left(&b, &rate, NOW + MINUTE), 3);
	assert_true(token_bucket_take(&b, &rate, 2, NOW) == 0);
	assert_int_equal(token_bucket_left(&b, &slow, NOW), 0);
	assert_int_equal(token_bucket_left(&b, &slow, NOW + HOUR), 0);
}

static void
bears_the_largest_numbers(void **state)
{
	static const struct token_rate extremes[] = {
		{ TOKEN_COUNT_MAX, 1, TOKEN_COUNT_MAX },
		{ 1, TOKEN_PERIOD_MAX, TOKEN_COUNT_MAX },
		{ 1, TOKEN_PERIOD_MAX, 1 },
		{ 1, 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(extremes); i++) {
		struct token_bucket b = { 0 };
		int64_t free;

		assert_true(
		    token_bucket_take(&b, &extremes[i], UINT32_MAX, NOW) == 0);
		assert_true(token_bucket_is_valid(&b));
		free = token_bucket_take(&b, &extremes[i], 1, NOW);
		assert_true(free > NOW);
		assert_true(token_bucket_take(&b, &extremes[i], 1, free) == 0);
	}
}

static void
tells_numbers_that_cannot_be(void **state)
{
	static const struct token_bucket wrong[] = {
		{ 0 },
		{ .last = -1, .interval = 1 },
		{ .missing = -1, .interval = 1 },
		{ .missing = INT64_MAX, .interval = 1 },
		{ .interval = INT64_MAX },
		{ .interval = -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(token_bucket_is_valid(&wrong[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    gives_the_burst_and_then_a_token_in_each_interval),
		cmocka_unit_test(what_it_refuses_takes_nothing),
		cmocka_unit_test(is_never_more_than_full),
		cmocka_unit_test(more_than_the_burst_pass_at_a_full_bucket),
		cmocka_unit_test(gives_back),
		cmocka_unit_test(
		    a_clock_that_goes_back_gives_and_takes_nothing),
		cmocka_unit_test(a_clock_far_ahead_fills_it_once),
		cmocka_unit_test(the_same_tokens_are_missing_at_another_rate),
		cmocka_unit_test(bears_the_largest_numbers),
		cmocka_unit_test(tells_numbers_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
