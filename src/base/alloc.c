/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Wraps the allocation functions of libc; exits when one of them fails. */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sysexits.h>
#include <unistd.h>

static const char *current_note;

void
alloc_set_note(const char *note)
{
	current_note = note;
}

const char *
alloc_note(void)
{
	return current_note;
}

static struct iovec
part_of_line(const char *text)
{
	return (
	    struct iovec){ .iov_base = (char *)text, .iov_len = strlen(text) };
}

/* Does not use stdio, which may allocate memory. */
static void ATTR_NORETURN ATTR_COLD
out_of_memory(void)
{
	const char *note =
	    current_note != NULL ? current_note : "try again later";
	const struct iovec line[] = {
		part_of_line("veredus: out of memory, "),
		part_of_line(note),
		part_of_line("\n"),
	};

	(void)!writev(STDERR_FILENO, line, COUNT_OF(line));
	_exit(EX_TEMPFAIL);
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
alloc_bytes(size_t size)
{
	return checked(malloc(size > 0 ? size : 1));
}

void *
alloc_zeroed(size_t count, size_t size)
{
	return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

void *
alloc_resize(void *old, size_t count, size_t size)
{
	if (size > 0 && count > SIZE_MAX / size)
		out_of_memory();
	return checked(realloc(old, count * size > 0 ? count * size : 1));
}

void *
alloc_grow(void *items, size_t count, size_t *size, size_t item_size)
{
	if (count < *size)
		return items;
	*size = *size == 0 ? 4 : *size * 2;
	return alloc_resize(items, *size, item_size);
}

char *
alloc_string(const char *s)
{
	return s == NULL ? NULL : alloc_string_n(s, strlen(s));
}

char *
alloc_string_n(const char *s, size_t len)
{
	char *copy = alloc_bytes(len + 1);

	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
alloc_printf(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}

void
alloc_replace(char **place, const char *s)
{
	char *copy = alloc_string(s);

	free(*place);
	*place = copy;
}
