/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Simple decoders that check the encoders, and a pseudo-random generator that
 * gives the same numbers in each run.
 */
#ifndef VEREDUS_TESTS_DECODE_H
#define VEREDUS_TESTS_DECODE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/str.h"

static inline unsigned
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(*seed >> 33);
}

/* Decodes quoted-printable text with LF; copies all other octets. */
static inline void
decode_quoted(struct str *out, const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '=') {
			str_add_char(out, text[i]);
		} else if (i + 1 < len && text[i + 1] == '\n') {
			i++;
		} else if (i + 2 < len) {
			long high = strchr(digits, text[i + 1]) - digits;
			long low = strchr(digits, text[i + 2]) - digits;

			str_add_char(out, (char)(high * 16 + low));
			i += 2;
		}
	}
}

/* Decodes base64 text with LF; CRLF in the result becomes LF. */
static inline bool
decode_packed(struct str *out, const char *text, size_t len)
{
	struct str joined = { 0 }, octets = { 0 };
	bool ok;

	for (size_t i = 0; i < len; i++)
		if (text[i] != '\n')
			str_add_char(&joined, text[i]);
	ok = base64_decode(&octets, str_text(&joined), joined.len);
	for (size_t i = 0; i < octets.len; i++)
		if (octets.data[i] != '\r')
			str_add_char(out, octets.data[i]);
	str_free(&joined);
	str_free(&octets);
	return ok;
}

/* The length of the longest line, in octets. */
static inline size_t
longest_line(const char *text, size_t len)
{
	size_t longest = 0, column = 0;

	for (size_t i = 0; i < len; i++) {
		column = text[i] == '\n' ? 0 : column + 1;
		longest = column > longest ? column : longest;
	}
	return longest;
}

#endif
