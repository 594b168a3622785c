/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small files, which are read as a whole.  A file is opened without blocking (a
 * FIFO does not hang the program) and checked through its open descriptor.
 */
#ifndef VEREDUS_BASE_FILE_H
#define VEREDUS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct file_rules {
	size_t max;         /* the maximum size in bytes */
	bool may_be_absent; /* success with file_info.absent, not an error */
	/* The file contains a secret: it must not be a symbolic link, must have
	 * one name, must be owned by `owner` or root, and must not be
	 * accessible to others. */
	bool secret;
	uid_t owner;
};

struct file_info {
	bool absent;
	uid_t owner;
	mode_t mode;
	bool symlink; /* the last component of the path is a symbolic link */
	bool linked;  /* the file has more than one hard link */
};

/*
 * Appends the contents of a regular file to text, without a UTF-8 byte order
 * mark; info may be NULL.  A text in UTF-16 is an error.
 * Errors: ERROR_CONFIG, with the path; for wrong permissions also with the
 * command that corrects them.
 */
bool file_read(const char *path, const struct file_rules *rules,
    struct str *text, struct file_info *info, struct error *err);

/* Applies the rules for secrets to the result of file_read().
 * Errors: ERROR_CONFIG. */
bool file_check_secret(const char *path, const struct file_info *info,
    uid_t owner, struct error *err);

/*
 * Opens a file for appending, without blocking, and creates it with mode 0600.
 * Does not follow a symbolic link, through which another user could choose
 * where the text goes.  Returns -1 on failure with errno set.
 */
int file_open_append(const char *path);

/* Writes all len bytes; on failure returns false with errno set. */
bool file_write(int fd, const void *data, size_t len);

/* A copy of path in which home (may be NULL) replaces the "~" of a leading
 * "~/"; NULL if path is NULL.  The caller frees the result. */
char *file_expand_home(const char *path, const char *home);

#endif
