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
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

/* What a file decides, and therefore who may have access to it. */
enum file_use {
	FILE_PUBLIC, /* anybody may own, read and change it */
	/*
	 * The file decides where mail goes or which commands run.  It belongs
	 * to `owner` or root, and no other user may write to it; a group in
	 * which the owner is alone does not count.
	 */
	FILE_TRUSTED,
	/*
	 * The file contains a secret.  It belongs to `owner` or root, has one
	 * name, and others have no access to it.  But root may let a group
	 * read a file, and everybody a file in a folder for secrets, such as
	 * /run/secrets.  A symbolic link belongs to `owner` or root.
	 */
	FILE_SECRET,
};

struct file_rules {
	size_t max;         /* the maximum size in bytes */
	bool may_be_absent; /* success with file_info.absent, not an error */
	bool first_line;    /* reads only the start of a longer file */
	enum file_use use;
	uid_t owner; /* usually the caller */
	/* With FILE_SECRET: root may let no other group than this one read the
	 * file, wherever it is. */
	bool one_group;
	gid_t group;
};

struct file_info {
	bool absent;
	uid_t owner;
	gid_t group;
	mode_t mode;
	bool symlink; /* the last component of the path is a symbolic link */
	uid_t link_owner; /* the owner of that link */
	bool linked;      /* the file has more than one hard link */
};

/*
 * Appends the contents of a regular file to text, without a UTF-8 byte order
 * mark; info may be NULL.  A text in UTF-16 is an error.
 * Errors, with the path: ERROR_FILE if a later attempt may succeed, else
 * ERROR_CONFIG; for wrong permissions also what this user can do about them.
 */
bool file_read(const char *path, const struct file_rules *rules,
    struct str *text, struct file_info *info, struct error *err);

/* Applies the rules for secrets to the result of file_read().
 * Errors: ERROR_CONFIG. */
bool file_check_secret(const char *path, const struct file_info *info,
    uid_t owner, struct error *err);

/* Whether a system call with that errno may succeed in a later run: the system
 * lacked memory or descriptors, or a disk or file server did not work. */
bool file_errno_is_temporary(int errnum);

/*
 * Opens a file for appending, without blocking, and creates it with mode 0600; it can
 * be read as well, if this user may read it.
 * It must not be a symbolic link, a pipe, or have a second name.  It belongs to
 * the process's user or root, or is in a folder in which not everybody can
 * create files; otherwise another user could choose where the text goes.
 * Devices of root, such as /dev/null, are accepted.
 * Returns -1 on failure, with the reason in *why.
 */
int file_open_append(const char *path, const char **why);

/* Locks the file.  Waits for other processes until the deadline (base/clock.h);
 * on failure returns false with errno set: EAGAIN after the deadline. */
bool file_lock(int fd, int64_t deadline);

/* Writes all len bytes; on failure returns false with errno set. */
bool file_write(int fd, const void *data, size_t len);
/* The same; waits for a reader of a pipe or terminal until the deadline, after
 * which errno is EAGAIN. */
bool file_write_until(int fd, const void *data, size_t len, int64_t deadline);

/* Writes the name of an open folder to the disk, if this user may read the folder
 * around it; without that, no call can do it.  On failure returns false with errno
 * set. */
bool file_sync_name(int fd);
/*
 * Makes a folder with mode 0700, and its parent folders, as far as they are missing,
 * and writes their names to the disk.  Folders that root makes are for other
 * programs as well (0755), and those of this program for all users who have a
 * folder of their own below (0711); but no folder has permissions that the one
 * around it has not.  On failure returns false with errno set.
 */
bool file_make_folder(const char *folder);
/* The same for the parent folders alone. */
bool file_make_parents(const char *path);

/* The folder of a path, "." if the path names none.  The caller frees it. */
char *file_folder(const char *path);

/* A copy of path in which home (may be NULL) replaces the "~" of a leading
 * "~/"; NULL if path is NULL.  The caller frees the result. */
char *file_expand_home(const char *path, const char *home);
/* Whether both paths lead to the same file. */
bool file_is_same(const char *a, const char *b);

#endif
