/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory allocation that cannot fail.
 *
 * If the system has no memory left, these functions write one line to standard
 * error and exit with EX_TEMPFAIL, so that the caller of the program retries.
 * The caller owns what they return and releases it with free().
 */
#ifndef VEREDUS_BASE_ALLOC_H
#define VEREDUS_BASE_ALLOC_H

#include <stddef.h>

#include "base/attr.h"

/*
 * The constant text with which that line ends from now on, such as what the
 * program has done already; NULL: "try again later".
 */
void alloc_set_note(const char *note);
const char *alloc_note(void);

/* size bytes, not initialized. */
void *alloc_bytes(size_t size) ATTR_MALLOC;
/* count * size zeroed bytes; exits if the product overflows. */
void *alloc_zeroed(size_t count, size_t size) ATTR_MALLOC;
/* Like realloc() with count * size bytes; exits if the product overflows. */
void *alloc_resize(void *old, size_t count, size_t size) ATTR_NODISCARD;
/*
 * Makes room for one more item in an array that holds count of *size items;
 * doubles *size when the array is full.  Returns the array.
 */
void *alloc_grow(void *items, size_t count, size_t *size,
    size_t item_size) ATTR_NODISCARD;
/* A copy of s; NULL if s is NULL. */
char *alloc_string(const char *s) ATTR_NODISCARD;
/* A copy of the first len bytes of s, with a NUL added. */
char *alloc_string_n(const char *s, size_t len) ATTR_MALLOC;
/* The formatted text. */
char *alloc_printf(const char *format, ...) ATTR_MALLOC ATTR_PRINTF(1, 2);

/* Frees *place and stores a copy of s in it, or NULL if s is NULL. */
void alloc_replace(char **place, const char *s);

#endif
