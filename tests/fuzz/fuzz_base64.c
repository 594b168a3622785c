/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Base64 and xtext (base/base64.h, mail/dsn.h).  Input: octets, which are
 * both encoded and decoded.
 *
 *   - Encoded octets decode to the same octets.  The text has the alphabet and
 *     length of RFC 4648, or the characters of RFC 3461.
 *   - Decoded base64 encodes to the same text.
 *   - If decoding fails, the string is unchanged.
 */
#include "base/base64.h"
#include "base/text.h"
#include "fuzz.h"
#include "mail/dsn.h"

static const char before[] = "before";
static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
check_encoded(const char *text, size_t len, size_t octets)
{
	size_t letters = strspn(text, alphabet);

	fuzz_assert(len == (octets + 2) / 3 * 4 && strlen(text) == len);
	fuzz_assert(letters + strspn(text + letters, "=") == len);
	fuzz_assert(len - letters == (3 - octets % 3) % 3);
}

static void
check_base64_encode(const char *data, size_t len)
{
	struct str text = { 0 }, octets = { 0 };

	str_add(&text, before);
	base64_encode(&text, data, len);
	check_encoded(text.data + strlen(before), text.len - strlen(before),
	    len);
	str_add(&octets, before);
	fuzz_assert(base64_decode(&octets, text.data + strlen(before),
	    text.len - strlen(before)));
	fuzz_assert(octets.len == strlen(before) + len);
	fuzz_assert(
	    len == 0 || memcmp(octets.data + strlen(before), data, len) == 0);
	str_free(&text);
	str_free(&octets);
}

static void
check_base64_decode(const char *data, size_t len)
{
	struct str octets = { 0 }, text = { 0 };

	str_add(&octets, before);
	if (base64_decode(&octets, data, len)) {
		base64_encode(&text, octets.data + strlen(before),
		    octets.len - strlen(before));
		fuzz_assert(text.len == len);
		fuzz_assert(len == 0 || memcmp(text.data, data, len) == 0);
	} else {
		fuzz_assert(str_equal(&octets, before));
	}
	fuzz_assert(octets.data[octets.len] == '\0');
	str_free(&octets);
	str_free(&text);
}

/* xchar = %d33-42 / %d44-60 / %d62-126, without "+" and "=" */
static bool
is_xtext(const struct str *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] < 33 || text->data[i] > 126
		    || text->data[i] == '=')
			return false;
	return true;
}

static bool
is_printable_ascii(const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < 32 || data[i] > 126)
			return false;
	return true;
}

static void
check_xtext_encode(const char *data, size_t len)
{
	struct str text = { 0 }, octets = { 0 };

	dsn_encode_xtext(&text, data, len);
	fuzz_assert(is_xtext(&text) && text.len <= 3 * len);
	fuzz_assert(dsn_decode_xtext(&octets, str_text(&text))
	    == is_printable_ascii(data, len));
	if (octets.len > 0)
		fuzz_assert(
		    octets.len == len && memcmp(octets.data, data, len) == 0);
	str_free(&text);
	str_free(&octets);
}

static void
check_xtext_decode(const char *text)
{
	struct str octets = { 0 };

	str_add(&octets, before);
	if (dsn_decode_xtext(&octets, text))
		fuzz_assert(is_printable_ascii(octets.data, octets.len)
		    && octets.len <= strlen(before) + strlen(text));
	else
		fuzz_assert(str_equal(&octets, before));
	str_free(&octets);
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	char *copy = input_copy(&in), *text = input_text(&in);

	check_base64_encode(copy, size);
	check_base64_decode(copy, size);
	check_xtext_encode(copy, size);
	check_xtext_decode(text);
	free(copy);
	free(text);
}
