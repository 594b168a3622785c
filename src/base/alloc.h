/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that cannot fail.
 *
 * When the system has no more memory these functions write one line to
 * stderr and leave the process with EX_TEMPFAIL: nothing was promised, so
 * the caller of the program may try again.  What they return is the
 * caller's, to be released with free().
 */
#ifndef VEREDUS_BASE_ALLOC_H
#define VEREDUS_BASE_ALLOC_H

#include <stddef.h>

#include "base/attr.h"

void *alloc_bytes(size_t size) ATTR_MALLOC;
/* count * size zeroed bytes; a product that overflows counts as no memory. */
void *alloc_zeroed(size_t count, size_t size) ATTR_MALLOC;
/* Like realloc() with count * size bytes; never returns NULL. */
void *alloc_resize(void *old, size_t count, size_t size) ATTR_NODISCARD;
/* Copies of a string; alloc_string(NULL) is NULL. */
char *alloc_string(const char *s) ATTR_NODISCARD;
char *alloc_string_n(const char *s, size_t len) ATTR_MALLOC;
char *alloc_printf(const char *format, ...) ATTR_MALLOC ATTR_PRINTF(1, 2);

/* Frees *place, stores a copy of s (which may be NULL) in it. */
void alloc_replace(char **place, const char *s);

#endif
