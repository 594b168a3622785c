/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "decode.h"
#include "mail/header.h"
#include "mail/header_encode.h"
#include "mail/message.h"

static void
add_times(struct str *out, const char *text, size_t times)
{
	while (times-- > 0)
		str_add(out, text);
}

/* Removes line ends before blanks and, with `blanks`, all blanks. */
static void
unfold(const struct str *header, bool blanks, struct str *out)
{
	for (size_t i = 0; i < header->len; i++) {
		if (blanks && header->data[i] == ' ')
			continue;
		if (header->data[i] == '\n' && i + 1 < header->len
		    && (header->data[i + 1] == ' '
			|| header->data[i + 1] == '\t'))
			continue;
		str_add_char(out, header->data[i]);
	}
}

static void
keeps_short_lines(void **state)
{
	struct str header = { 0 }, before = { 0 };

	(void)state;
	str_add(&header, "Subject: a\n b\nTo: x@y\n");
	add_times(&header, "X", 1);
	str_add(&header, ": ");
	add_times(&header, "a", MESSAGE_LINE_MAX - 3);
	str_add(&header, "\nA: b\n");
	str_append(&before, header.data, header.len);
	assert_false(header_fold(&header));
	assert_string_equal(header.data, before.data);
	str_free(&header);
	str_free(&before);
}

static void
folds_long_lines(void **state)
{
	static const struct {
		const char *name, *word;
		size_t times;
		bool broken, blanks;
	} cases[] = {
		{ "References: ", "<abcdefgh@example.org> ", 500, false,
		    false },
		{ "Subject: ", "a   \t", 1000, false, false },
		{ "To: ", "\"A\" <a@example.org>, ", 300, false, false },
		{ "To: ", "a@example.org,", 300, false, true },
		{ "X: ", "a", 5000, true, true },
		{ "X: ", " ", 5000, true, true },
		{ "Subject:", "\t", 1500, true, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 }, before = { 0 }, after = { 0 };
		struct header_field field;
		struct str kept = { 0 };
		size_t offset = 0, fields = 0;

		str_add(&header, "A: b\n");
		str_add(&header, cases[i].name);
		add_times(&header, cases[i].word, cases[i].times);
		str_add(&header, "\nB: c\n");
		str_append(&kept, header.data, header.len);
		assert_int_equal(header_fold(&header), cases[i].broken);
		assert_true(
		    longest_line(header.data, header.len) <= MESSAGE_LINE_MAX);
		assert_null(strstr(header.data, "\n \n"));
		while (header_next(&header, &offset, &field))
			fields++;
		assert_int_equal(fields, 3);
		if (strspn(cases[i].word, " \t") < strlen(cases[i].word)) {
			unfold(&kept, cases[i].blanks, &before);
			unfold(&header, cases[i].blanks, &after);
			assert_string_equal(after.data, before.data);
		}
		str_free(&header);
		str_free(&kept);
		str_free(&before);
		str_free(&after);
	}
}

/* A line end before the colon would leave a line that is no field. */
static void
never_folds_before_the_colon(void **state)
{
	static const char *const letters[] = { "a", "\303\244" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(letters); i++) {
		struct str header = { 0 };
		struct header_field field;
		size_t offset = 0;

		str_add(&header, "X");
		add_times(&header, " ", 700);
		str_add(&header, ":");
		add_times(&header, letters[i], 400);
		str_add(&header, "\n");
		header_fold(&header);
		assert_true(header_encode(&header, HEADER_ASCII, NULL));
		assert_memory_equal(header.data, "X:", 2);
		assert_true(header_next(&header, &offset, &field));
		assert_int_equal(offset, header.len);
		str_free(&header);
	}
}

/* A blank inside of a word, or a line end inside of "%E8", would change the
 * value. */
static void
encodes_text_that_cannot_be_folded(void **state)
{
	struct str header = { 0 }, text = { 0 };
	const char *word;

	(void)state;
	str_add(&header, "Subject: ");
	add_times(&header, "\344\270\255", 1000);
	str_add(&header, "\n");
	assert_false(header_fold(&header));
	assert_true(longest_line(header.data, header.len) <= 76);
	for (word = strstr(header.data, "=?"); word != NULL;
	     word = strstr(word, "=?")) {
		size_t len = strcspn(word, "\n");

		assert_memory_equal(word, "=?utf-8?B?", 10);
		assert_true(base64_decode(&text, word + 10, len - 12));
		word += len;
	}
	assert_int_equal(text.len, 3000);
	for (size_t i = 0; i < text.len; i += 3)
		assert_memory_equal(text.data + i, "\344\270\255", 3);
	str_free(&header);
	str_free(&text);
}

static void
splits_long_parameters(void **state)
{
	static const struct {
		const char *start, *word, *end;
		const char *first, *next; /* how the sections begin */
	} cases[] = {
		{ "Content-Type: a/b; name=\"", "word ", "\"; c=d\n",
		    "Content-Type: a/b;\n name*0=\"word ", ";\n name*1=\"" },
		{ "Content-Disposition: a; name=\"", "\303\244", "\"\n",
		    "Content-Disposition: a;\n name*0*=utf-8''%C3%A4",
		    ";\n name*1*=%C3%A4" },
		{ "Content-Disposition: a; name*=utf-8'de'", "%c3%A4", ";b\n",
		    "Content-Disposition: a;\n name*0*=utf-8'de'%C3%A4",
		    ";\n name*1*=%C3%A4" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };

		str_add(&header, cases[i].start);
		add_times(&header, cases[i].word, 500);
		str_add(&header, cases[i].end);
		assert_false(header_fold(&header));
		assert_true(longest_line(header.data, header.len) <= 76);
		assert_memory_equal(header.data, cases[i].first,
		    strlen(cases[i].first));
		assert_non_null(strstr(header.data, cases[i].next));
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_short_lines),
		cmocka_unit_test(folds_long_lines),
		cmocka_unit_test(never_folds_before_the_colon),
		cmocka_unit_test(encodes_text_that_cannot_be_folded),
		cmocka_unit_test(splits_long_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
