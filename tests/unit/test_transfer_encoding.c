/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "decode.h"
#include "mail/message.h"
#include "mime/transfer_encoding.h"

/* Feeds the text in pieces of the given size. */
static void
change(enum transfer_change how, const char *text, size_t len, size_t piece,
    struct str *out)
{
	struct transfer t = { .change = how };
	size_t at = 0, given = piece;

	while (at < len) {
		size_t used;

		given = given > len - at ? len - at : given;
		used =
		    transfer_feed(&t, text + at, given, at + given == len, out);
		assert_true(used <= given);
		if (given >= TRANSFER_LOOKAHEAD)
			assert_true(used > 0);
		at += used;
		given = used > 0 ? piece : given + 1;
	}
}

static void
assert_change(enum transfer_change how, const char *before, const char *after)
{
	for (size_t piece = 1; piece <= strlen(before) + 1; piece++) {
		struct str out = { 0 };

		change(how, before, strlen(before), piece, &out);
		assert_string_equal(str_text(&out), after);
		str_free(&out);
	}
}

#define A10 "aaaaaaaaaa"
#define A70 A10 A10 A10 A10 A10 A10 A10

static void
encodes_quoted_printable(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "", "" },
		{ "plain text.\n", "plain text.\n" },
		{ "\303\244=\n", "=C3=A4=3D\n" },
		{ "a \nb\t\n \n", "a=20\nb=09\n=20\n" },
		{ "a ", "a=20" },
		{ "a b", "a b" },
		{ ".\n..x\na.b\n", "=2E\n=2E.x\na.b\n" },
		{ "From me\nFrom\n From x\n", "=46rom me\nFrom\n From x\n" },
		{ "\001\177\n", "=01=7F\n" },
		{ A70 "aaaaaa\n", A70 "aaaaaa\n" },
		{ A70 "aaaaaaa\n", A70 "aaaaa=\naa\n" },
		{ A70 "aaaa\303\n", A70 "aaaa=\n=C3\n" },
		{ A70 "aaa\303\n", A70 "aaa=C3\n" },
		{ A70 "aaaaaa", A70 "aaaaaa" },
		{ A70 "aaaaa.b\n", A70 "aaaaa=\n=2Eb\n" },
		{ A70 "aaaaaFrom x\n", A70 "aaaaa=\n=46rom x\n" },
		/* No line may become a delimiter. */
		{ A70 "aaaaa--b\n", A70 "aaaaa=\n=2D-b\n" },
		{ "--b=\n-\n-- \n a--b\n", "=2D-b=3D\n-\n=2D-=20\n a--b\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_change(TRANSFER_QUOTED_PRINTABLE, cases[i].before,
		    cases[i].after);
}

static void
encodes_base64_with_crlf(void **state)
{
	(void)state;
	assert_change(TRANSFER_BASE64, "", "");
	assert_change(TRANSFER_BASE64, "a\nb", "YQ0KYg==");
	assert_change(TRANSFER_BASE64, "\n", "DQo=");
	assert_change(TRANSFER_BASE64, A70,
	    "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"
	    "YWFhYWFh\nYWFhYWFhYWFhYWFhYQ==");
}

static void
repairs_quoted_printable(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "=C3=A4 x=\ny \n", "=C3=A4 x=\ny \n" },
		{ "\303\244=3D\n", "=C3=A4=3D\n" },
		{ "=\303\244\n", "=3D=C3=A4\n" },
		{ "=C\303\n", "=3DC=C3\n" },
		{ "=\n\303\n", "=\n=C3\n" },
		{ "=b=\303\n", "=3Db=3D=C3\n" },
		{ "==c3= \n\303\n", "=3D=c3= \n=C3\n" },
		{ "--b\303\n", "=2D-b=C3\n" },
		{ A70 "aaaaa--baaaaaa\n", A70 "aaaaa=\n=2D-baaaaaa\n" },
		{ A70 "aaaa=C3\n", A70 "aaaa=\n=C3\n" },
		{ A70 "aaaaa=\nb\n", A70 "aaaaa=\nb\n" },
		{ A70 A10 "\n", A70 "aaaaa=\naaaaa\n" },
		{ "=", "=" },
		{ "=A", "=A" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_change(TRANSFER_REPAIR_QUOTED, cases[i].before,
		    cases[i].after);
}

static void
repairs_base64(void **state)
{
	(void)state;
	assert_change(TRANSFER_REPAIR_BASE64, "YW\303Jj\n", "YW\303Jj\n");
	assert_change(TRANSFER_REPAIR_BASE64, A70 "aaaaaa\n", A70 "aaaaaa\n");
	assert_change(TRANSFER_REPAIR_BASE64, A70 A10 "\n",
	    A70 "aaaaaa\naaaa\n");
}

static void
keeps_octets(void **state)
{
	(void)state;
	assert_change(TRANSFER_KEEP, "a\303\244\nb", "a\303\244\nb");
}

/* Appends a line of `len` octets c, with the text `at` at `place`. */
static void
add_line(struct str *out, size_t len, char c, size_t place, const char *at)
{
	size_t start = out->len;

	while (out->len < start + len)
		str_add_char(out, c);
	memcpy(out->data + start + place, at, strlen(at));
}

