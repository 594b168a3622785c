/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "unit.h"

static void
writes_any_text_as_a_valid_string(void **state)
{
	static const struct {
		const char *text;
		const char *json;
	} rows[] = {
		{ "", "\"\"" },
		{ "alice@example.org", "\"alice@example.org\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "a\nb\tc\x01", "\"a\\nb\\u0009c\\u0001\"" },
		{ "\x7f", "\"\\u007f\"" },
		{ "\xc2\x9b", "\"\\u009b\"" },
		{ "J\xc3\xbcrgen \xf0\x9f\x93\xac",
		    "\"J\xc3\xbcrgen \xf0\x9f\x93\xac\"" },
		{ "J\xfcrgen", "\"J\xef\xbf\xbdrgen\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str out = { 0 };

		json_add_string(&(struct json_writer){ .out = &out }, NULL,
		    rows[i].text);
		assert_string_equal(out.data, rows[i].json);
		str_free(&out);
	}
}

static void
writes_values_in_values(void **state)
{
	struct str out = { 0 };
	struct json_writer json = { .out = &out };

	(void)state;
	str_add(&out, "before ");
	json_begin_object(&json, NULL);
	json_begin_array(&json, "empty");
	json_end_array(&json);
	json_begin_array(&json, "list");
	json_add_number(&json, NULL, INT64_MIN);
	json_begin_object(&json, NULL);
	json_end_object(&json);
	json_add_string(&json, NULL, "a");
	json_end_array(&json);
	json_begin_object(&json, "object");
	json_add_bool(&json, "yes", true);
	json_add_bool(&json, "no", false);
	json_end_object(&json);
	json_add_null(&json, "nothing");
	json_add_string(&json, "no_text", NULL);
	json_end_object(&json);
	assert_string_equal(out.data,
	    "before {\"empty\": [], \"list\": [-9223372036854775808, {}, "
	    "\"a\"], \"object\": {\"yes\": true, \"no\": false}, "
	    "\"nothing\": null, \"no_text\": null}");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_any_text_as_a_valid_string),
		cmocka_unit_test(writes_values_in_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
