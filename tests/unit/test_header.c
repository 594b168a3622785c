/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "mail/header.h"

static struct str
header_of(const char *text)
{
	struct str header = { 0 };

	str_add(&header, text);
	return header;
}

static void
classifies_lines(void **state)
{
	static const struct {
		const char *line;
		bool first; /* it is valid as first line of a header section */
		bool later; /* it is valid as a later line */
	} cases[] = {
		{ "A: b\n", true, true },
		{ "A:\n", true, true },
		{ "A:", true, true },
		{ "Bcc : b\n", true, true },
		{ "Bcc \t : b\n", true, true },
		{ "X-!#$%&'*+-.^_`|~{}: b\n", true, true },
		{ " b\n", false, true },
		{ "\tb\n", false, true },
		{ " \n", false, true },
		{ "\n", false, false },
		{ "", false, false },
		{ ":\n", false, false },
		{ ": b\n", false, false },
		{ "A\n", false, false },
		{ "A b: c\n", false, false },
		{ "From a@b 10:00:00\n", false, false },
		{ "\303\251: b\n", false, false },
		{ "A\177: b\n", false, false },
		{ "A\001: b\n", false, false },
	};
	struct str none = { 0 }, some = header_of("A: b\n");

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *line = cases[i].line;
		size_t len = strlen(line);

		assert_int_equal(header_accepts_line(&none, line, len),
		    cases[i].first);
		assert_int_equal(header_accepts_line(&some, line, len),
		    cases[i].later);
	}
	str_free(&some);
}

static void
limits_the_length_of_names(void **state)
{
	struct str none = { 0 };
	char line[HEADER_NAME_MAX + 3];

	(void)state;
	memset(line, 'a', sizeof(line));
	line[HEADER_NAME_MAX] = ':';
	assert_true(header_accepts_line(&none, line, sizeof(line)));
	line[HEADER_NAME_MAX] = 'a';
	line[HEADER_NAME_MAX + 1] = ':';
	assert_false(header_accepts_line(&none, line, sizeof(line)));
}

static void
returns_the_fields_in_order(void **state)
{
	struct str header = header_of("A: b\nC:d\n e\n\tf\nG :  \n");
	static const struct {
		const char *name, *value;
	} expected[] = { { "A", " b" }, { "C", "d\n e\n\tf" }, { "G", "  " } };
	struct header_field field;
	size_t offset = 0, len = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		assert_true(header_next(&header, &offset, &field));
		assert_true(header_field_is(&field, expected[i].name));
		assert_int_equal(field.value_len, strlen(expected[i].value));
		assert_memory_equal(field.value, expected[i].value,
		    field.value_len);
		len += field.len;
	}
	assert_false(header_next(&header, &offset, &field));
	assert_int_equal(len, header.len);
	str_free(&header);
	offset = 0;
	assert_false(header_next(&header, &offset, &field));
}

static void
finds_fields_in_any_spelling(void **state)
{
	struct str header =
	    header_of("tO: a\nBCC\t: b\nbcc: c\nBccc: d\nBc: e\n");
	struct header_field field;

	(void)state;
	assert_true(header_find(&header, "Bcc", &field));
	assert_memory_equal(field.value, " b", 2);
	assert_int_equal(header_count(&header, "Bcc"), 2);
	assert_true(header_has(&header, "To"));
	assert_false(header_has(&header, "Cc"));
	assert_false(header_has(&header, "T"));
	str_free(&header);
}

static void
removes_whole_fields(void **state)
{
	static const char *const names[] = { "Bcc", "X" };
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "", "" },
		{ "A: b\n", "A: b\n" },
		{ "Bcc: b\n", "" },
		{ "A: b\nBcc: c\n d\n\te\nF: g\n", "A: b\nF: g\n" },
		{ "BCC : a\nA: b\nbcc\t:\n c\nx: y\n", "A: b\n" },
		{ "Bcc:\n \n b\nA: c\n", "A: c\n" },
		{ "Bcc: b", "" },
		{ "A: b\n Bcc: c\n", "A: b\n Bcc: c\n" },
		{ "Resent-Bcc: b\n", "Resent-Bcc: b\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = header_of(cases[i].before);

		header_remove(&header, names, COUNT_OF(names));
		assert_string_equal(str_text(&header), cases[i].after);
		str_free(&header);
	}
}

