/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/str.h"
#include "base/text.h"
#include "mail/encode.h"

static void
writes_names_as_phrases(void **state)
{
	static const struct {
		const char *name, *phrase; /* NULL: rejected */
	} cases[] = {
		{ "Alice", "Alice" },
		{ "Alice Carol", "Alice Carol" },
		{ "O'Neill-Smith", "O'Neill-Smith" },
		{ "Alice B. Carol", "\"Alice B. Carol\"" },
		{ "Carol, Alice", "\"Carol, Alice\"" },
		{ "(Cron Daemon)", "\"(Cron Daemon)\"" },
		{ "a \"b\" \\c", "\"a \\\"b\\\" \\\\c\"" },
		{ "a <b@x>", "\"a <b@x>\"" },
		{ "a  b", "\"a  b\"" },
		{ "  a\tb  ", "a b" },
		{ "=?utf-8?Q?a?=", "\"=?utf-8?Q?a?=\"" },
		{ "", NULL },
		{ "  ", NULL },
		{ "\r\n\001", NULL },
		{ "root\r\nBcc: a@x", "\"rootBcc: a@x\"" },
		{ "a\nb\rc", "abc" },
		{ "J\303\266rg", "=?utf-8?Q?J=C3=B6rg?=" },
		{ "J\303\266rg M.\r\nBcc: x",
		    "=?utf-8?Q?J=C3=B6rg_M=2EBcc=3A_x?=" },
		{ "J\366rg", "=?unknown-8bit?Q?J=F6rg?=" },
		{ "\320\220\320\221", "=?utf-8?B?0JDQkQ==?=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str out = { 0 };

		assert_int_equal(encode_phrase(&out, cases[i].name),
		    cases[i].phrase != NULL);
		assert_string_equal(str_text(&out),
		    cases[i].phrase == NULL ? "" : cases[i].phrase);
		str_free(&out);
	}
}

static void
cuts_long_names(void **state)
{
	char name[1000];
	struct str out = { 0 };

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_true(encode_phrase(&out, name));
	assert_int_equal(out.len, ENCODE_NAME_MAX);
	str_free(&out);
	/* The limit is inside a character. */
	memset(name, 'a', ENCODE_NAME_MAX - 1);
	strcpy(name + ENCODE_NAME_MAX - 1, "\342\202\254b");
	assert_true(encode_phrase(&out, name));
	assert_int_equal(out.len, ENCODE_NAME_MAX - 1);
	str_free(&out);
}

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" */
static void
decode_word(struct str *out, const char *word, size_t len)
{
	const char *text = memchr(word + 2, '?', len);
	size_t n = len - (size_t)(text + 3 - word) - 2;

	if (text[1] == 'B') {
		assert_true(base64_decode(out, text + 3, n));
		return;
	}
	for (const char *p = text + 3; p < text + 3 + n; p++) {
		char hex[3] = { 0 };

		if (*p != '=') {
			str_add_char(out, *p == '_' ? ' ' : *p);
			continue;
		}
		memcpy(hex, p + 1, 2);
		str_add_char(out, (char)strtol(hex, NULL, 16));
		p += 2;
	}
}

static void
assert_words(const char *text, size_t len)
{
	struct str out = { 0 }, all = { 0 };
	const char *word;

	encode_words(&out, text, len, NULL);
	word = str_text(&out);
	while (*word != '\0') {
		size_t n = strcspn(word, "\n");
		struct str one = { 0 };

		assert_true(n <= (word == out.data ? 60 : 75));
		assert_true(text_is_ascii(word, n));
		decode_word(&one, word, n);
		/* Each word has whole characters. */
		assert_int_equal(text_is_utf8(one.data, one.len),
		    strstr(word, "unknown") != word + 2);
		str_append(&all, one.data, one.len);
		str_free(&one);
		word += n;
		if (*word == '\n') {
			assert_memory_equal(word, "\n =?", 4);
			word += 2;
		}
	}
	assert_int_equal(all.len, len);
	assert_memory_equal(all.data, text, len);
	str_free(&all);
	str_free(&out);
}

static void
splits_words_between_characters(void **state)
{
	static const char *const characters[] = { "a", " ", "?", "\303\251",
		"\342\202\254", "\360\237\230\200" };

	(void)state;
	srandom(2047);
	for (int round = 0; round < 2000; round++) {
		struct str text = { 0 };
		long kinds = 1 + random() % (long)COUNT_OF(characters);

		str_add(&text, characters[5 - round % 6]);
		for (long n = random() % 90; n > 0; n--)
			str_add(&text, characters[5 - random() % kinds]);
		assert_words(text.data, text.len);
		str_free(&text);
	}
	assert_words("\377\376\375 abc", 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_names_as_phrases),
		cmocka_unit_test(cuts_long_names),
		cmocka_unit_test(splits_words_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
