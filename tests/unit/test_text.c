/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void
cleans_outside_text_for_a_terminal(void **state)
{
	static const struct {
		const char *why, *text, *clean;
	} cases[] = {
		{ "plain text stays", "550 no such user", "550 no such user" },
		{ "UTF-8 stays", "caf\xc3\xa9 \xe2\x82\xac",
		    "caf\xc3\xa9 \xe2\x82\xac" },
		{ "escape sequences", "a\x1b[31mb", "a?[31mb" },
		{ "DEL", "a\x7f", "a?" },
		{ "C1 as one octet",
		    "a\x9b"
		    "31m",
		    "a?31m" },
		{ "C1 as UTF-8",
		    "a\xc2\x9b"
		    "31m",
		    "a?31m" },
		{ "line ends fold", "one\r\n\ttwo\n", "one two" },
		{ "blanks fold, ends go", "  a   b  ", "a b" },
		{ "invalid UTF-8", "a\xff\xc3(", "a?\?(" },
		{ "an overlong slash", "\xc0\xaf", "??" },
		{ "a surrogate", "\xed\xa0\x80", "???" },
		{ "beyond Unicode", "\xf4\x90\x80\x80", "????" },
		{ "a cut sequence", "a\xe2\x82", "a??" },
		{ "right-to-left override",
		    "a\xe2\x80\xae"
		    "b",
		    "a?b" },
		{ "isolates",
		    "a\xe2\x81\xa6"
		    "b",
		    "a?b" },
		{ "a byte-order mark",
		    "\xef\xbb\xbf"
		    "a",
		    "?a" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *clean = text_printable(cases[i].text);

		if (strcmp(clean, cases[i].clean) != 0)
			fail_msg("%s: \"%s\"", cases[i].why, clean);
		free(clean);
	}
}

static void
shows_a_nul_and_the_text_after_it(void **state)
{
	struct str out = { 0 };

	(void)state;
	text_clean(&out, "a\0b", 3, 100);
	assert_true(str_equal(&out, "a?b"));
	str_free(&out);
}

static void
cuts_long_text_between_characters(void **state)
{
	(void)state;
	for (size_t max = 0; max < 12; max++) {
		struct str out = { 0 };

		text_clean(&out, "a\xe2\x82\xac b\xe2\x82\xac", 10, max);
		assert_true(text_is_utf8(out.data, out.len));
		assert_true(out.len <= max + 3);
		str_free(&out);
	}
}

static void
rejects_control_characters_in_commands(void **state)
{
	(void)state;
	assert_true(text_is_wire_safe("MAIL FROM:<a@b>", 15));
	assert_true(text_is_wire_safe("\xc3\xa9", 2));
	assert_false(text_is_wire_safe("a\r", 2));
	assert_false(text_is_wire_safe("a\n", 2));
	assert_false(text_is_wire_safe("a\0b", 3));
	assert_false(text_is_wire_safe("a\tb", 3));
	assert_false(text_is_wire_safe("a\x7f", 2));
}

static void
finds_a_control_character_anywhere(void **state)
{
	static const unsigned char controls[] = { 0, 1, '\n', 0x1f, 0x7f };
	static const unsigned char others[] = { 0x20, '~', 0x80, 0x9f, 0xff };
	unsigned char text[21];

	(void)state;
	for (size_t other = 0; other < COUNT_OF(others); other++) {
		memset(text, others[other], sizeof(text));
		assert_true(text_is_wire_safe((char *)text, sizeof(text)));
		for (size_t at = 0; at < sizeof(text); at++) {
			for (size_t i = 0; i < COUNT_OF(controls); i++) {
				text[at] = controls[i];
				assert_false(text_is_wire_safe((char *)text,
				    sizeof(text)));
			}
			text[at] = others[other];
		}
	}
}

static void
parses_only_whole_decimal_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned long long value;
	} cases[] = {
		{ "1", true, 1 },
		{ "65535", true, 65535 },
		{ "007", true, 7 },
		{ "0", false, 0 },
		{ "65536", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x10", false, 0 },
		{ "1e3", false, 0 },
		{ "99999999999999999999999999", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned long long value = 0;

		assert_int_equal(text_number(cases[i].text, 1, 65535, &value),
		    cases[i].ok);
		assert_int_equal(value, cases[i].value);
	}
}

static void
parses_durations(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned seconds;
		const char *printed;
	} cases[] = {
		{ "30", true, 30, "30s" },
		{ "30s", true, 30, "30s" },
		{ "2m", true, 120, "2m" },
		{ "90m", true, 5400, "90m" },
		{ "24h", true, 86400, "1d" },
		{ "5D", true, 432000, "5d" },
		{ "2w", true, 1209600, "2w" },
		{ "4294967295", true, 4294967295, "4294967295s" },
		{ "4294967296", false, 0, NULL },
		{ "7102w", false, 0, NULL },
		{ "", false, 0, NULL },
		{ "h", false, 0, NULL },
		{ "1hh", false, 0, NULL },
		{ "1 h", false, 0, NULL },
		{ "-1h", false, 0, NULL },
		{ "1y", false, 0, NULL },
		{ "111111111111111111111111111h", false, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str printed = { 0 };
		unsigned seconds = 0;

		assert_int_equal(text_duration(cases[i].text, 1, UINT32_MAX,
				     &seconds),
		    cases[i].ok);
		assert_int_equal(seconds, cases[i].seconds);
		if (!cases[i].ok)
			continue;
		text_add_duration(&printed, seconds);
		assert_string_equal(printed.data, cases[i].printed);
		str_free(&printed);
	}
}

static void
parses_numbers_of_octets(void **state)
{
	uint64_t octets;

	(void)state;
	assert_true(text_octets("512", UINT64_MAX, &octets) && octets == 512);
	assert_true(text_octets("3k", UINT64_MAX, &octets) && octets == 3072);
	assert_true(text_octets("1G", UINT64_MAX, &octets)
	    && octets == UINT64_C(1073741824));
	assert_false(text_octets("2k", 2047, &octets));
	assert_false(text_octets("17179869184g", UINT64_MAX, &octets));
	assert_false(text_octets("1t", UINT64_MAX, &octets));
}

static void
parses_the_largest_number(void **state)
{
	unsigned long long value;

	(void)state;
	assert_true(text_number("18446744073709551615", 0, UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	assert_false(
	    text_number("18446744073709551616", 0, UINT64_MAX, &value));
	assert_false(text_number("5", 0, 3, &value));
}

static void
ignores_case_only_in_ascii(void **state)
{
	(void)state;
	assert_true(text_equal_nocase("STARTTLS", "starttls"));
	assert_false(text_equal_nocase("STARTTL", "starttls"));
	assert_false(text_equal_nocase("\xc9", "\xe9"));
	assert_true(text_starts_nocase("Bcc: x", "BCC"));
	assert_false(text_starts_nocase("Bc", "BCC"));
}

static void
recognizes_marks_and_utf16(void **state)
{
	static const struct {
		const char *text;
		size_t len, mark;
		bool utf16;
	} cases[] = {
		{ "", 0, 0, false },
		{ "\xef\xbb", 2, 0, false },
		{ "\xef\xbb\xbf", 3, 3, false },
		{ "\xef\xbb\xbf\xef\xbb\xbf", 6, 3, false },
		{ "a\xef\xbb\xbf", 4, 0, false },
		{ "\xff\xfe", 2, 0, true },
		{ "\xfe\xff\0a", 4, 0, true },
		{ "\xff", 1, 0, false },
		{ "a\0b\0", 4, 0, true },
		{ "\0a\0b", 4, 0, true },
		{ "a\0b", 3, 0, false },
		{ "a\0bc", 4, 0, false },
		{ "a\0\0\0", 4, 0, false },
		{ "\0\0\0\0", 4, 0, false },
		{ "ab\0\0", 4, 0, false },
		{ "abcd", 4, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(text_mark_length(cases[i].text, cases[i].len),
		    cases[i].mark);
		assert_int_equal(text_is_utf16(cases[i].text, cases[i].len),
		    cases[i].utf16);
	}
}

static void
computes_the_edit_distance(void **state)
{
	(void)state;
	assert_int_equal(text_distance("host", "host"), 0);
	assert_int_equal(text_distance("hots", "host"), 2);
	assert_int_equal(text_distance("tls_trust", "tls_trust_file"), 5);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_true(
	    text_distance("a very long word that nobody would ever write"
			  " in a configuration file",
		"host")
	    >= 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleans_outside_text_for_a_terminal),
		cmocka_unit_test(shows_a_nul_and_the_text_after_it),
		cmocka_unit_test(cuts_long_text_between_characters),
		cmocka_unit_test(rejects_control_characters_in_commands),
		cmocka_unit_test(finds_a_control_character_anywhere),
		cmocka_unit_test(parses_only_whole_decimal_numbers),
		cmocka_unit_test(parses_the_largest_number),
		cmocka_unit_test(parses_durations),
		cmocka_unit_test(parses_numbers_of_octets),
		cmocka_unit_test(ignores_case_only_in_ascii),
		cmocka_unit_test(recognizes_marks_and_utf16),
		cmocka_unit_test(computes_the_edit_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
