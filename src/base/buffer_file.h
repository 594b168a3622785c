/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes of any number, in memory up to BUFFER_FILE_MEMORY_MAX, beyond that in an
 * unlinked file (mode 0600).  Written once from the start, then read.
 */
#ifndef VEREDUS_BASE_BUFFER_FILE_H
#define VEREDUS_BASE_BUFFER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define BUFFER_FILE_MEMORY_MAX ((size_t)1024 * 1024)

struct buffer_file {
	struct str memory;
	int fd_plus_1;      /* the file, or 0: so { 0 } is an empty store */
	uint64_t size;      /* of all that was added */
	const char *folder; /* where the file goes; NULL: /var/tmp, else /tmp */
	bool shared;        /* the bytes belong to another store */
};

/* Errors: ERROR_SPACE, which names the folder. */
bool buffer_file_add(struct buffer_file *s, const void *data, size_t len,
    struct error *err);
/*
 * Reads up to len bytes at offset.  *got is 0 only at the end; a short file
 * (somebody truncated it) is ERROR_INPUT, never an end.
 */
bool buffer_file_read(const struct buffer_file *s, uint64_t offset, void *buf,
    size_t len, size_t *got, struct error *err);
/*
 * Makes `s`, which is empty, another store of the same bytes, without copying
 * them.  It can be read while the original lives, and nothing can be added.
 */
void buffer_file_share(struct buffer_file *s,
    const struct buffer_file *original);
/* Frees the bytes, unless they belong to another store. */
void buffer_file_free(struct buffer_file *s);

#endif
