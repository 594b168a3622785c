/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A write-once buffer for the body of a message: in memory up to
 * BUFFER_FILE_MEMORY_MAX bytes, beyond that in an unlinked temporary file
 * (mode 0600).  If no folder has room for the file, up to
 * BUFFER_FILE_FALLBACK_MAX bytes stay in memory.
 */
#ifndef VEREDUS_BASE_BUFFER_FILE_H
#define VEREDUS_BASE_BUFFER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"

#define BUFFER_FILE_MEMORY_MAX ((size_t)1024 * 1024)
#define BUFFER_FILE_FALLBACK_MAX ((size_t)64 * 1024 * 1024)

struct buffer_file {
	struct str memory;
	int fd_plus_1;      /* the file; 0: none, so { 0 } is an empty buffer */
	uint64_t start;     /* where the bytes begin in the file */
	uint64_t size;      /* of all bytes that were added */
	const char *folder; /* the first folder to try, or NULL; then /var/tmp
			     * and /tmp */
	const char *file_folder; /* where the file is */
	size_t folders_tried;
	bool in_memory;          /* no folder has room */
	const char *full_folder; /* the first one that had no room, or NULL */
	int full_errno;          /* the reason */
	bool shared;             /* the bytes belong to another buffer */
};

/* Adds the folders that may get the temporary file. */
void buffer_file_folders(const struct buffer_file *s, struct strv *places);

/* Appends len bytes.  Errors: ERROR_SPACE, with the first folder that had no
 * room; ERROR_FILE if that cannot be used. */
bool buffer_file_add(struct buffer_file *s, const void *data, size_t len,
    struct error *err);
/*
 * Reads up to len bytes at offset; *got is 0 only at the end.
 * Errors: ERROR_INPUT if the file cannot be read or was truncated.
 */
bool buffer_file_read(const struct buffer_file *s, uint64_t offset, void *buf,
    size_t len, size_t *got, struct error *err);
/*
 * Makes `s`, which is empty, another buffer with the same bytes, without
 * copying them.  It is valid while `original` is, and read-only.
 */
void buffer_file_share(struct buffer_file *s,
    const struct buffer_file *original);
/*
 * Makes `s`, which is empty, a buffer with `size` bytes of a file, from `start`
 * on.  The descriptor belongs to the caller and must stay open; s is read-only.
 */
void buffer_file_view(struct buffer_file *s, int fd, uint64_t start,
    uint64_t size);
/* Releases the bytes, unless they belong to another buffer. */
void buffer_file_free(struct buffer_file *s);

#endif