static void
unfolds_values(void **state)
{
	static const struct {
		const char *field, *value;
	} cases[] = {
		{ "A: b\n", "b" },
		{ "A:b", "b" },
		{ "A:\n", "" },
		{ "A: \n \n", "" },
		{ "A:  b \n\t c\t\n", "b \t c" },
		{ "A:\n b\n", "b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = header_of(cases[i].field), out = { 0 };
		struct header_field field;

		assert_true(header_find(&header, "a", &field));
		header_unfold(&field, &out);
		assert_string_equal(str_text(&out), cases[i].value);
		str_free(&out);
		str_free(&header);
	}
}

static void
adds_one_field_for_any_value(void **state)
{
	static const struct {
		const char *value, *field;
	} cases[] = {
		{ "b", "A: b\n" },
		{ "", "A: \n" },
		{ "b\nBcc: c", "A: bBcc: c\n" },
		{ "b\r\nBcc: c", "A: bBcc: c\n" },
		{ "b\n\nc", "A: bc\n" },
		{ "b\n", "A: b\n" },
		{ "b\n c\td", "A: b\n c\td\n" },
		{ "b\001\177c", "A: bc\n" },
		{ "b\303\251", "A: b\303\251\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };

		header_add(&header, "A", cases[i].value);
		assert_string_equal(str_text(&header), cases[i].field);
		str_free(&header);
	}
}

static void
inserts_before_a_field(void **state)
{
	struct str header = header_of("A: b\nC: d\n");

	(void)state;
	header_insert(&header, 5, "X", "y");
	assert_string_equal(header.data, "A: b\nX: y\nC: d\n");
	header_insert(&header, 0, "Y", "z");
	assert_string_equal(header.data, "Y: z\nA: b\nX: y\nC: d\n");
	str_free(&header);
	header_insert(&header, 0, "Y", "z");
	assert_string_equal(header.data, "Y: z\n");
	str_free(&header);
}

static void
finds_the_current_resent_block(void **state)
{
	static const struct {
		const char *header, *block;
	} cases[] = {
		{ "", NULL },
		{ "A: b\n", NULL },
		{ "Resent-: b\n", NULL },
		{ "Resent-To: b\n", "Resent-To: b\n" },
		{ "Resent-From: b\n", NULL },
		{ "Resent-From: b\nResent-To: \n \nResent-Cc:\n", NULL },
		{ "Resent-From: a\nA: b\nResent-From: c\nResent-Bcc: d\n",
		    "Resent-From: c\nResent-Bcc: d\n" },
		{ "Resent-Date: a\nResent-Date: b\nResent-Cc: c\n",
		    "Resent-Date: b\nResent-Cc: c\n" },
		{ "Resent-To: \nA: b\nResent-To:\n c\n", "Resent-To:\n c\n" },
		{ "A: b\nresent-to: b\n c\nRESENT-X : y\nC: d\nResent-Cc: e\n",
		    "resent-to: b\n c\nRESENT-X : y\n" },
		{ "Resent-From: a\nResent-To: b\nResent-To: c\n"
		  "Resent-From: d\nResent-To: e\n",
		    "Resent-From: a\nResent-To: b\nResent-To: c\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = header_of(cases[i].header);
		size_t start, end;
		bool found = header_find_resent(&header, &start, &end);

		assert_int_equal(found, cases[i].block != NULL);
		if (found) {
			assert_int_equal(end - start, strlen(cases[i].block));
			assert_memory_equal(header.data + start, cases[i].block,
			    end - start);
		}
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classifies_lines),
		cmocka_unit_test(limits_the_length_of_names),
		cmocka_unit_test(returns_the_fields_in_order),
		cmocka_unit_test(finds_fields_in_any_spelling),
		cmocka_unit_test(removes_whole_fields),
		cmocka_unit_test(unfolds_values),
		cmocka_unit_test(adds_one_field_for_any_value),
		cmocka_unit_test(inserts_before_a_field),
		cmocka_unit_test(finds_the_current_resent_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
