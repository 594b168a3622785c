/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/strv.h"

static void
is_empty_text_before_anything_is_added(void **state)
{
	struct str s = { 0 };

	(void)state;
	assert_string_equal(str_text(&s), "");
	assert_true(str_equal(&s, ""));
	str_truncate(&s, 0);
	str_consume(&s, 5);
	str_free(&s);
	str_wipe(&s);
}

static void
grows_and_stays_nul_terminated(void **state)
{
	struct str s = { 0 };

	(void)state;
	for (int i = 0; i < 10000; i++) {
		str_printf(&s, "%c", 'a' + i % 26);
		assert_int_equal(s.data[s.len], '\0');
		assert_true(s.len < s.size);
	}
	assert_int_equal(s.len, 10000);
	str_truncate(&s, 3);
	assert_true(str_equal(&s, "abc"));
	str_free(&s);
}

static void
accepts_nuls_as_content(void **state)
{
	struct str s = { 0 };

	(void)state;
	str_append(&s, "a\0b", 3);
	assert_int_equal(s.len, 3);
	assert_false(str_equal(&s, "a"));
	str_consume(&s, 2);
	assert_true(str_equal(&s, "b"));
	str_free(&s);
}

static void
hands_over_its_text(void **state)
{
	struct str s = { 0 };
	char *text;

	(void)state;
	str_add(&s, "text");
	text = str_steal(&s);
	assert_string_equal(text, "text");
	assert_null(s.data);
	free(text);
	text = str_steal(&s);
	assert_string_equal(text, "");
	free(text);
}

static void
a_list_owns_copies_and_ends_with_null(void **state)
{
	struct strv v = { 0 }, copy = { 0 };
	char *joined;

	(void)state;
	for (int i = 0; i < 100; i++) {
		strv_take(&v, alloc_printf("%d", i));
		assert_null(v.items[v.count]);
	}
	assert_int_equal(v.count, 100);
	assert_true(strv_has(&v, "99"));
	assert_false(strv_has(&v, "100"));
	strv_copy(&copy, &v);
	strv_free(&v);
	assert_string_equal(copy.items[42], "42");
	strv_wipe(&copy);
	assert_int_equal(copy.count, 0);
	strv_add(&v, "Plain");
	strv_take(&v, alloc_string_n("login etc.", 5));
	assert_true(strv_has_nocase(&v, "PLAIN"));
	joined = strv_join(&v, ", ");
	assert_string_equal(joined, "Plain, login");
	free(joined);
	strv_free(&v);
}

static void
copies_null_as_null(void **state)
{
	char *text = alloc_string("old");

	(void)state;
	assert_null(alloc_string(NULL));
	alloc_replace(&text, "new");
	assert_string_equal(text, "new");
	alloc_replace(&text, text);
	assert_string_equal(text, "new");
	alloc_replace(&text, NULL);
	assert_null(text);
	free(alloc_zeroed(0, 0));
	free(alloc_bytes(0));
	free(alloc_resize(NULL, 0, 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_empty_text_before_anything_is_added),
		cmocka_unit_test(grows_and_stays_nul_terminated),
		cmocka_unit_test(accepts_nuls_as_content),
		cmocka_unit_test(hands_over_its_text),
		cmocka_unit_test(a_list_owns_copies_and_ends_with_null),
		cmocka_unit_test(copies_null_as_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
