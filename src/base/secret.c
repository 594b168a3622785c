/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps each secret in its own memory mapping, if the system provides one. */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

bool
secret_is_set(const struct secret *s)
{
	return s->data != NULL;
}

/*
 * Maps memory that is locked against swapping and excluded from core files.
 * Errors of both are ignored: a container may forbid mlock().
 */
static char *
map_secret(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	(void)mlock(memory, size);
	(void)madvise(memory, size, MADV_DONTDUMP);
	return memory;
}

void
secret_set(struct secret *s, const char *data, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct secret copy = { 0 };

	if (len > SECRET_MAX)
		len = SECRET_MAX;
	copy.size = (len + 1 + page - 1) / page * page;
	copy.data = map_secret(copy.size);
	if (copy.data == NULL) {
		copy.size = 0;
		copy.data = alloc_bytes(len + 1);
	}
	memcpy(copy.data, data, len);
	copy.data[len] = '\0';
	copy.len = len;
	secret_free(s);
	*s = copy;
}

void
secret_copy(struct secret *dst, const struct secret *src)
{
	if (src->data == NULL)
		secret_free(dst);
	else
		secret_set(dst, src->data, src->len);
}

void
secret_wipe(void *data, size_t len)
{
	if (data != NULL && len > 0)
		explicit_bzero(data, len);
}

void
secret_free(struct secret *s)
{
	if (s->data != NULL) {
		secret_wipe(s->data, s->len + 1);
		if (s->size > 0)
			munmap(s->data, s->size);
		else
			free(s->data);
	}
	*s = (struct secret){ 0 };
}
