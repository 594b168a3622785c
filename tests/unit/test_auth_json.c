/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "smtp/auth_json.h"
#include "unit.h"

static void
finds_members_of_an_object(void **state ATTR_UNUSED)
{
	static const struct {
		const char *text, *name;
		const char *value; /* NULL: none is found */
	} cases[] = {
		{ "{\"status\":\"401\"}", "status", "401" },
		{ " { \"status\" : 401 , \"x\":1} ", "status", "401" },
		{ "{\"status\":401}", "status", "401" },
		{ "{\"a\":\"b\",\"scope\":\"mail\"}", "scope", "mail" },
		{ "{\"a\":{\"scope\":\"no\"},\"scope\":\"yes\"}", "scope",
		    "yes" },
		{ "{\"a\":[\"]\",{\"b\":[]}],\"scope\":\"yes\"}", "scope",
		    "yes" },
		{ "{\"a\":{\"scope\":\"no\"}}", "scope", NULL },
		{ "{\"scope\":\"\"}", "scope", "" },
		{ "{\"scope\":null}", "scope", "null" },
		{ "{\"s\":\"a\\\"b\\\\c\\/d\\n\\t\"}", "s", "a\"b\\c/d\n\t" },
		{ "{\"s\":\"\\u0041\\u00e9\\u20AC\"}", "s",
		    "A\xc3\xa9\xe2\x82\xac" },
		{ "{\"s\":\"\\ud83d\\ude00\"}", "s", "??" },
		{ "{\"s\\u0063ope\":\"x\"}", "scope", "x" },
		{ "{\"scope\":\"first\",\"scope\":\"second\"}", "scope",
		    "first" },
		{ "{\"scope\":\"x\"", "scope", "x" },
		{ "{}", "scope", NULL },
		{ "", "scope", NULL },
		{ "[\"scope\"]", "scope", NULL },
		{ "\"scope\"", "scope", NULL },
		{ "{\"scope", "scope", NULL },
		{ "{\"scope\"", "scope", NULL },
		{ "{\"scope\":", "scope", NULL },
		{ "{\"scope\":}", "scope", NULL },
		{ "{\"scope\":\"x", "scope", NULL },
		{ "{\"scope\":\"x\\", "scope", NULL },
		{ "{\"scope\":\"x\\u12", "scope", NULL },
		{ "{\"scope\":\"\\u12x4\"}", "scope", NULL },
		{ "{\"scope\":\"\\x\"}", "scope", NULL },
		{ "{\"a\":[[[[", "scope", NULL },
		{ "{\"a\":[\"", "scope", NULL },
		{ "{scope:\"x\"}", "scope", NULL },
		{ "{\"a\":1 \"scope\":2}", "scope", NULL },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str text = { 0 }, out = { 0 };
		bool found;

		str_append(&text, cases[i].text, strlen(cases[i].text));
		found = json_member(&text, cases[i].name, &out);
		if (found != (cases[i].value != NULL))
			fail_msg("case %zu: found %d", i, found);
		if (found)
			assert_string_equal(str_text(&out), cases[i].value);
		else
			assert_int_equal(out.len, 0);
		str_free(&text);
		str_free(&out);
	}
}

static void
takes_an_empty_text_for_no_object(void **state ATTR_UNUSED)
{
	struct str none = { 0 }, out = { 0 };

	assert_false(json_member(&none, "status", &out));
	assert_int_equal(out.len, 0);
}

static void
is_not_lost_in_deep_nesting(void **state ATTR_UNUSED)
{
	struct str text = { 0 }, out = { 0 };

	str_add(&text, "{\"a\":");
	for (int i = 0; i < 100000; i++)
		str_add_char(&text, '[');
	assert_false(json_member(&text, "status", &out));
	for (int i = 0; i < 100000; i++)
		str_add_char(&text, ']');
	str_add(&text, ",\"status\":7}");
	assert_true(json_member(&text, "status", &out));
	assert_string_equal(out.data, "7");
	str_free(&text);
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_members_of_an_object),
		cmocka_unit_test(takes_an_empty_text_for_no_object),
		cmocka_unit_test(is_not_lost_in_deep_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
