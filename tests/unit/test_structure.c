/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "mail/message.h"
#include "mime/structure.h"

/* Appends "H[...]", "C[...]", "P[...]" (ignored), "U[...]" (undivided) or
 * "D[...]" for each piece; "!" after the letter means protected. */
static void
walk(const char *header, const char *text, struct str *out)
{
	static const char letters[] = "HCPUD";
	struct str top = { 0 };
	struct buffer_file body = { 0 };
	struct mime_walk w;
	struct mime_piece piece;
	struct error err = { 0 };
	uint64_t at = 0;

	str_add(&top, header);
	assert_true(buffer_file_add(&body, text, strlen(text), &err));
	mime_walk_begin(&w, &top, &body);
	while (mime_walk_next(&w, &piece, &err)) {
		assert_int_equal(piece.start, at);
		at = piece.end;
		str_printf(out, "%c%s[%.*s]", letters[piece.kind],
		    piece.protected ? "!" : "", (int)(piece.end - piece.start),
		    text + piece.start);
	}
	assert_false(error_is_set(&err));
	assert_int_equal(at, body.size);
	mime_walk_end(&w);
	buffer_file_free(&body);
	str_free(&top);
}

#define MIXED "Content-Type: multipart/mixed; boundary=a\n"
#define SIGNED "Content-Type: multipart/signed; boundary=b\n"
#define INNER "Content-Type: multipart/mixed; boundary=b\n"
#define INNER2 "Content-Type: multipart/mixed; boundary=c\n"
#define RFC822 "Content-Type: message/rfc822\n"
#define DIGEST "Content-Type: multipart/digest; boundary=a\n"

