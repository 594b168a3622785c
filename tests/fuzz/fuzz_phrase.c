/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Display names in header fields (mail/encode.h).  Input: a name, as from -F or
 * the password database.
 *
 *   - For every name, "phrase <address>" is one address and one field: it has
 *     no control character, and every line end is followed by a blank.
 *   - The phrase decodes to the name without control characters and surrounding
 *     blanks, cut after ENCODE_NAME_MAX octets.
 *   - Encoded words have at most 75 octets, and lines at most 78 including the
 *     field name.  Each encoded word has whole characters.
 */
#include "base/base64.h"
#include "fuzz.h"
#include "mail/address.h"
#include "mail/encode.h"
#include "mail/token.h"

/* Returns the expected name, unless it is too long. */
static char *
clean_name(const char *name)
{
	char *clean = strdup(name), *to = clean;

	for (; *name != '\0'; name++) {
		char c = *name == '\t' ? ' ' : *name;

		if ((unsigned char)c >= 32 && c != 127
		    && (c != ' ' || to > clean))
			*to++ = c;
	}
	while (to > clean && to[-1] == ' ')
		to--;
	*to = '\0';
	return clean;
}

static void
check_same(const char *decoded_name, const char *name)
{
	size_t len = strlen(decoded_name);

	fuzz_assert_text(strncmp(decoded_name, name, len) == 0, decoded_name);
	fuzz_assert_text(name[len] == '\0' || strlen(name) > ENCODE_NAME_MAX,
	    decoded_name);
}

static void
check_lines(const struct str *phrase)
{
	const char *p = str_text(phrase);

	for (; *p != '\0'; p++) {
		fuzz_assert((unsigned char)*p >= 32 || *p == '\n');
		fuzz_assert(*p != 127);
		fuzz_assert(*p != '\n' || p[1] == ' ');
	}
	fuzz_assert(strlen(str_text(phrase)) == phrase->len);
}

/* The value of a hexadecimal digit of an encoded word. */
static unsigned
hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

static void
decode_q(const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '=' && i + 2 < len) {
			str_add_char(out,
			    (char)(hex(text[i + 1]) << 4 | hex(text[i + 2])));
			i += 2;
		} else {
			str_add_char(out, text[i] == '_' ? ' ' : text[i]);
		}
	}
}

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" */
static void
decode_word(const char *word, size_t len, struct str *out)
{
	const char *end = word + len - 2;
	const char *encoding = memchr(word + 2, '?', len - 2);

	fuzz_assert(len <= 75 && len > 8);
	fuzz_assert(memcmp(word, "=?", 2) == 0 && memcmp(end, "?=", 2) == 0);
	fuzz_assert(encoding != NULL && encoding + 3 <= end);
	fuzz_assert(encoding[2] == '?');
	if (encoding[1] == 'B' || encoding[1] == 'b')
		fuzz_assert(base64_decode(out, encoding + 3,
		    (size_t)(end - encoding - 3)));
	else
		decode_q(encoding + 3, (size_t)(end - encoding - 3), out);
}

static bool
is_utf8(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t point;

	for (size_t i = 0, count; i < len; i += count) {
		count = fuzz_utf8(p + i, len - i, &point);
		if (count == 0)
			return false;
	}
	return true;
}

static void
check_words(const struct str *phrase, const char *name)
{
	struct input in = { phrase->data, phrase->len };
	struct str decoded = { 0 };
	size_t first = strlen("From: "), before = 0;
	bool whole = strncmp(in.at, "=?utf-8?", 8) == 0;

	while (in.left > 0) {
		struct input line = input_split(&in, '\n');

		fuzz_assert(line.left + first <= 78);
		if (first == 0) {
			fuzz_assert(*line.at == ' ');
			line = (struct input){ line.at + 1, line.left - 1 };
		}
		decode_word(line.at, line.left, &decoded);
		fuzz_assert(!whole
		    || is_utf8(decoded.data + before, decoded.len - before));
		before = decoded.len;
		first = 0;
	}
	check_same(str_text(&decoded), name);
	str_free(&decoded);
}

/* A quoted string without its quotes and backslashes, or atoms. */
static void
decode_plain(const struct str *phrase, struct str *out)
{
	bool quoted = phrase->len >= 2 && phrase->data[0] == '"';
	size_t end = phrase->len - quoted;

	for (size_t i = quoted; i < end; i++) {
		if (quoted && phrase->data[i] == '\\' && i + 1 < end)
			i++;
		str_add_char(out, phrase->data[i]);
	}
}

/* Checks "phrase <address>", as in a header section. */
static void
check_field(const struct str *phrase, const char *name)
{
	bool words = strncmp(phrase->data, "=?", 2) == 0;
	struct address_list list = { 0 };
	struct str field = { 0 }, plain = { 0 };
	struct error err = { 0 };

	str_printf(&field, "%s <a@b.example>", phrase->data);
	fuzz_assert_text(address_parse(&list, field.data, field.len, &err),
	    field.data);
	fuzz_assert(list.count == 1);
	fuzz_assert(strcmp(list.items[0].text, "a@b.example") == 0);
	fuzz_assert(list.items[0].has_name);
	fuzz_assert(list.items[0].name_end == list.items[0].name_start);
	decode_plain(phrase, &plain);
	if (words)
		check_words(phrase, name);
	else
		check_same(str_text(&plain), name);
	address_list_free(&list);
	str_free(&field);
	str_free(&plain);
}

/* Checks the text as a display name that a program wrote without quotes. */
static void
check_written_name(const char *name)
{
	struct address_list list = { 0 };
	struct str phrase = { 0 }, again = { 0 };

	token_add_name(&phrase, name, strlen(name));
	token_add_name(&again, str_text(&phrase), phrase.len);
	fuzz_assert_text(str_equal(&again, str_text(&phrase)),
	    str_text(&phrase));
	for (size_t i = 0; i < phrase.len; i++)
		fuzz_assert((unsigned char)phrase.data[i] >= ' '
		    && phrase.data[i] != 127);
	str_add(&phrase, " <a@b.example>");
	/* Encoded words are kept as they are. */
	if (strstr(phrase.data, "=?") == NULL) {
		fuzz_assert_text(address_parse(&list, phrase.data, phrase.len,
				     NULL),
		    phrase.data);
		fuzz_assert(list.count == 1);
		fuzz_assert(strcmp(list.items[0].text, "a@b.example") == 0);
		fuzz_assert(list.items[0].name_end == list.items[0].name_start);
	}
	address_list_free(&list);
	str_free(&phrase);
	str_free(&again);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *name = input_text(&in), *clean = clean_name(name);
	struct str phrase = { 0 };
	bool any = encode_phrase(&phrase, name);

	fuzz_assert(any == (phrase.len > 0));
	fuzz_assert(
	    any == (clean[0] != '\0') || strlen(clean) > ENCODE_NAME_MAX);
	check_lines(&phrase);
	check_written_name(name);
	if (any)
		check_field(&phrase, clean);
	str_free(&phrase);
	free(clean);
	free(name);
}
