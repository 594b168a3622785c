/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Untrusted text (base/text.h).  Input: an octet, the maximum length, and the
 * text.
 *
 *   - The cleaned text is printable, has at most `max` octets and "...", no
 *     blank at its start and no two blanks in a row.  The string before it is
 *     unchanged.
 *   - Cleaning it again changes nothing.
 *   - Printable text without runs of blanks is unchanged.
 *   - The predicates agree with a second implementation.
 *   - The distance of two words is symmetric, 0 only for equal words, and at
 *     most the length of the longer word.
 */
#include <errno.h>

#include "base/text.h"
#include "fuzz.h"

static const char before[] = "before: ";

static void
check_blanks(const char *text)
{
	fuzz_assert(text[0] != ' ');
	fuzz_assert(strstr(text, "  ") == NULL);
	fuzz_assert(strchr(text, '\t') == NULL);
}

static void
check_clean(const struct input *in, size_t max)
{
	struct str out = { 0 }, again = { 0 };
	char *copy = input_copy(in);
	size_t start = strlen(before), len;

	str_add(&out, before);
	text_clean(&out, copy, in->left, max);
	fuzz_assert(memcmp(out.data, before, start) == 0);
	len = out.len - start;
	fuzz_assert(strlen(out.data) == out.len);
	fuzz_assert(len <= max + strlen("..."));
	fuzz_assert(fuzz_is_printable(out.data + start, len));
	check_blanks(out.data + start);

	text_clean(&again, out.data + start, len, len);
	fuzz_assert(str_equal(&again, out.data + start));
	if (fuzz_is_printable(copy, in->left) && in->left <= max
	    && memmem(copy, in->left, "  ", 2) == NULL && in->left > 0
	    && copy[0] != ' ' && copy[in->left - 1] != ' '
	    && memchr(out.data + start, '?', len) == NULL)
		fuzz_assert(len == in->left
		    && memcmp(out.data + start, copy, len) == 0);
	str_free(&out);
	str_free(&again);
	free(copy);
}

static void
check_predicates(const struct input *in)
{
	const unsigned char *p = (const unsigned char *)in->at;
	bool safe = true, ascii = true, utf8 = true;
	uint32_t point;

	for (size_t i = 0; i < in->left; i++) {
		safe = safe && p[i] >= 32 && p[i] != 127;
		ascii = ascii && p[i] < 128;
	}
	for (size_t i = 0, count; utf8 && i < in->left; i += count) {
		count = fuzz_utf8(p + i, in->left - i, &point);
		utf8 = count > 0;
	}
	fuzz_assert(text_is_wire_safe(in->at, in->left) == safe);
	fuzz_assert(text_is_ascii(in->at, in->left) == ascii);
	fuzz_assert(text_is_utf8(in->at, in->left) == utf8);
}

static void
check_number(const char *text)
{
	unsigned long long number = 0, wanted;
	bool digits = text[0] != '\0', ok;

	for (const char *p = text; *p != '\0'; p++)
		digits = digits && *p >= '0' && *p <= '9';
	errno = 0;
	wanted = strtoull(text, NULL, 10);
	ok = digits && errno == 0;
	fuzz_assert(text_number(text, 0, UINT64_MAX, &number) == ok);
	fuzz_assert(!ok || number == wanted);
	ok = ok && wanted >= 3 && wanted <= 70000;
	fuzz_assert(text_number(text, 3, 70000, &number) == ok);
}

static void
check_words(const char *text)
{
	char *copy = strdup(text);
	const char *a = copy, *b = copy + strlen(copy);
	char *blank = strchr(copy, ' ');
	size_t distance, longer;

	if (blank != NULL) {
		*blank = '\0';
		b = blank + 1;
	}
	longer = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
	distance = text_distance(a, b);
	fuzz_assert(distance == text_distance(b, a));
	if (longer <= 40) {
		fuzz_assert(distance <= longer);
		fuzz_assert((distance == 0) == (strcmp(a, b) == 0));
	}
	fuzz_assert(text_equal_nocase(a, b) == (strcasecmp(a, b) == 0));
	free(copy);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	size_t max = input_octet(&in);
	char *text = input_text(&in), *shown = text_printable(text);

	check_clean(&in, max);
	check_clean(&in, TEXT_MAX);
	check_predicates(&in);
	check_number(text);
	check_words(text);
	fuzz_check_shown(shown);
	free(shown);
	free(text);
}
