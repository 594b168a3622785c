/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Searches in one pass, and in what was read before only once. */
#include "mail/binary_label.h"

#include <string.h>

#include "base/text.h"

static const char binary_word[] = "binary";

/* Whether the octets begin with "binary", in any case and with NULs in it. */
static bool
begins_with_word(const char *data, size_t len)
{
	size_t found = 0;

	if (*data == '\0')
		return false;
	for (size_t i = 0; i < len && found < BINARY_LABEL_LEN; i++) {
		if (data[i] == '\0')
			continue;
		if (text_lower(data[i]) != binary_word[found])
			return false;
		found++;
	}
	return found == BINARY_LABEL_LEN;
}

/* Octets that the word can have. */
static const bool in_word[256] = {
	['\0'] = true,
	['a'] = true,
	['b'] = true,
	['i'] = true,
	['n'] = true,
	['r'] = true,
	['y'] = true,
	['A'] = true,
	['B'] = true,
	['I'] = true,
	['N'] = true,
	['R'] = true,
	['Y'] = true,
};

/* An octet that the word cannot have rules out all words across it. */
bool
binary_label_in(const char *data, size_t len)
{
	size_t i = 0;

	while (i + BINARY_LABEL_LEN <= len) {
		const char *at = data + i;

		if (!in_word[(unsigned char)at[BINARY_LABEL_LEN - 1]]) {
			i += BINARY_LABEL_LEN;
			continue;
		}
		if (begins_with_word(at, len - i))
			return true;
		i++;
	}
	return false;
}

bool
binary_label_across(const char *first, size_t first_len, const char *data,
    size_t len)
{
	char edge[2 * BINARY_LABEL_LEN];
	size_t count =
	    first_len < BINARY_LABEL_LEN ? first_len : BINARY_LABEL_LEN;

	memcpy(edge, first + first_len - count, count);
	for (size_t i = 0; i < len && count < sizeof(edge); i++)
		if (data[i] != '\0')
			edge[count++] = data[i];
	return binary_label_in(edge, count);
}

bool
binary_label_in_body(const struct buffer_file *body, uint64_t *searched,
    const char *data, size_t len, bool *found, struct error *err)
{
	uint64_t at = *searched;
	char block[4096];
	size_t got = 0, kept = 0;

	*found = false;
	while (at < body->size && !*found) {
		if (!buffer_file_read(body, at, block + kept,
			sizeof(block) - kept, &got, err))
			return false;
		at += got;
		got += kept;
		*found = binary_label_in(block, got)
		    || (at == body->size
			&& binary_label_across(block, got, data, len));
		kept = got < BINARY_LABEL_LEN ? got : BINARY_LABEL_LEN;
		memmove(block, block + got - kept, kept);
	}
	*searched = at > BINARY_LABEL_LEN ? at - BINARY_LABEL_LEN : 0;
	return true;
}
