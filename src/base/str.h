/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growing string of bytes, which may contain NULs.
 *
 * Invariant: data is NULL if size is 0, otherwise data[len] is NUL.
 * { 0 } is a valid empty string.
 */
#ifndef VEREDUS_BASE_STR_H
#define VEREDUS_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct str {
	char *data;
	size_t len;
	size_t size;
};

/* The text, never NULL: "" if nothing was added. */
const char *str_text(const struct str *s);

/* Append bytes, those from `at` up to `end`, a string, a character or formatted
 * text. */
void str_append(struct str *s, const void *data, size_t len);
void str_add_range(struct str *s, const char *at, const char *end);
void str_add(struct str *s, const char *text);
void str_add_char(struct str *s, char c);
void str_printf(struct str *s, const char *format, ...) ATTR_PRINTF(2, 3);
void str_vprintf(struct str *s, const char *format, va_list args)
    ATTR_PRINTF(2, 0);

/* Makes room for `extra` more bytes and the NUL; returns the end of the
 * string. */
char *str_reserve(struct str *s, size_t extra);
/* Shortens the string to at most len bytes. */
void str_truncate(struct str *s, size_t len);
/* Removes the first len bytes, or all if there are fewer. */
void str_consume(struct str *s, size_t len);
bool str_equal(const struct str *s, const char *text);

/* Returns the text (never NULL; the caller frees it) and empties s. */
char *str_steal(struct str *s);
/* Releases the memory.  str_wipe() overwrites it first. */
void str_free(struct str *s);
void str_wipe(struct str *s);

#endif
