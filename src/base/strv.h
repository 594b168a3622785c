/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of strings that it owns.  { 0 } is a valid empty list.
 */
#ifndef VEREDUS_BASE_STRV_H
#define VEREDUS_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **items; /* items[count] is NULL once anything was added */
	size_t count;
};

/* Adds a copy of s, or of its first len bytes. */
void strv_add(struct strv *v, const char *s);
void strv_add_n(struct strv *v, const char *s, size_t len);
/* Adds s itself, which belongs to the list from here on. */
void strv_take(struct strv *v, char *s);
bool strv_has(const struct strv *v, const char *s);
bool strv_has_nocase(const struct strv *v, const char *s);
/* Replaces what dst holds by copies of what src holds. */
void strv_copy(struct strv *dst, const struct strv *src);
/* All items with the separator between them; the caller frees. */
char *strv_join(const struct strv *v, const char *separator);
void strv_free(struct strv *v);
/* Like strv_free(), but overwrites the strings first. */
void strv_wipe(struct strv *v);

#endif