static void
splits_a_body_into_pieces(void **state)
{
	static const struct {
		const char *header, *body, *expected;
	} cases[] = {
		{ "", "", "C[]" },
		{ "", "a\n--a\n", "C[a\n--a\n]" },
		{ MIXED, "", "U[]" },
		{ MIXED, "x\n--a\n\ny\n--a--\nz\n",
		    "P[x]D[\n--a\n]H[\n]C[y]D[\n--a--\n]P[z\n]" },
		{ MIXED, "--a\nX: y\n\nb\n\n--a  \n--a--",
		    "P[]D[--a\n]H[X: y\n\n]C[b\n]D[\n--a  \n]H[]C[]D[--a--]"
		    "P[]" },
		{ MIXED, "--a\n\n--ab\n --a\n--a-\n--a--b\n",
		    "P[]D[--a\n]H[\n]C[--ab\n --a\n--a-\n--a--b\n]" },
		{ MIXED, "--a\nno header\n--a--\n",
		    "P[]D[--a\n]H[]C[no header]D[\n--a--\n]P[]" },
		{ MIXED, "--a\nX: y\nno header\n",
		    "P[]D[--a\n]H[X: y\n]C[no header\n]" },
		{ MIXED, "--a\n" SIGNED "\np\n--b\n\nc\n--b--\ne\n--a\n\nd\n",
		    "P[]D[--a\n]H[" SIGNED "\n]P[p]D![\n--b\n]H![\n]C![c]"
		    "D![\n--b--\n]P[e]D[\n--a\n]H[\n]C[d\n]" },
		{ MIXED, "--a\n" SIGNED "\n--b\n\nc\n--a\n\nd\n",
		    "P[]D[--a\n]H[" SIGNED "\n]P[]D![--b\n]H![\n]C![c]"
		    "D![\n--a\n]H[\n]C[d\n]" },
		{ MIXED, "--a\nContent-Type: message/rfc822\n\nTo: x\n\nb\n",
		    "P[]D[--a\n]H[Content-Type: message/rfc822\n\n]H[To: x\n\n]"
		    "C[b\n]" },
		{ "Content-Type: message/rfc822\n", "From x\nTo: y\n\nb\n",
		    "H[From x\nTo: y\n\n]C[b\n]" },
		{ "Content-Type: message/rfc822\n", "From x\n y\nTo: z\n\nb\n",
		    "H[From x\n]C[ y\nTo: z\n\nb\n]" },
		{ DIGEST, "--a\n\nTo: x\n\nb\n--a\n\n" MIXED "\nc\n--a--\n",
		    "P[]D[--a\n]H[\n]H[To: x\n\n]C[b]D[\n--a\n]H[\n]"
		    "H[" MIXED "\n]U[c]D[\n--a--\n]P[]" },
		{ MIXED, "x\n--A\n\ny\n--a-\n", "U[x\n--A\n\ny\n--a-\n]" },
		{ MIXED, "x\n--a--\ny\n", "U[x\n--a--\ny\n]" },
		{ MIXED, "--a--\n--a\n\ny\n--a--\n--a\n\nz\n",
		    "U[--a--\n--a\n\ny\n--a--\n--a\n\nz\n]" },
		{ MIXED, "--a\n" SIGNED "\nx\n--a\n\ny\n",
		    "P[]D[--a\n]H[" SIGNED "\n]U![x]D![\n--a\n]H[\n]C[y\n]" },
		{ MIXED "Content-Transfer-Encoding: base64\n",
		    "--a\n\ny\n--a--\n",
		    "P[]D[--a\n]H[\n]C[y]D[\n--a--\n]P[]" },
		{ "Content-Type: application/pkcs7-mime\n", "x\n", "C![x\n]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str got = { 0 };

		walk(cases[i].header, cases[i].body, &got);
		assert_string_equal(str_text(&got), cases[i].expected);
		str_free(&got);
	}
}

/* Lines, delimiters and header sections cross the ends of blocks. */
static void
finds_delimiters_across_blocks(void **state)
{
	(void)state;
	for (size_t length = 65536 - 8; length < 65536 + 8; length++) {
		struct str body = { 0 }, top = { 0 };
		struct buffer_file store = { 0 };
		struct mime_walk w;
		struct mime_piece piece;
		struct error err = { 0 };
		size_t contents = 0, headers = 0;

		str_add(&top, MIXED);
		for (size_t part = 0; part < 3; part++) {
			str_add(&body, "--a\nX: y\n\n");
			for (size_t i = 0; i < length; i++)
				str_add_char(&body, i % 500 == 3 ? '\n' : '-');
			str_add_char(&body, '\n');
		}
		str_add(&body, "--a--\n");
		assert_true(buffer_file_add(&store, body.data, body.len, &err));
		mime_walk_begin(&w, &top, &store);
		while (mime_walk_next(&w, &piece, &err)) {
			headers += piece.kind == MIME_PIECE_HEADER;
			if (piece.kind != MIME_PIECE_CONTENT)
				continue;
			contents++;
			assert_int_equal(piece.end - piece.start, length);
			assert_false(piece.long_lines);
		}
		assert_int_equal(contents, 3);
		assert_int_equal(headers, 3);
		mime_walk_end(&w);
		buffer_file_free(&store);
		str_free(&body);
		str_free(&top);
	}
}

static void
counts_8_bit_octets_and_finds_long_lines(void **state)
{
	struct str body = { 0 }, top = { 0 };
	struct buffer_file store = { 0 };
	struct mime_walk w;
	struct mime_piece piece;
	struct error err = { 0 };

	(void)state;
	str_add(&top, MIXED);
	str_add(&body, "--a\n\n\303\244\n\303\n--a\n\n");
	for (size_t i = 0; i < MESSAGE_LINE_MAX + 1; i++)
		str_add_char(&body, 'x');
	str_add(&body, "\n--a--\n");
	assert_true(buffer_file_add(&store, body.data, body.len, &err));
	mime_walk_begin(&w, &top, &store);
	for (size_t i = 0; mime_walk_next(&w, &piece, &err); i++) {
		assert_int_equal(piece.count_8bit, i == 3 ? 3 : 0);
		assert_int_equal(piece.long_lines, i == 6);
	}
	mime_walk_end(&w);
	buffer_file_free(&store);
	str_free(&body);
	str_free(&top);
}

static void
limits_the_depth(void **state)
{
	struct str body = { 0 }, top = { 0 };
	struct buffer_file store = { 0 };
	struct mime_walk w;
	struct mime_piece piece;
	struct error err = { 0 };
	size_t headers = 0;

	(void)state;
	str_add(&top, MIXED);
	for (size_t i = 0; i < MIME_DEPTH_MAX * 2; i++)
		str_add(&body, "--a\n" MIXED "\n");
	str_add(&body, "x\n");
	assert_true(buffer_file_add(&store, body.data, body.len, &err));
	mime_walk_begin(&w, &top, &store);
	while (mime_walk_next(&w, &piece, &err)) {
		assert_true(w.depth <= MIME_DEPTH_MAX);
		headers += piece.kind == MIME_PIECE_HEADER;
	}
	assert_int_equal(headers, MIME_DEPTH_MAX * 2);
	mime_walk_end(&w);
	buffer_file_free(&store);
	str_free(&body);
	str_free(&top);
}

/* Returns the place of each content, and of what surrounds it. */
static void
names_the_part_of_a_piece(void **state)
{
	static const char body[] =
	    "--a\n\n1\n--a\n" INNER "\n--b\n\n2.1\n--b\n" RFC822 "\n" INNER2
	    "\n--c\n\n2.2.1\n--c--\n--b--\n"
	    "2\n--a--\ntop\n";
	static const char *const expected[] = { "the message", "part 1",
		"part 2", "part 2.1", "part 2.2", "part 2.2.1", "part 2.2",
		"part 2", "the message" };
	struct str top = { 0 };
	struct buffer_file store = { 0 };
	struct mime_walk w;
	struct mime_piece piece;
	struct error err = { 0 };
	size_t count = 0;

	(void)state;
	str_add(&top, MIXED);
	assert_true(buffer_file_add(&store, body, sizeof(body) - 1, &err));
	mime_walk_begin(&w, &top, &store);
	while (mime_walk_next(&w, &piece, &err)) {
		struct str place = { 0 };

		if (piece.kind != MIME_PIECE_CONTENT
		    && piece.kind != MIME_PIECE_IGNORED)
			continue;
		mime_walk_place(&w, &place);
		assert_true(count < COUNT_OF(expected));
		assert_int_equal(strncmp(str_text(&place), expected[count],
				     strlen(expected[count])),
		    0);
		assert_string_equal(str_text(&place) + strlen(expected[count]),
		    expected[count][0] == 'p' ? " of the message" : "");
		count++;
		str_free(&place);
	}
	assert_int_equal(count, COUNT_OF(expected));
	mime_walk_end(&w);
	buffer_file_free(&store);
	str_free(&top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_a_body_into_pieces),
		cmocka_unit_test(finds_delimiters_across_blocks),
		cmocka_unit_test(counts_8_bit_octets_and_finds_long_lines),
		cmocka_unit_test(limits_the_depth),
		cmocka_unit_test(names_the_part_of_a_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
