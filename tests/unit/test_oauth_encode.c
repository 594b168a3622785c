/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "helpers/oauth/encode.h"

static void
encodes_a_form(void **state)
{
	struct str out = { 0 };
	struct secret secret = { 0 };

	(void)state;
	secret_set(&secret, "a+b/c=", 6);
	encode_form(&out, "a", "x y&z");
	encode_form(&out, "b", NULL);
	encode_form(&out, "c", "");
	encode_form_secret(&out, "d", &secret);
	encode_form(&out, "e", "\xc3\xa4~-._");
	assert_string_equal(out.data,
	    "a=x%20y%26z&c=&d=a%2Bb%2Fc%3D&e=%C3%A4~-._");
	str_free(&out);
	secret_free(&secret);
	str_add(&out, "https://h/?");
	encode_form(&out, "a", "b");
	assert_string_equal(out.data, "https://h/?a=b");
	str_free(&out);
}

static void
expect_parameter(const char *form, const char *key, const char *wanted)
{
	struct str out = { 0 };
	bool found;

	assert_true(decode_form(&out, form, key, &found));
	assert_int_equal(found, wanted != NULL);
	if (wanted != NULL)
		assert_string_equal(str_text(&out), wanted);
	str_free(&out);
}

static void
decodes_a_form(void **state)
{
	(void)state;
	expect_parameter("a=1&b=x+%41%3d&c=", "a", "1");
	expect_parameter("a=1&b=x+%41%3d&c=", "b", "x A=");
	expect_parameter("a=1&b=x+%41%3d&c=", "c", "");
	expect_parameter("a=%0d%0A+%7f", "a", "\r\n \x7f");
	expect_parameter("a=1&&ab=2", "b", NULL);
	expect_parameter("ab=2&a", "a", NULL);
	expect_parameter("", "a", NULL);
	expect_parameter("&", "a", NULL);
}

static void
rejects_an_invalid_value(void **state)
{
	static const char *const invalid[] = { "a=%", "a=%4", "a=%4&b=1",
		"a=%zz", "a=1&a=1", "a=&a=" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(invalid); i++) {
		struct str out = { 0 };
		bool found;

		assert_false(decode_form(&out, invalid[i], "a", &found));
		str_free(&out);
	}
}

/* The challenge of RFC 7636 appendix A. */
static void
encodes_base64url_without_padding(void **state)
{
	static const unsigned char octets[] = { 3, 236, 255, 224, 193 };
	struct str out = { 0 };

	(void)state;
	encode_base64url(&out, octets, sizeof(octets));
	assert_string_equal(out.data, "A-z_4ME");
	str_free(&out);
	encode_base64url(&out, "", 0);
	assert_string_equal(str_text(&out), "");
	str_free(&out);
}

static void
a_random_text_is_new_each_time(void **state)
{
	struct str a = { 0 }, b = { 0 };

	(void)state;
	assert_true(encode_random(&a));
	assert_true(encode_random(&b));
	assert_int_equal(a.len, 43);
	assert_string_not_equal(a.data, b.data);
	str_free(&a);
	str_free(&b);
}

static void
compares_texts(void **state)
{
	(void)state;
	assert_true(encode_is_same("", ""));
	assert_true(encode_is_same("abc", "abc"));
	assert_false(encode_is_same("abd", "abc"));
	assert_false(encode_is_same("ab", "abc"));
	assert_false(encode_is_same("abcd", "abc"));
	assert_false(encode_is_same("", "a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_a_form),
		cmocka_unit_test(decodes_a_form),
		cmocka_unit_test(rejects_an_invalid_value),
		cmocka_unit_test(encodes_base64url_without_padding),
		cmocka_unit_test(a_random_text_is_new_each_time),
		cmocka_unit_test(compares_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
