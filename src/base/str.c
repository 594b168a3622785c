/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Implements the growing string; its size grows by half when it is full. */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"

#define SIZE_MIN 64

const char *
str_text(const struct str *s)
{
	return s->data == NULL ? "" : s->data;
}

char *
str_reserve(struct str *s, size_t extra)
{
	size_t needed = s->len + extra + 1;

	if (s->size < needed) {
		size_t size =
		    s->size < SIZE_MIN ? SIZE_MIN : s->size + s->size / 2;

		s->size = size < needed ? needed : size;
		s->data = alloc_resize(s->data, s->size, 1);
		s->data[s->len] = '\0';
	}
	return s->data + s->len;
}

void
str_append(struct str *s, const void *data, size_t len)
{
	if (len > 0)
		memcpy(str_reserve(s, len), data, len);
	else
		str_reserve(s, 0);
	s->len += len;
	s->data[s->len] = '\0';
}

void
str_add_range(struct str *s, const char *at, const char *end)
{
	str_append(s, at, (size_t)(end - at));
}

void
str_add(struct str *s, const char *text)
{
	str_append(s, text, strlen(text));
}

void
str_add_char(struct str *s, char c)
{
	str_append(s, &c, 1);
}

void
str_vprintf(struct str *s, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	if (len > 0) {
		vsnprintf(str_reserve(s, (size_t)len), (size_t)len + 1, format,
		    again);
		s->len += (size_t)len;
	}
	va_end(again);
}

void
str_printf(struct str *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	str_vprintf(s, format, args);
	va_end(args);
}

void
str_truncate(struct str *s, size_t len)
{
	if (len < s->len) {
		s->len = len;
		s->data[len] = '\0';
	}
}

void
str_consume(struct str *s, size_t len)
{
	if (len > s->len)
		len = s->len;
	if (len > 0) {
		memmove(s->data, s->data + len, s->len - len + 1);
		s->len -= len;
	}
}

bool
str_equal(const struct str *s, const char *text)
{
	size_t len = strlen(text);

	return s->len == len && memcmp(str_text(s), text, len) == 0;
}

char *
str_steal(struct str *s)
{
	char *text;

	str_reserve(s, 0);
	text = s->data;
	*s = (struct str){ 0 };
	return text;
}

void
str_free(struct str *s)
{
	free(s->data);
	*s = (struct str){ 0 };
}

void
str_wipe(struct str *s)
{
	secret_wipe(s->data, s->size);
	str_free(s);
}
