/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Implements the list of strings as an array that ends with NULL. */
#include "base/strv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/str.h"

void
strv_take(struct strv *v, char *s)
{
	/* Double the size when count + 1 is a power of two. */
	if ((v->count & (v->count + 1)) == 0)
		v->items =
		    alloc_resize(v->items, 2 * v->count + 2, sizeof(*v->items));
	v->items[v->count++] = s;
	v->items[v->count] = NULL;
}

void
strv_add(struct strv *v, const char *s)
{
	strv_take(v, alloc_string(s));
}

static bool
has(const struct strv *v, const char *s,
    int (*compare)(const char *a, const char *b))
{
	for (size_t i = 0; i < v->count; i++)
		if (compare(v->items[i], s) == 0)
			return true;
	return false;
}

bool
strv_has(const struct strv *v, const char *s)
{
	return has(v, s, strcmp);
}

bool
strv_has_nocase(const struct strv *v, const char *s)
{
	return has(v, s, strcasecmp);
}

void
strv_copy(struct strv *dst, const struct strv *src)
{
	struct strv copy = { 0 };

	for (size_t i = 0; i < src->count; i++)
		strv_add(&copy, src->items[i]);
	strv_free(dst);
	*dst = copy;
}

char *
strv_join(const struct strv *v, const char *separator)
{
	struct str text = { 0 };

	for (size_t i = 0; i < v->count; i++) {
		if (i > 0)
			str_add(&text, separator);
		str_add(&text, v->items[i]);
	}
	return str_steal(&text);
}

void
strv_free(struct strv *v)
{
	for (size_t i = 0; i < v->count; i++)
		free(v->items[i]);
	free(v->items);
	*v = (struct strv){ 0 };
}

void
strv_wipe(struct strv *v)
{
	for (size_t i = 0; i < v->count; i++)
		secret_wipe(v->items[i], strlen(v->items[i]));
	strv_free(v);
}