static void
breaks_long_lines_at_blanks(void **state)
{
	static const struct {
		const char *what;
		size_t len, place;
		char c;
		const char *at;
		size_t first; /* number of octets before the first line end */
	} cases[] = {
		{ "within the limit", 998, 0, 'a', "", 998 },
		{ "no blank", 999, 0, 'a', "", 998 },
		{ "after a blank", 1200, 900, 'a', " ", 901 },
		{ "after several blanks", 1200, 900, 'a', "     ", 905 },
		{ "after the last blank", 1200, 990, 'a', " b c", 993 },
		{ "blank too far from the limit", 1200, 700, 'a', " ", 998 },
		{ "not before a dash", 1200, 900, 'a', " --x", 998 },
		{ "not before a dash without a blank either", 1200, 994, 'a',
		    "x------", 994 },
		{ "dashes only", 1200, 0, '-', "", 798 },
		{ "not inside a character", 1200, 996, 'a', "\360\237\230\200",
		    996 },
		{ "blanks only", 1200, 0, ' ', "", 998 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str line = { 0 }, out = { 0 };
		const char *lf;

		add_line(&line, cases[i].len, cases[i].c, cases[i].place,
		    cases[i].at);
		change(TRANSFER_BREAK_LINES, line.data, line.len, 4096, &out);
		lf = memchr(out.data, '\n', out.len);
		if ((lf == NULL ? out.len : (size_t)(lf - out.data))
		    != cases[i].first)
			fail_msg("%s: %zu", cases[i].what,
			    lf == NULL ? out.len : (size_t)(lf - out.data));
		str_free(&line);
		str_free(&out);
	}
}

/* Appends random octets, most of them with a special meaning. */
static void
add_octets(struct str *out, uint64_t *seed, size_t len)
{
	static const char often[] = "  \n\n=\t.F-a\303\377";

	while (len-- > 0) {
		unsigned r = next_random(seed);
		unsigned octet = r >> 8 & 255;

		if ((r & 3) == 0)
			str_add_char(out, often[octet % (sizeof(often) - 1)]);
		else if ((r & 63) == 1)
			str_add(out, "From ");
		else if ((r & 63) == 2)
			str_add(out, "\n--");
		else if (octet != '\r' && octet != '\0')
			str_add_char(out, (char)octet);
	}
}

static void
decodes_to_the_same_octets(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (size_t round = 0; round < 150; round++) {
		struct str text = { 0 };
		size_t pieces[] = { 1, 7, 1024, 32768,
			next_random(&seed) % 200 + 1 };

		add_octets(&text, &seed, next_random(&seed) % 3000);
		for (size_t i = 0; i < COUNT_OF(pieces); i++) {
			struct str quoted = { 0 }, packed = { 0 }, back = { 0 };

			change(TRANSFER_QUOTED_PRINTABLE, str_text(&text),
			    text.len, pieces[i], &quoted);
			decode_quoted(&back, str_text(&quoted), quoted.len);
			assert_int_equal(back.len, text.len);
			assert_memory_equal(str_text(&back), str_text(&text),
			    text.len);
			assert_true(
			    longest_line(str_text(&quoted), quoted.len) <= 76);
			assert_true(
			    text_is_ascii(str_text(&quoted), quoted.len));
			str_truncate(&back, 0);

			change(TRANSFER_BASE64, str_text(&text), text.len,
			    pieces[i], &packed);
			assert_true(decode_packed(&back, str_text(&packed),
			    packed.len));
			assert_int_equal(back.len, text.len);
			assert_memory_equal(str_text(&back), str_text(&text),
			    text.len);
			assert_true(
			    longest_line(str_text(&packed), packed.len) <= 76);
			str_free(&quoted);
			str_free(&packed);
			str_free(&back);
		}
		str_free(&text);
	}
}

static void
breaking_lines_only_adds_line_ends(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (size_t round = 0; round < 100; round++) {
		struct str text = { 0 };
		struct str out = { 0 };
		size_t piece = next_random(&seed) % 5000 + 1, at = 0;

		for (size_t i = next_random(&seed) % 20000; i > 0; i--) {
			unsigned r = next_random(&seed);

			str_add_char(&text,
			    (r & 2047) == 0      ? '\n'
				: (r & 255) == 1 ? ' '
				: (r & 3) == 2   ? '\303'
						 : (char)('a' + r % 26));
		}
		change(TRANSFER_BREAK_LINES, str_text(&text), text.len, piece,
		    &out);
		assert_true(
		    longest_line(str_text(&out), out.len) <= MESSAGE_LINE_MAX);
		for (size_t i = 0; i < out.len; i++) {
			if (at < text.len && out.data[i] == text.data[at])
				at++;
			else
				assert_int_equal(out.data[i], '\n');
		}
		assert_int_equal(at, text.len);
		str_free(&text);
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_quoted_printable),
		cmocka_unit_test(encodes_base64_with_crlf),
		cmocka_unit_test(repairs_quoted_printable),
		cmocka_unit_test(repairs_base64),
		cmocka_unit_test(keeps_octets),
		cmocka_unit_test(breaks_long_lines_at_blanks),
		cmocka_unit_test(decodes_to_the_same_octets),
		cmocka_unit_test(breaking_lines_only_adds_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
