/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "mail/charset.h"
#include "mail/declared_charset.h"

static void
reads_the_charset_that_content_type_declares(void **state)
{
	static const struct {
		const char *header, *charset; /* NULL: none */
	} cases[] = {
		{ "Content-Type: text/plain; charset=iso-8859-1\n",
		    "iso-8859-1" },
		{ "content-type: text/plain;\n\tCharset = \"KOI8-R\" (x); a=b\n",
		    "KOI8-R" },
		{ "Content-Type: text/plain; x=\"; charset=a\"; charset=b\n",
		    "b" },
		{ "Content-Type: text/plain (; charset=a); charset=b\n", "b" },
		{ "Content-Type: text/plain; charset=b; charset=c\n", "b" },
		{ "Content-Type: text/plain; charset\n", NULL },
		{ "Content-Type: text/plain; charset=\n", NULL },
		{ "Content-Type: text/plain; charset=\"a b\"\n", NULL },
		{ "Content-Type: text/plain; charset=a?b\n", NULL },
		{ "Content-Type: text/plain; charset=\303\244\n", NULL },
		{ "Content-Type: text/plain; charset=UTF-8\n", NULL },
		{ "Content-Type: text/plain; charset=US-ASCII\n", NULL },
		{ "Content-Type: text/plain; charset=unknown-8bit\n", NULL },
		{ "Content-Type: text/plain; charset="
		  "a2345678901234567890123456789012345678901234567\n",
		    NULL },
		{ "Subject: charset=x\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };
		char *charset;

		str_add(&header, cases[i].header);
		charset = charset_declared(&header);
		if (cases[i].charset == NULL)
			assert_null(charset);
		else
			assert_string_equal(charset, cases[i].charset);
		free(charset);
		str_free(&header);
	}
}

static void
measures_characters(void **state)
{
	static const struct {
		const char *charset, *text;
		size_t len;
	} cases[] = {
		{ "utf-8", "a\303\244", 1 },
		{ "UTF-8", "\303\244a", 2 },
		{ "utf-8", "\360\237\230\200a", 4 },
		{ "utf-8", "\303a", 1 },
		{ "iso-8859-1", "\344\344", 1 },
		{ "euc-jp", "\244\242a", 2 },
		{ "EUC-JP", "\217\242\257a", 3 },
		{ "euc-jp", "\216\261a", 2 },
		{ "euc-jp", "a\244\242", 1 },
		{ "shift_jis", "\202\240a", 2 },
		{ "shift_jis", "\261a", 1 },
		{ "gb18030", "\272\272a", 2 },
		{ "gb18030", "\2010\2010a", 4 },
		{ "gbk", "\2010\2010a", 2 },
		{ "big5", "\244\244a", 2 },
		/* The text ends in the middle of a character. */
		{ "big5", "\244", 1 },
		{ "gb18030", "\2010\201", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(charset_character(cases[i].charset,
				     cases[i].text, strlen(cases[i].text)),
		    cases[i].len);
}

static void
converts_latin_letters_only(void **state)
{
	static const struct {
		const char *text, *charset, *converted; /* NULL: impossible */
	} cases[] = {
		{ "b\303\274cher", NULL, "b\303\274cher" },
		{ "b\374cher", "ISO-8859-1", "b\303\274cher" },
		{ "b\374cher", "windows-1252", "b\303\274cher" },
		{ "b\374cher", "iso-8859-2", NULL },
		{ "b\374cher", NULL, NULL },
		{ "\200\374", "windows-1252", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str out = { 0 };

		assert_int_equal(charset_to_utf8(&out, cases[i].text,
				     strlen(cases[i].text), cases[i].charset),
		    cases[i].converted != NULL);
		assert_string_equal(str_text(&out),
		    cases[i].converted == NULL ? "" : cases[i].converted);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_charset_that_content_type_declares),
		cmocka_unit_test(measures_characters),
		cmocka_unit_test(converts_latin_letters_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
