/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes and decodes base64; the decoder accepts only canonical input. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct str *out, const void *data, size_t len)
{
	const unsigned char *in = data;
	char *p = str_reserve(out, (len + 2) / 3 * 4);
	char *start = p;

	for (; len >= 3; in += 3, len -= 3) {
		*p++ = alphabet[in[0] >> 2];
		*p++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*p++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*p++ = alphabet[in[2] & 63];
	}
	if (len > 0) {
		unsigned second = len > 1 ? in[1] : 0;

		*p++ = alphabet[in[0] >> 2];
		*p++ = alphabet[(in[0] & 3u) << 4 | second >> 4];
		*p++ = len > 1 ? alphabet[(second & 15u) << 2] : '=';
		*p++ = '=';
	}
	*p = '\0';
	out->len += (size_t)(p - start);
}

/* The value of a base64 digit, or -1 for any other character. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes 4 characters into 1 to 3 octets; returns 0 if they are invalid. */
static size_t
decode_quartet(const char *in, unsigned char octets[3])
{
	size_t padding =
	    (size_t)(in[3] == '=') + (in[2] == '=' && in[3] == '=');
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i < 4 - padding ? value_of(in[i]) : 0;

		if (value < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value;
	}
	octets[0] = (unsigned char)(bits >> 16);
	octets[1] = (unsigned char)(bits >> 8);
	octets[2] = (unsigned char)bits;
	/* The unused bits before the padding must be zero. */
	if ((padding >= 1 && octets[2] != 0)
	    || (padding == 2 && octets[1] != 0))
		return 0;
	return 3 - padding;
}

bool
base64_decode(struct str *out, const char *text, size_t len)
{
	size_t before = out->len;

	if (len % 4 != 0)
		return false;
	str_reserve(out, len / 4 * 3);
	for (size_t i = 0; i < len; i += 4) {
		unsigned char octets[3];
		size_t count = decode_quartet(text + i, octets);

		if (count == 0 || (count < 3 && i + 4 < len)) {
			out->len = before;
			out->data[before] = '\0';
			return false;
		}
		memcpy(out->data + out->len, octets, count);
		out->len += count;
	}
	out->data[out->len] = '\0';
	return true;
}
