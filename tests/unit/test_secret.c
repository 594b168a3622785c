/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static void
stores_any_octets(void **state)
{
	struct secret s = { 0 }, copy = { 0 };

	(void)state;
	assert_false(secret_is_set(&s));
	secret_set(&s, "a\0b", 3);
	assert_true(secret_is_set(&s));
	assert_int_equal(s.len, 3);
	assert_memory_equal(s.data, "a\0b", 4);
	secret_copy(&copy, &s);
	secret_set(&s, "", 0);
	assert_true(secret_is_set(&s));
	assert_int_equal(s.len, 0);
	assert_memory_equal(copy.data, "a\0b", 4);
	secret_free(&s);
	secret_copy(&copy, &s);
	assert_false(secret_is_set(&copy));
	secret_free(&copy);
}

static void
overwrites_memory(void **state)
{
	char text[] = "hunter2";

	(void)state;
	secret_wipe(text, sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		assert_int_equal(text[i], 0);
	secret_wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_any_octets),
		cmocka_unit_test(overwrites_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
