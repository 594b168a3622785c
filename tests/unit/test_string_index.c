/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/string_index.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define MANY 1000

static char names[MANY][24];

static void
fill(struct string_index *x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		assert_true(string_index_add(x, names[i], i));
	}
}

static void
finds_the_position_of_each_string(void **state)
{
	static const size_t counts[] = { 0, 1, 15, 16, 17, 100, MANY };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct string_index x = { 0 };

		fill(&x, counts[i]);
		assert_int_equal(x.count, counts[i]);
		for (size_t k = 0; k < counts[i]; k++)
			assert_int_equal(string_index_find(&x, names[k]), k);
		assert_int_equal(string_index_find(&x, "n"), STRING_INDEX_NONE);
		assert_int_equal(string_index_find(&x, ""), STRING_INDEX_NONE);
		string_index_free(&x);
		assert_int_equal(x.count, 0);
	}
}

static void
keeps_the_first_position_of_a_string(void **state)
{
	static const size_t counts[] = { 1, 100 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct string_index x = { 0 };

		fill(&x, counts[i]);
		assert_false(string_index_add(&x, "n0", 7));
		assert_int_equal(x.count, counts[i]);
		assert_int_equal(string_index_find(&x, "n0"), 0);
		string_index_free(&x);
	}
}

static void
ignores_case_only_if_its_kind_does(void **state)
{
	static const size_t counts[] = { 1, 100 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct string_index exact = { 0 };
		struct string_index nocase = { .kind = &string_nocase };

		fill(&exact, counts[i]);
		fill(&nocase, counts[i]);
		assert_int_equal(string_index_find(&exact, "N0"),
		    STRING_INDEX_NONE);
		assert_int_equal(string_index_find(&nocase, "N0"), 0);
		assert_false(string_index_add(&nocase, "N0", 1));
		string_index_free(&exact);
		string_index_free(&nocase);
	}
}

/* Otherwise somebody could choose strings that collide. */
static void
the_start_of_the_hash_is_random(void **state)
{
	struct string_index x = { 0 }, y = { 0 };

	(void)state;
	fill(&x, 100);
	fill(&y, 100);
	assert_true(x.start != 0 && x.start != y.start);
	string_index_free(&x);
	string_index_free(&y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_position_of_each_string),
		cmocka_unit_test(keeps_the_first_position_of_a_string),
		cmocka_unit_test(ignores_case_only_if_its_kind_does),
		cmocka_unit_test(the_start_of_the_hash_is_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
