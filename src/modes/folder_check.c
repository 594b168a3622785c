/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks whether folders can be used, and leaves nothing in them. */
#include "modes/folder_check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "mail/maildir.h"
#include "queue/folder.h"

/* Writes what a small message needs, under no name; not all file systems can do
 * so, and then it is not tried.  On failure returns false with errno set. */
static bool
write_file(int folder, const char *path)
{
	static const char octets[4096] = { 1 };
	int fd = openat(folder, path, O_TMPFILE | O_WRONLY | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	ssize_t written;
	int errnum;

	if (fd < 0)
		return errno == EOPNOTSUPP || errno == EISDIR;
	errno = ENOSPC;
	written = write(fd, octets, sizeof(octets));
	errnum = errno;
	close(fd);
	errno = errnum;
	return written == (ssize_t)sizeof(octets);
}

/* As a message would be written.  A missing folder is no error.
 * Errors: ERROR_FILE. */
static bool
try_file(int folder, const char *path, const char *name, struct error *err)
{
	if (write_file(folder, path) || errno == ENOENT)
		return true;
	error_set(err, ERROR_FILE, "cannot write a message here: %s",
	    strerror(errno));
	return error_subject(err, "%s", name);
}

/* Whether a folder of a file system that shows the kernel: root has all rights to
 * it, but cannot create anything. */
static bool
is_of_kernel(const char *path)
{
	struct statfs system;

	return statfs(path, &system) == 0
	    && (system.f_type == PROC_SUPER_MAGIC
		|| system.f_type == SYSFS_MAGIC);
}

/* Whether a folder can be created in this one.  On failure returns false with
 * errno set. */
static bool
can_have_folder(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0
	    || faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0)
		return false;
	if (S_ISDIR(st.st_mode) && !is_of_kernel(path))
		return write_file(AT_FDCWD, path);
	errno = S_ISDIR(st.st_mode) ? EPERM : ENOTDIR;
	return false;
}

bool
folder_check_new(const char *path, struct error *err)
{
	char *copy = alloc_string(path);
	char *slash = strrchr(copy, '/');
	bool ok = false;

	errno = ENOENT;
	while (!ok && errno == ENOENT && slash != NULL) {
		slash[slash == copy ? 1 : 0] = '\0';
		ok = can_have_folder(copy);
		slash = slash == copy ? NULL : strrchr(copy, '/');
	}
	if (!ok) {
		error_set(err, ERROR_FILE, "no folder can be created here: %s",
		    strerror(errno));
		error_subject(err, "%s", copy);
	}
	free(copy);
	return ok;
}

static bool
try_place(struct queue_folder *folder, enum queue_place place,
    struct error *err)
{
	int fd = queue_folder_place(folder, place, err);
	char *name;
	bool ok;

	if (fd < 0)
		return !error_is_set(err);
	name = alloc_printf("%s/%s", folder->path, queue_place_name(place));
	ok = try_file(fd, ".", name, err);
	free(name);
	return ok;
}

/* Whether a message can be written there.  Errors: ERROR_FILE. */
static bool
can_be_used(struct queue_folder *folder, struct error *err)
{
	static const enum queue_place places[] = { QUEUE_TMP, QUEUE_ACTIVE };

	if (folder->root_plus_1 == 0)
		return folder_check_new(folder->path, err);
	for (size_t i = 0; i < COUNT_OF(places); i++)
		if (!try_place(folder, places[i], err))
			return false;
	return queue_folder_check_access(folder, err);
}

bool
folder_check_queue(const char *path, bool *exists, struct error *err)
{
	struct queue_folder folder;
	bool ok = queue_folder_open(&folder, path, false, err)
	    && can_be_used(&folder, err);

	*exists = ok && folder.root_plus_1 != 0;
	queue_folder_close(&folder);
	return ok;
}

bool
folder_check_maildir(const char *path, struct error *err)
{
	static const char *const folders[] = { "tmp", "new" };
	bool ok = maildir_check(path, err);

	for (size_t i = 0; ok && i < COUNT_OF(folders); i++) {
		char *inside = alloc_printf("%s/%s", path, folders[i]);

		ok = access(inside, F_OK) == 0
		    ? try_file(AT_FDCWD, inside, inside, err)
		    : folder_check_new(inside, err);
		free(inside);
	}
	return ok;
}
