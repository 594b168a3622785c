/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The first octets of a message, and NULs in its header section. */
#include "unit.h"

#include <string.h>

#include "mail/read_message.h"

static void
drops_a_mark_and_rejects_utf16(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *header; /* NULL: the message is in UTF-16 */
	} cases[] = {
		{ "\xef\xbb\xbf", 3, "" },
		{ "\xef\xbb\xbf"
		  "A: b\n\nc\n",
		    11, "A: b\n" },
		{ "\xef\xbb\xbf"
		  "From x\nA: b\n\n",
		    16, "A: b\n" },
		{ "A: \xef\xbb\xbf\n\nc\n", 10, "A: \xef\xbb\xbf\n" },
		{ "A:\n", 3, "A:\n" },
		{ "\xff\xfe"
		  "A\0:\0\n\0",
		    8, NULL },
		{ "\xfe\xff", 2, NULL },
		{ "A\0:\0\n\0", 6, NULL },
		{ "\0A\0:\0\n", 6, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * 6; i++) {
		size_t len = cases[i / 6].len, piece = i % 6 + 1;
		struct message m = { 0 };
		struct message_reader r;
		struct error err = { 0 };
		char text[64];
		bool ok = true;

		piece = piece == 6 ? len : piece;
		memcpy(text, cases[i / 6].text, len);
		message_reader_begin(&r, &m, false);
		for (size_t at = 0; ok && at < len; at += piece)
			ok = message_reader_feed(&r, text + at,
			    len - at < piece ? len - at : piece, &err);
		ok = ok && message_reader_end(&r, &err);
		assert_int_equal(ok, cases[i / 6].header != NULL);
		if (ok)
			assert_string_equal(str_text(&m.header),
			    cases[i / 6].header);
		else
			assert_non_null(strstr(err.text, "UTF-16"));
		error_free(&err);
		message_reader_free(&r);
		message_free(&m);
	}
}

static void
remembers_a_field_with_addresses_and_a_nul(void **state)
{
	static const struct {
		const char *text; /* "$" is a NUL */
		const char *field;
	} cases[] = {
		{ "To: a@x\n\n$", NULL },
		{ "Subject: $\nTo: a@x\n\nx\n", NULL },
		{ "To: a$@x\n\n", "To" },
		{ "$To: a@x\n\n", "To" },
		{ "t$o: a@x\n\n", "To" },
		{ "To: a@x$\n\n", "To" },
		{ "To: a@x\r$\n\n", "To" },
		{ "To: a@x\n $b\nX: y\n\n", "To" },
		{ "To: a@x\n$ b\nX: y\n\n", "To" },
		{ "To: a@x\n$X: y\n\n", NULL },
		{ "To: a@x\n$\nb: c\n", NULL },
		{ "To: a@x\n\nCc: $\n", NULL },
		{ "To: a@x$", "To" },
		{ "X: $\nBCC : $$\nTo: $\n\n", "Bcc" },
		{ "From: $\n\n", "From" },
		{ "Sender: $\n\n", "Sender" },
		{ "Cc: $\n\n", "Cc" },
		{ "Apparently-To: $\n\n", "Apparently-To" },
		{ "Resent-Cc: $\n\n", "Resent-Cc" },
		{ "Resent-From: $\n\n", "Resent-From" },
		{ ">From $\nTo: a\n\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * 3; i++) {
		size_t len = strlen(cases[i / 3].text), piece = i % 3 + 1;
		struct message m = { 0 };
		struct message_reader r;
		char text[64];

		memcpy(text, cases[i / 3].text, len);
		for (size_t k = 0; k < len; k++)
			text[k] = text[k] == '$' ? '\0' : text[k];
		piece = piece == 3 ? len : piece;
		message_reader_begin(&r, &m, false);
		for (size_t at = 0; at < len; at += piece)
			assert_true(message_reader_feed(&r, text + at,
			    len - at < piece ? len - at : piece, NULL));
		assert_true(message_reader_end(&r, NULL));
		if (cases[i / 3].field == NULL)
			assert_null(m.nul_field);
		else
			assert_string_equal(m.nul_field, cases[i / 3].field);
		message_reader_free(&r);
		message_free(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_a_mark_and_rejects_utf16),
		cmocka_unit_test(remembers_a_field_with_addresses_and_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
