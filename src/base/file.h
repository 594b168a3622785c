/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small files, read whole, and never through a trick: opened without waiting
 * (a FIFO cannot hang us), checked on the open descriptor.
 */
#ifndef VEREDUS_BASE_FILE_H
#define VEREDUS_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct file_rules {
	size_t max;         /* larger files are an error */
	bool may_be_absent; /* then `absent` is set and the call succeeds */
	/* What a file with a secret must be: no symbolic link, a single name,
	 * owned by `owner` or root, without permissions for others. */
	bool secret;
	uid_t owner;
};

struct file_info {
	bool absent;
	uid_t owner;
	mode_t mode;
	bool symlink; /* the last part of the path was a symbolic link */
	bool linked;  /* it has more than one name */
};

/*
 * Reads the regular file at path into text.  Errors are ERROR_CONFIG and name
 * the path, what is wrong, and for permissions the command that mends it.
 * info may be NULL.
 */
bool file_read(const char *path, const struct file_rules *rules,
    struct str *text, struct file_info *info, struct error *err);

/* Applies the rules for secrets to what file_read() found out. */
bool file_check_secret(const char *path, const struct file_info *info,
    uid_t owner, struct error *err);

/* Writes all of it, whatever interrupts; false with errno set. */
bool file_write(int fd, const void *data, size_t len);

/* path with a leading "~/" replaced by home; the caller frees. */
char *file_expand_home(const char *path, const char *home);

#endif
