/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "mail/exact.h"
#include "mail/read_message.h"

/* Reads header section and body in pieces, and keeps the octets of the body. */
static void
read_message(struct message *m, const char *text, size_t len, bool dot_ends,
    size_t piece)
{
	struct message_reader in;
	struct error err = { 0 };

	message_reader_begin(&in, m, dot_ends);
	in.exact = EXACT_IF_NEEDED;
	for (size_t at = 0; at < len; at += piece) {
		size_t part = len - at < piece ? len - at : piece;
		char *copy = malloc(part);

		memcpy(copy, text + at, part);
		assert_true(message_reader_feed(&in, copy, part, &err));
		free(copy);
	}
	assert_true(message_reader_end(&in, &err));
	message_reader_free(&in);
}

#define TEXT(t) t, sizeof(t) - 1
#define LABEL "X: Binary\n\n"

static void
keeps_the_octets_if_a_part_may_be_binary(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool dot_ends;
		const char *exact; /* NULL: not kept */
		size_t exact_len;
	} cases[] = {
		{ TEXT(LABEL "\0\r\n\r\n"), false, TEXT("\0\r\n\r\n") },
		{ TEXT(LABEL "a\nb"), false, TEXT("a\nb") },
		{ TEXT(LABEL "a\n"), true, TEXT("a\n") },
		{ TEXT(LABEL "a\n.."), true, TEXT("a\n.") },
		{ TEXT(LABEL "a\n.\nb"), true, TEXT("a\n") },
		{ TEXT(LABEL), false, TEXT("") },
		{ TEXT("X: y\n\nbinary\n"), false, NULL, 0 },
		{ TEXT("X: y\n\n\0\r\n"), false, NULL, 0 },
		{ TEXT("X: y\n\nbinAry\n\0\r\n"), false,
		    TEXT("binAry\n\0\r\n") },
		{ TEXT("X: y\r\n\r\nbinary\r\n"), false, TEXT("binary\r\n") },
		{ TEXT(LABEL "\0\n.\n"), false, TEXT("\0\n.\n") },
		{ TEXT(LABEL "\0\n.\nx\r\n"), true, TEXT("\0\n") },
		{ TEXT(LABEL "\0\n.\r\0\r\nx\r\n"), true, TEXT("\0\n") },
		{ TEXT(LABEL "\0\n..\n.x\n.\0.y\n.\r.\n"), true,
		    TEXT("\0\n.\n.x\n\0.y\n.\r.\n") },
		{ TEXT(LABEL "\0\n."), true, TEXT("\0\n") },
		{ TEXT(LABEL ".\0\r\n\n"), true, TEXT("") },
		{ TEXT(LABEL "\0\n\0.\0\n"), true, TEXT("\0\n\0") },
		{ TEXT("X: binary\ny\0\r\n"), false, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 };

		read_message(&m, cases[i].text, cases[i].len, cases[i].dot_ends,
		    cases[i].len);
		if (m.has_exact != (cases[i].exact != NULL))
			fail_msg("case %zu", i);
		assert_int_equal(m.exact.size, cases[i].exact_len);
		if (cases[i].exact_len > 0)
			assert_memory_equal(m.exact.memory.data, cases[i].exact,
			    cases[i].exact_len);
		message_free(&m);
	}
}

/* Stores for each octet whether the normal form has one for it; returns the sum.
 */
static size_t
find_counterparts(const char *octets, size_t len, bool *has)
{
	size_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		size_t next = i + 1;

		while (next < len
		    && (octets[next] == '\0' || octets[next] == '\r'))
			next++;
		has[i] = octets[i] != '\0'
		    && (octets[i] != '\r'
			|| (next < len && octets[next] != '\n'));
		sum += has[i];
	}
	return sum;
}

/* Every piece of the normal form is found in the octets. */
static void
finds_the_octets_of_any_piece(void **state)
{
	static const char kinds[] = "\0\r\n.x";
	uint64_t seed = 3;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		struct message m = { 0 };
		struct str text = { 0 };
		struct exact_cursor c;
		struct error err = { 0 };
		bool has[64];
		size_t count, at = 0, normal = 0;

		str_add(&text, LABEL);
		str_add(&text, round % 2 ? "" : "\r\n");
		for (size_t i = next_random(&seed) % 40; i > 0; i--)
			str_add_char(&text, kinds[next_random(&seed) % 5]);
		str_append(&text, "\0", 1);
		read_message(&m, text.data, text.len, round % 3 == 0,
		    1 + next_random(&seed) % text.len);
		assert_true(m.has_exact || m.body.size == 0);
		count = find_counterparts(str_text(&m.exact.memory),
		    (size_t)m.exact.size, has);
		assert_in_range(m.body.size, count, count + 1);
		exact_cursor_begin(&c, &m.exact);
		while (normal < count) {
			size_t step = 1 + next_random(&seed) % 4;

			assert_true(exact_cursor_skip(&c, step, &err));
			for (normal += step; at < m.exact.size && step > 0;
			     at++)
				step -= has[at];
			if (step == 0)
				assert_int_equal(c.at, at);
			else
				assert_int_equal(c.at, m.exact.size);
		}
		exact_cursor_end(&c);
		str_free(&text);
		message_free(&m);
	}
}

static void
divides_octets_and_line_end(void **state)
{
	static const struct {
		const char *octets;
		size_t len, skip;
		bool is_crlf;
		size_t at;
	} cases[] = {
		{ TEXT("a\n"), 1, false, 1 },
		{ TEXT("a\r\n"), 1, false, 2 },
		{ TEXT("a\r\n"), 1, true, 1 },
		{ TEXT("a\r\r\n"), 1, true, 2 },
		{ TEXT("a\r\0\n"), 1, true, 3 },
		{ TEXT("a\0\rb"), 1, true, 2 },
		{ TEXT("a\0\r"), 1, true, 3 },
		{ TEXT("a\0"), 1, false, 2 },
		{ TEXT(""), 0, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buffer_file octets = { 0 };
		struct exact_cursor c;
		struct error err = { 0 };

		assert_true(buffer_file_add(&octets, cases[i].octets,
		    cases[i].len, &err));
		exact_cursor_begin(&c, &octets);
		assert_true(exact_cursor_skip(&c, cases[i].skip, &err));
		assert_true(exact_cursor_skip_rest(&c, cases[i].is_crlf, &err));
		if (c.at != cases[i].at)
			fail_msg("case %zu: %d", i, (int)c.at);
		exact_cursor_end(&c);
		buffer_file_free(&octets);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_octets_if_a_part_may_be_binary),
		cmocka_unit_test(finds_the_octets_of_any_piece),
		cmocka_unit_test(divides_octets_and_line_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
