/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of strings.  The list owns the strings; { 0 } is a valid empty list.
 */
#ifndef VEREDUS_BASE_STRV_H
#define VEREDUS_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **items; /* items[count] is NULL; items is NULL if never used */
	size_t count;
};

/* Adds a copy of s. */
void strv_add(struct strv *v, const char *s);
/* Adds s itself: takes over the ownership of allocated memory. */
void strv_take(struct strv *v, char *s);
/* Whether s is in the list. */
bool strv_has(const struct strv *v, const char *s);
bool strv_has_nocase(const struct strv *v, const char *s);
/* Replaces the contents of dst by a copy of those of src. */
void strv_copy(struct strv *dst, const struct strv *src);
/* All items, with the separator between them; the caller frees the result. */
char *strv_join(const struct strv *v, const char *separator);
void strv_free(struct strv *v);
/* Overwrites the strings, then releases the list. */
void strv_wipe(struct strv *v);

#endif
