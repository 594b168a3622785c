/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "base/random.h"

static void
repeats_the_numbers_of_a_state(void **state)
{
	struct random a = { 42 }, b = { 42 };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(random_next(&a) == random_next(&b));
}

static void
starts_with_different_states(void **state)
{
	struct random a = { 0 }, b = { 0 };

	(void)state;
	random_start(&a);
	random_start(&b);
	assert_true(a.state != b.state);
}

/* Each value is expected 1000 times in 6000 numbers, with a standard deviation
 * of 29. */
static void
distributes_numbers_uniformly(void **state)
{
	struct random r = { 1 };
	unsigned faces[6] = { 0 };

	(void)state;
	for (int i = 0; i < 6000; i++) {
		uint64_t face = random_below(&r, 6);

		assert_true(face < 6);
		faces[face]++;
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(faces[i], 870, 1130);
	assert_int_equal(random_below(&r, 1), 0);
}

static void
gives_a_name_the_same_rank_within_a_run(void **state)
{
	const struct random r = { 7 };

	(void)state;
	assert_true(
	    random_rank(&r, "mx.example") == random_rank(&r, "MX.Example"));
	assert_true(
	    random_rank(&r, "mx.example") != random_rank(&r, "my.example"));
}

/* Each of three names comes first equally often. */
static void
ranks_names_in_a_new_order_in_each_run(void **state)
{
	static const char *const names[] = { "a.example", "b.example",
		"c.example" };
	unsigned first[3] = { 0 };

	(void)state;
	for (uint64_t run = 0; run < 3000; run++) {
		const struct random r = { run };
		size_t best = 0;

		for (size_t i = 1; i < 3; i++)
			if (random_rank(&r, names[i])
			    < random_rank(&r, names[best]))
				best = i;
		first[best]++;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(first[i], 870, 1130);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeats_the_numbers_of_a_state),
		cmocka_unit_test(starts_with_different_states),
		cmocka_unit_test(distributes_numbers_uniformly),
		cmocka_unit_test(gives_a_name_the_same_rank_within_a_run),
		cmocka_unit_test(ranks_names_in_a_new_order_in_each_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
