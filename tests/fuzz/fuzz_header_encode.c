/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoding of a header section (mail/header_encode.h).  Input: its lines; each
 * "~" is replaced by 300 letters.
 *
 *   - The result is ASCII with the same fields, and a second time nothing
 *     changes.
 *   - A reader finds the same octets in Subject.
 *   - Message-ID has no encoded-words.
 *   - For SMTPUTF8, the result is UTF-8, and a UTF-8 header section is kept.
 *   - Once it is folded, no line is too long.
 */
#include "base/base64.h"
#include "base/text.h"
#include "fuzz.h"
#include "mail/header.h"
#include "mail/header_encode.h"

static void
read_header(struct str *header, struct input *in)
{
	while (in->left > 0) {
		struct input line = input_split(in, '\n');
		struct str text = { 0 };

		for (; line.left > 0; line.left--, line.at++)
			for (int i = 0; i < (*line.at == '~' ? 300 : 1); i++)
				if (*line.at != '\0' && *line.at != '\r')
					str_add_char(&text,
					    *line.at == '~' ? 'x' : *line.at);
		if (header_accepts_line(header, str_text(&text), text.len)) {
			str_append(header, text.data, text.len);
			str_add_char(header, '\n');
		}
		str_free(&text);
	}
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, text_lower(c)) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static void
decode_q(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '=' && i + 2 < len && hex_value(text[i + 1]) >= 0
		    && hex_value(text[i + 2]) >= 0) {
			str_add_char(out,
			    (char)(hex_value(text[i + 1]) * 16
				+ hex_value(text[i + 2])));
			i += 2;
		} else {
			str_add_char(out, text[i] == '_' ? ' ' : text[i]);
		}
	}
}

/* Appends what the word stands for; returns whether it is an encoded-word. */
static bool
decode_word(struct str *out, const char *word, size_t len)
{
	const char *end = word + len, *first, *second;
	bool b;

	first = len > 7 && memcmp(word, "=?", 2) == 0
	    ? memchr(word + 2, '?', len - 2)
	    : NULL;
	second = first != NULL
	    ? memchr(first + 1, '?', (size_t)(end - first) - 1)
	    : NULL;
	b = second != NULL && text_lower(first[1]) == 'b';
	if (second == NULL || second != first + 2 || first == word + 2
	    || end - second < 3 || memcmp(end - 2, "?=", 2) != 0
	    || memchr(second + 1, '?', (size_t)(end - second) - 1) != end - 2
	    || !(b || text_lower(first[1]) == 'q')
	    || (b && !text_is_ascii(word, len)))
		goto plain;
	for (const char *p = word + 2; p < first; p++)
		if (strchr("()<>@,;:\"/[]?.=", *p) != NULL || *p <= ' '
		    || *p == 0x7f)
			goto plain;
	for (const char *p = second + 1; p < end; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			goto plain;
	second++;
	if (!b)
		decode_q(out, second, (size_t)(end - 2 - second));
	else if (!base64_decode(out, second, (size_t)(end - 2 - second)))
		str_append(out, word, len);
	return true;
plain:
	str_append(out, word, len);
	return false;
}

/* Appends what a reader shows (RFC 2047 section 6.2). */
static void
decode_text(struct str *out, const struct header_field *field)
{
	struct str value = { 0 };
	bool encoded = false;
	size_t i = 0;

	header_unfold(field, &value);
	while (i < value.len) {
		size_t before = out->len, start = i, blanks, word;
		struct str shown = { 0 };
		bool now;

		while (i < value.len && text_is_space(value.data[i]))
			i++;
		blanks = i - start;
		word = i;
		while (i < value.len && !text_is_space(value.data[i]))
			i++;
		now = decode_word(&shown, value.data + word, i - word);
		if (!now || !encoded)
			str_append(out, value.data + start, blanks);
		str_append(out, str_text(&shown), shown.len);
		encoded = now;
		str_free(&shown);
		fuzz_assert(out->len >= before);
	}
	str_free(&value);
}

static void
check_field(const struct header_field *before, const struct header_field *after)
{
	struct str shown = { 0 }, now = { 0 };

	fuzz_assert(before->name_len == after->name_len
	    && memcmp(before->start, after->start, before->name_len) == 0);
	if (header_field_is(before, "Subject")) {
		decode_text(&shown, before);
		decode_text(&now, after);
		fuzz_assert_text(shown.len == now.len
			&& memcmp(str_text(&shown), str_text(&now), now.len)
			    == 0,
		    after->start);
	}
	if (header_field_is(before, "Message-ID")
	    && memchr(before->value, '(', before->value_len) == NULL
	    && memmem(before->value, before->value_len, "=?", 2) == NULL)
		fuzz_assert(
		    memmem(after->value, after->value_len, "=?", 2) == NULL);
	str_free(&shown);
	str_free(&now);
}

static void
check_fields(const struct str *before, const struct str *after)
{
	struct header_field old, new;
	size_t old_offset = 0, new_offset = 0;

	while (header_next(before, &old_offset, &old)) {
		fuzz_assert(header_next(after, &new_offset, &new));
		check_field(&old, &new);
	}
	fuzz_assert(new_offset == after->len);
}

static bool
is_equal(const struct str *a, const struct str *b)
{
	return a->len == b->len
	    && memcmp(str_text(a), str_text(b), a->len) == 0;
}

static void
copy(struct str *to, const struct str *from)
{
	str_truncate(to, 0);
	str_append(to, str_text(from), from->len);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	struct str header = { 0 }, ascii = { 0 }, again = { 0 };

	read_header(&header, &in);
	copy(&ascii, &header);
	fuzz_assert(header_encode(&ascii, HEADER_ASCII, NULL));
	fuzz_assert(text_is_ascii(str_text(&ascii), ascii.len));
	check_fields(&header, &ascii);
	copy(&again, &ascii);
	fuzz_assert(header_encode(&again, HEADER_ASCII, NULL));
	fuzz_assert(is_equal(&again, &ascii));
	header_fold(&again);
	fuzz_assert(!header_is_long(&again));
	copy(&again, &header);
	fuzz_assert(header_encode(&again, HEADER_UTF8, NULL));
	fuzz_assert(text_is_utf8(str_text(&again), again.len));
	fuzz_assert(is_equal(&again, &header)
	    == text_is_utf8(str_text(&header), header.len));
	header_fold(&header);
	fuzz_assert(!header_is_long(&header));
	str_free(&header);
	str_free(&ascii);
	str_free(&again);
}
