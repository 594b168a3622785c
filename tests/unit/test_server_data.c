/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/attr.h"
#include "base/str.h"
#include "server/data.h"

/* The data of a client that did or did not send a CRLF before DATA. */
static const struct {
	bool crlf;
	const char *sent;
	const char *text; /* NULL: the data does not end */
	const char *rest; /* after the end of the data */
} cases[] = {
	{ true, "a\r\n.\r\nQUIT\r\n", "a\r\n", "QUIT\r\n" },
	{ true, ".\r\n", "", "" },
	{ true, "a\r\n..\r\n.\r\n", "a\r\n.\r\n", "" },
	{ true, "..a\r\n.b\r\n...c\r\n.\r\n", ".a\r\nb\r\n..c\r\n", "" },
	{ true, "a\r\n.", NULL, "" },
	{ true, "a\r\n.\r", NULL, "" },
	/* Some other programs accept these lines as the end of the data. */
	{ true, "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "" },
	{ true, "a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", "" },
	{ true, "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "" },
	{ true, "a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", "" },
	{ true, "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", "" },
	{ true, "a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "" },
	{ true, "a\r\n.\r\r\nb\r\n.\r\n", "a\r\n\r\r\nb\r\n", "" },
	{ true, "a\r\n. \r\nb\r\n.\r\n", "a\r\n \r\nb\r\n", "" },
	{ true, "a\n.\n", NULL, "" },
	{ true, ".\nb\r\n.\r\n", "\nb\r\n", "" },
	{ true, "a\n..b\r\n.\r\n", "a\n..b\r\n", "" },
	{ true, "a\r\r\n.\r\n", "a\r\r\n", "" },
	/* LF alone ends lines until the client sends a CRLF. */
	{ false, "a\n.\nQUIT\n", "a\n", "QUIT\n" },
	{ false, ".\n", "", "" },
	{ false, "a\n..\n.b\n.\n", "a\n.\nb\n", "" },
	{ false, "50%\r100%\n.\n", "50%\r100%\n", "" },
	{ false, "a\n.\r\nQUIT\r\n", "a\n", "QUIT\r\n" },
	{ false, "a\r\nb\n.\nc\r\n.\r\n", "a\r\nb\n.\nc\r\n", "" },
	{ false, "a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "" },
	{ false, "a\r\n.\n", NULL, "" },
	{ false, "a\n.", NULL, "" },
};

/* Decodes the data in pieces of that size. */
static bool
feed(bool crlf, const char *sent, size_t piece, struct str *text,
    size_t *used_total)
{
	struct data_decoder d = { .crlf = crlf, .line_start = true };
	size_t len = strlen(sent), there = 0, at = 0;

	while (!d.ended && at < len) {
		size_t used, got;

		if (there == at)
			there = at + piece < len ? at + piece : len;
		got = data_decoder_next(&d, sent + at, there - at, &used);
		str_append(text, sent + at, got);
		at += used;
		if (used > 0)
			continue;
		if (there == len)
			break;
		there++;
	}
	*used_total = at;
	return d.ended;
}

static void
finds_only_the_end_of_the_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (size_t piece = 1; piece < 20; piece++) {
			struct str text = { 0 };
			size_t used;
			bool ended = feed(cases[i].crlf, cases[i].sent, piece,
			    &text, &used);

			if (ended != (cases[i].text != NULL))
				fail_msg("case %zu, pieces of %zu: %s", i,
				    piece, ended ? "ended" : "did not end");
			if (ended) {
				assert_string_equal(str_text(&text),
				    cases[i].text);
				assert_string_equal(cases[i].sent + used,
				    cases[i].rest);
			}
			str_free(&text);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_only_the_end_of_the_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
