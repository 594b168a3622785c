/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Common code of the fuzz targets.  A target defines fuzz_one(), lists at its
 * top the properties that hold for every input, and asserts them: that it does
 * not crash is not enough.
 *
 * The checks do not call the code that they check: "printable" is implemented
 * here a second time.
 */
#ifndef VEREDUS_TESTS_FUZZ_H
#define VEREDUS_TESTS_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/str.h"

/* Aborts, so that libFuzzer saves the input. */
#define fuzz_assert(condition) \
	((condition) ? (void)0 \
		     : fuzz_fail(__FILE__, __LINE__, #condition, NULL))
/* The same, and prints the text if the assertion fails. */
#define fuzz_assert_text(condition, text) \
	((condition) ? (void)0 \
		     : fuzz_fail(__FILE__, __LINE__, #condition, (text)))

/* Checks one input; defined by the target. */
static void fuzz_one(const char *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one((const char *)data, size);
	return 0;
}

static inline void
fuzz_fail(const char *file, int line, const char *condition, const char *text)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	if (text != NULL)
		fprintf(stderr, "in: %s\n", text);
	abort();
}

/* An input, or the rest of it that is not yet parsed. */
struct input {
	const char *at;
	size_t left;
};

/* Removes and returns the text before the end character, or all of it. */
static inline struct input
input_split(struct input *in, char end)
{
	struct input part = *in;
	const char *found = in->left > 0 ? memchr(in->at, end, in->left) : NULL;

	if (found == NULL) {
		*in = (struct input){ in->at + in->left, 0 };
		return part;
	}
	part.left = (size_t)(found - in->at);
	*in = (struct input){ found + 1, in->left - part.left - 1 };
	return part;
}

/* Removes and returns the next octet, 0 at the end. */
static inline unsigned
input_octet(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return (unsigned char)*in->at++;
}

static inline bool
input_has(const struct input *in, char c)
{
	return in->left > 0 && memchr(in->at, c, in->left) != NULL;
}

/* Returns a copy with a NUL at its end.  A NUL in the input ends the text. */
static inline char *
input_text(const struct input *in)
{
	char *copy = malloc(in->left + 1);

	if (copy == NULL)
		abort();
	if (in->left > 0)
		memcpy(copy, in->at, in->left);
	copy[in->left] = '\0';
	return copy;
}

/* Returns a copy of the exact size, so that AddressSanitizer sees overreads. */
static inline char *
input_copy(const struct input *in)
{
	char *copy = malloc(in->left > 0 ? in->left : 1);

	if (copy == NULL)
		abort();
	if (in->left > 0)
		memcpy(copy, in->at, in->left);
	return copy;
}

/* Appends the input, in which a word stands for each placeholder. */
static inline void
input_replace(const struct input *in, const char *placeholder, const char *word,
    struct str *out)
{
	size_t len = strlen(placeholder);

	for (size_t i = 0; i < in->left; i++) {
		if (in->left - i >= len
		    && memcmp(in->at + i, placeholder, len) == 0) {
			str_add(out, word);
			i += len - 1;
		} else {
			str_add_char(out, in->at[i]);
		}
	}
}

/* Replaces the file by one with that text. */
static inline void
fuzz_write_file(const char *path, const struct str *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0
	    || write(fd, str_text(text), text->len) != (ssize_t)text->len)
		abort();
	close(fd);
}

static inline bool
fuzz_has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 32 || *text == 127)
			return true;
	return false;
}

/* Decodes the code point at p; returns its length, 0 if it is not UTF-8. */
static inline size_t
fuzz_utf8(const unsigned char *p, size_t len, uint32_t *point)
{
	size_t count = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t value = count == 1 ? p[0] : p[0] & (0xffu >> (count + 1));

	if ((p[0] >= 0x80 && p[0] < 0xc2) || p[0] > 0xf4 || count > len)
		return 0;
	for (size_t i = 1; i < count; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if ((count == 3 && value < 0x800) || (count == 4 && value < 0x10000)
	    || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*point = value;
	return count;
}

/* Whether the text has only UTF-8 without control or bidi characters. */
static inline bool
fuzz_is_printable(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t c = 0;

	for (size_t i = 0, count; i < len; i += count) {
		count = fuzz_utf8(p + i, len - i, &c);
		if (count == 0 || c < 0x20 || (c >= 0x7f && c <= 0x9f)
		    || c == 0x61c || (c >= 0x200e && c <= 0x200f)
		    || (c >= 0x2028 && c <= 0x202e)
		    || (c >= 0x2066 && c <= 0x2069))
			return false;
	}
	return true;
}

static inline void
fuzz_check_shown(const char *text)
{
	if (text != NULL)
		fuzz_assert(fuzz_is_printable(text, strlen(text)));
}

/* An error has a known kind, printable text and an exit status. */
static inline void
fuzz_check_error(const struct error *err)
{
	fuzz_assert(err->kind > ERROR_NONE && err->kind < ERROR_KINDS);
	fuzz_assert(
	    err->text != NULL ? err->text[0] != '\0' : err->said != NULL);
	fuzz_check_shown(err->subject);
	fuzz_check_shown(err->text);
	fuzz_check_shown(err->said);
	fuzz_check_shown(err->host);
	fuzz_check_shown(err->command);
	fuzz_assert(error_exit_status(err) > 0);
}

/* A function sets its error if and only if it returns false. */
static inline void
fuzz_check_result(bool ok, const struct error *err)
{
	fuzz_assert(ok != error_is_set(err));
	if (!ok)
		fuzz_check_error(err);
}

/* Whether the text contains the needle. */
static inline bool
fuzz_contains(const struct str *text, const char *needle)
{
	return memmem(str_text(text), text->len, needle, strlen(needle))
	    != NULL;
}

static inline bool
fuzz_shows(const struct error *err, const char *needle)
{
	const char *const texts[] = { err->subject, err->text, err->said,
		err->host, err->command };

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (texts[i] != NULL && strstr(texts[i], needle) != NULL)
			return true;
	return false;
}

#endif
