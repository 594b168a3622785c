/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "client/body.h"

/* Encodes octet by octet, for comparison. */
static void
reference(const char *text, size_t len, bool stuff, struct str *out)
{
	bool at_start = true;

	for (size_t i = 0; i < len; i++) {
		if (stuff && at_start && text[i] == '.')
			str_add_char(out, '.');
		if (text[i] == '\n')
			str_add_char(out, '\r');
		str_add_char(out, text[i]);
		at_start = text[i] == '\n';
	}
}

/* Decodes as a server does: removes stuffed dots and the CR of each CRLF. */
static void
unstuff(const struct str *wire, struct str *out)
{
	bool at_start = true;

	for (size_t i = 0; i < wire->len; i++) {
		char c = wire->data[i];

		if (at_start && c == '.' && i + 1 < wire->len)
			c = wire->data[++i];
		if (c == '\r' && i + 1 < wire->len && wire->data[i + 1] == '\n')
			c = wire->data[++i];
		str_add_char(out, c);
		at_start = c == '\n';
	}
}

static const char *const texts[] = {
	"",
	"\n",
	".\n",
	"..\n",
	"...\n.\n",
	"\n.\n\n..\n",
	"a.\n.b\n",
	"a line\n.leading dot\n..two\nmiddle . dot\n.\n\n.\n.",
	"no end",
	".",
	"\n\n\n\n",
	"x\n.",
};

static void
encodes_independently_of_block_boundaries(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		size_t len = strlen(texts[i]);

		for (size_t cut = 0; cut <= len; cut++) {
			for (size_t second = cut; second <= len; second++) {
				struct body_encoder encoder = { .stuff = true };
				struct str out = { 0 }, expected = { 0 };

				body_encode(&encoder, texts[i], cut, &out);
				body_encode(&encoder, texts[i] + cut,
				    second - cut, &out);
				body_encode(&encoder, texts[i] + second,
				    len - second, &out);
				reference(texts[i], len, true, &expected);
				assert_int_equal(out.len, expected.len);
				assert_string_equal(str_text(&out),
				    str_text(&expected));
				str_free(&out);
				str_free(&expected);
			}
		}
	}
}

static void
assert_encoded(const char *text, size_t len, bool stuff, size_t cut)
{
	struct body_encoder encoder = { .stuff = stuff };
	struct str out = { 0 }, expected = { 0 };
	/* The buffer has the exact size, so that sanitizers detect overruns. */
	char *first = malloc(cut > 0 ? cut : 1);
	char *second = malloc(len > cut ? len - cut : 1);

	assert_non_null(first);
	assert_non_null(second);
	memcpy(first, text, cut);
	memcpy(second, text + cut, len - cut);
	body_encode(&encoder, first, cut, &out);
	body_encode(&encoder, second, len - cut, &out);
	reference(text, len, stuff, &expected);
	assert_int_equal(out.len, expected.len);
	assert_memory_equal(str_text(&out), str_text(&expected), out.len);
	str_free(&out);
	str_free(&expected);
	free(first);
	free(second);
}

/* Line ends and leading dots occur at every position in a vector. */
static void
encodes_lines_of_every_length(void **state)
{
	(void)state;
	for (size_t line = 0; line < 70; line++) {
		for (size_t behind = 0; behind < 20; behind++) {
			struct str text = { 0 };

			for (size_t i = 0; i < line; i++)
				str_add_char(&text, i == 0 ? '.' : 'a');
			str_add(&text, "\n.\n");
			for (size_t i = 0; i < behind; i++)
				str_add_char(&text, '.');
			for (size_t cut = 0; cut <= text.len; cut++) {
				assert_encoded(text.data, text.len, true, cut);
				assert_encoded(text.data, text.len, false, cut);
			}
			str_free(&text);
		}
	}
}

static void
encodes_lines_longer_than_a_block(void **state)
{
	struct str text = { 0 };

	(void)state;
	str_add(&text, "short\n.");
	for (size_t i = 0; i < 3 * BODY_BLOCK; i++)
		str_add_char(&text, 'a');
	str_add(&text, "\n.short\n");
	for (size_t cut = 0; cut <= text.len; cut += BODY_BLOCK / 2 + 1)
		assert_encoded(text.data, text.len, true, cut);
	str_free(&text);
}

/* A generator with a fixed seed makes failures repeatable. */
static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static void
decoding_restores_the_input(void **state)
{
	static const char octets[] = "\n\n..aZ \x80";
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct body_encoder encoder = { .stuff = true };
		struct str text = { 0 }, wire = { 0 }, back = { 0 };
		size_t len = next_random(&seed) % 200;

		for (size_t i = 0; i < len; i++)
			str_add_char(&text, octets[next_random(&seed) % 8]);
		str_add_char(&text, '\n');
		for (size_t at = 0; at < text.len;) {
			size_t step = 1 + next_random(&seed) % 17;

			if (step > text.len - at)
				step = text.len - at;
			body_encode(&encoder, text.data + at, step, &wire);
			at += step;
		}
		unstuff(&wire, &back);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.data, text.data, text.len);
		str_free(&text);
		str_free(&wire);
		str_free(&back);
	}
}

static void
does_not_double_dots_for_bdat(void **state)
{
	struct body_encoder encoder = { .stuff = false };
	struct str out = { 0 };

	(void)state;
	body_encode(&encoder, ".\n..\n", 5, &out);
	assert_string_equal(str_text(&out), ".\r\n..\r\n");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_independently_of_block_boundaries),
		cmocka_unit_test(encodes_lines_of_every_length),
		cmocka_unit_test(encodes_lines_longer_than_a_block),
		cmocka_unit_test(decoding_restores_the_input),
		cmocka_unit_test(does_not_double_dots_for_bdat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
