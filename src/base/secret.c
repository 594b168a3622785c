/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks each secret, and keeps it in its own memory mapping, if the system
 * provides one. */
#include "base/secret.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/alloc.h"

/* Octets of a mask that are made at once; getrandom() never makes a part of so
 * few. */
#define CHUNK 256

/* Released blocks of one size that are overwritten; glibc keeps seven apart. */
#define BLOCKS 8

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u /* glibc before 2.39 does not have it */
#endif

/* The file of the masks: its descriptor plus 1 and its length. */
static int masks_plus_1;
static off_t masks_end;
/* Other processes need what is in the file, so that nothing is replaced. */
static bool is_shared;

bool
secret_is_set(const struct secret *s)
{
	return s->masked != NULL;
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

/* Memory for len octets and a NUL, which is set; *size as in struct secret. */
static char *
get_memory(size_t len, size_t *size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory;

	*size = (len + 1 + page - 1) / page * page;
	memory = map_secret(*size);
	if (memory == NULL) {
		*size = 0;
		memory = alloc_bytes(len + 1);
	}
	memory[len] = '\0';
	return memory;
}

static void
release_memory(char *memory, size_t len, size_t size)
{
	if (memory == NULL)
		return;
	secret_wipe(memory, len + 1);
	if (size > 0)
		munmap(memory, size);
	else
		free(memory);
}

static void
xor(char *data, const char *mask, size_t len)
{
	size_t i = 0;
	uint64_t word, part;

	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		memcpy(&part, mask + i, sizeof(part));
		word ^= part;
		memcpy(data + i, &word, sizeof(word));
	}
	for (; i < len; i++)
		data[i] ^= mask[i];
}

/* Masks a part of the secret; false if there are no random octets or no room. */
static bool
mask_chunk(char *data, size_t len, int fd, off_t at)
{
	char mask[CHUNK];
	bool ok = getrandom(mask, len, GRND_NONBLOCK) == (ssize_t)len
	    && pwrite(fd, mask, len, at) == (ssize_t)len;

	if (ok)
		xor(data, mask, len);
	secret_wipe(mask, sizeof(mask));
	return ok;
}

static bool
unmask_chunk(char *data, size_t len, int fd, off_t at)
{
	char mask[CHUNK];
	bool ok = pread(fd, mask, len, at) == (ssize_t)len;

	if (ok)
		xor(data, mask, len);
	secret_wipe(mask, sizeof(mask));
	return ok;
}

/* Applies the function to the first len octets of the secret, up to a part for
 * which it fails; returns the number of octets that it was applied to. */
static size_t
for_chunks(bool (*apply)(char *data, size_t len, int fd, off_t at),
    const struct secret *s, char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t part = len - done < CHUNK ? len - done : CHUNK;

		if (!apply(data + done, part, s->masks_plus_1 - 1,
			s->mask_at + (off_t)done))
			break;
		done += part;
	}
	return done;
}

static void
share_masks(void)
{
	is_shared = true;
}

/* The next secret of this process needs a file that its parent does not use. */
static void
leave_masks(void)
{
	masks_plus_1 = 0;
}

/* Linux 6.3 can be told to make no file that may be executed, and administrators
 * may demand that; earlier versions do not know the flag. */
static bool
open_masks(void)
{
	static bool is_watching;
	int fd = memfd_create("masks", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("masks", MFD_CLOEXEC);
	if (!is_watching)
		(void)pthread_atfork(NULL, share_masks, leave_masks);
	is_watching = true;
	is_shared = false;
	masks_plus_1 = fd + 1;
	masks_end = 0;
	return fd >= 0;
}

/* Without a file, or room in it, the secret remains as it is. */
static void
mask(struct secret *s)
{
	size_t done;

	if (masks_plus_1 == 0 && !open_masks())
		return;
	s->masks_plus_1 = masks_plus_1;
	s->mask_at = masks_end;
	done = for_chunks(mask_chunk, s, s->masked, s->len);
	if (done == s->len) {
		masks_end += (off_t)s->len;
	} else {
		for_chunks(unmask_chunk, s, s->masked, done);
		s->masks_plus_1 = 0;
	}
}

void
secret_set(struct secret *s, const char *data, size_t len)
{
	struct secret copy = { .len = len > SECRET_MAX ? SECRET_MAX : len };

	copy.masked = get_memory(copy.len, &copy.size);
	memcpy(copy.masked, data, copy.len);
	mask(&copy);
	secret_free(s);
	*s = copy;
}

void
secret_reveal(const struct secret *s, struct secret_text *text)
{
	*text = (struct secret_text){ .len = s->len };
	if (s->masked == NULL)
		return;
	text->data = get_memory(s->len, &text->size);
	memcpy(text->data, s->masked, s->len);
	if (s->masks_plus_1 != 0)
		for_chunks(unmask_chunk, s, text->data, s->len);
}

void
secret_text_free(struct secret_text *text)
{
	release_memory(text->data, text->len, text->size);
	*text = (struct secret_text){ 0 };
}

void
secret_copy(struct secret *dst, const struct secret *src)
{
	struct secret_text text;

	secret_reveal(src, &text);
	if (text.data == NULL)
		secret_free(dst);
	else
		secret_set(dst, text.data, text.len);
	secret_text_free(&text);
}

void
secret_wipe(void *data, size_t len)
{
	if (data != NULL && len > 0)
		explicit_bzero(data, len);
}

/* The largest request for which malloc() of glibc gives a block of that size. */
static size_t
whole_block(size_t size)
{
	const size_t unit = _Alignof(max_align_t);

	return (size + sizeof(size_t) + unit - 1) / unit * unit
	    - sizeof(size_t);
}

void
secret_wipe_released(size_t min, size_t max)
{
	char *blocks[BLOCKS];

	for (size_t size = whole_block(min); size <= whole_block(max);
	     size += _Alignof(max_align_t)) {
		for (size_t i = 0; i < BLOCKS; i++) {
			blocks[i] = alloc_bytes(size);
			secret_wipe(blocks[i], size);
		}
		for (size_t i = 0; i < BLOCKS; i++)
			free(blocks[i]);
	}
}

void
secret_free(struct secret *s)
{
	/* The file does not grow when a secret is replaced. */
	if (s->masks_plus_1 != 0 && s->masks_plus_1 == masks_plus_1
	    && !is_shared && s->mask_at + (off_t)s->len == masks_end)
		masks_end = s->mask_at;
	release_memory(s->masked, s->len, s->size);
	*s = (struct secret){ 0 };
}
