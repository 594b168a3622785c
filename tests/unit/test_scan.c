/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "mail/scan.h"

/* The length exceeds the number of octets after which the partial counts are
 * added up. */
#define LENGTH_MAX ((size_t)9000)

/* The reference implementation scans one octet at a time. */
static bool
expect(struct scan *s, const char *data, size_t len)
{
	bool dot = false;

	for (size_t i = 0; i < len; i++) {
		s->lines += data[i] == '\n';
		s->has_8bit |= (unsigned char)data[i] > 127;
		dot |= data[i] == '\n' && data[i + 1] == '.';
	}
	return dot;
}

/* Only scan_with_dots() may read data[len]. */
static void
assert_scanned(const char *data, size_t len)
{
	struct scan x = { 0 }, with_dots = { 0 }, plain = { 0 };
	bool dot = expect(&x, data, len);
	char *copy = malloc(len + 1);

	assert_non_null(copy);
	memcpy(copy, data, len + 1);
	assert_int_equal(scan_with_dots(&with_dots, copy, len), dot);
	assert_int_equal(with_dots.lines, x.lines);
	assert_int_equal(with_dots.has_8bit, x.has_8bit);
	scan_octets(&plain, copy + 1, len);
	x = (struct scan){ 0 };
	(void)expect(&x, data + 1, len);
	assert_int_equal(plain.lines, x.lines);
	assert_int_equal(plain.has_8bit, x.has_8bit);
	free(copy);
}

static void
finds_a_line_dot_at_every_position(void **state)
{
	(void)state;
	for (size_t len = 2; len < 200; len++) {
		for (size_t at = 0; at + 1 <= len; at++) {
			char data[202];

			memset(data, 'a', sizeof(data));
			data[at] = '\n';
			assert_scanned(data, len);
			data[at + 1] = '.';
			assert_scanned(data, len);
			data[at] = '\t';
			assert_scanned(data, len);
		}
	}
}

static void
finds_an_octet_over_127_at_every_position(void **state)
{
	(void)state;
	for (size_t len = 1; len < 200; len++) {
		for (size_t at = 0; at < len; at++) {
			char data[202] = { 0 };

			data[at] = '\x80';
			assert_scanned(data, len);
			data[at] = '\x7f';
			assert_scanned(data, len);
		}
	}
}

static void
counts_a_block_of_line_ends(void **state)
{
	char *data = malloc(LENGTH_MAX + 2);

	(void)state;
	assert_non_null(data);
	memset(data, '\n', LENGTH_MAX + 2);
	for (size_t len = 4000; len < LENGTH_MAX; len += 13)
		assert_scanned(data, len);
	free(data);
}

static void
agrees_with_the_reference_on_random_text(void **state)
{
	static const char octets[] = "\n.ab\xff\n..";
	unsigned seed = 1;
	char *data = malloc(LENGTH_MAX + 2);

	(void)state;
	assert_non_null(data);
	for (size_t round = 0; round < 300; round++) {
		unsigned kinds = round % 3 == 0 ? 8 : round % 3 == 1 ? 1 : 5;

		for (size_t i = 0; i < LENGTH_MAX + 2; i++) {
			seed = seed * 1103515245u + 12345u;
			data[i] = octets[(seed >> 16) % kinds];
		}
		assert_scanned(data, (seed >> 8) % LENGTH_MAX);
	}
	free(data);
}

static void
adds_to_an_earlier_scan(void **state)
{
	struct scan s = { .lines = 40, .has_8bit = true };

	(void)state;
	scan_octets(&s, "a\nb\n", 4);
	assert_false(scan_with_dots(&s, "a\nb.", 3));
	assert_true(scan_with_dots(&s, "a\n.", 2));
	assert_int_equal(s.lines, 44);
	assert_true(s.has_8bit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_line_dot_at_every_position),
		cmocka_unit_test(finds_an_octet_over_127_at_every_position),
		cmocka_unit_test(counts_a_block_of_line_ends),
		cmocka_unit_test(agrees_with_the_reference_on_random_text),
		cmocka_unit_test(adds_to_an_earlier_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
