/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens, creates, checks and lists the folders of a queue.
 */
#include "queue/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/renameat2.h"
#include "base/user.h"

static const char *const names[QUEUE_PLACES] = {
	[QUEUE_TMP] = "tmp",
	[QUEUE_ACTIVE] = "queue",
	[QUEUE_HOLD] = "hold",
	[QUEUE_FAILED_MAIL] = "failed",
	[QUEUE_RATE] = "rate",
};

const enum queue_place queue_places_all[] = { QUEUE_ACTIVE, QUEUE_HOLD,
	QUEUE_FAILED_MAIL, QUEUE_PLACES };
const enum queue_place queue_places_waiting[] = { QUEUE_ACTIVE, QUEUE_HOLD,
	QUEUE_PLACES };

const char *
queue_place_name(enum queue_place place)
{
	return names[place];
}

static bool
fail(struct error *err, const char *path, int errnum)
{
	error_set(err, ERROR_FILE, "cannot open the queue: %s",
	    strerror(errnum));
	return error_subject(err, "%s", path);
}

static bool
fail_link(struct error *err, int parent, const char *name, const char *path)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(parent, name, target, sizeof(target) - 1);

	target[n > 0 ? n : 0] = '\0';
	error_set(err, ERROR_FILE,
	    "the folder of the queue must not be a symbolic link (to %s)",
	    target);
	return error_subject(err, "%s", path);
}

/* Files that root creates could not be used by the owner of the queue. */
static bool
fail_owner(uid_t owner, const char *path, struct error *err)
{
	const struct user user = { .uid = owner };
	char *name = user_name(&user);

	error_set(err, ERROR_FILE,
	    "this queue belongs to %s: run the command as that user, for "
	    "example with \"runuser -u %s -- veredus ...\"",
	    name, name);
	free(name);
	return error_subject(err, "%s", path);
}

static bool
check_access(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(err, path, errno);
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return true;
	if (geteuid() == 0 && st.st_uid != 0)
		return fail_owner(st.st_uid, path, err);
	error_set(err, ERROR_FILE,
	    "the folder of the queue must belong to the user %u and give no "
	    "permissions to others (mode 0700); it belongs to %u and has mode "
	    "%04o",
	    (unsigned)geteuid(), (unsigned)st.st_uid,
	    (unsigned)st.st_mode & 07777);
	return error_subject(err, "%s", path);
}

static int
open_existing(int parent, const char *name)
{
	return openat(parent, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void
fail_open(int parent, const char *name, const char *path, struct error *err)
{
	int errnum = errno;
	struct stat st;

	if ((errnum == ELOOP || errnum == ENOTDIR)
	    && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0
	    && S_ISLNK(st.st_mode))
		fail_link(err, parent, name, path);
	else
		fail(err, path, errnum == ELOOP ? ENOTDIR : errnum);
}

/* Returns -1, with an error unless the folder is missing and not created. */
static int
open_folder(int parent, const char *name, const char *path, bool create,
    struct error *err)
{
	bool created = false;
	int fd = open_existing(parent, name);

	if (fd < 0 && errno == ENOENT) {
		if (!create)
			return -1;
		created = mkdirat(parent, name, 0700) == 0;
		if (created || errno == EEXIST)
			fd = open_existing(parent, name);
	}
	if (fd < 0) {
		fail_open(parent, name, path, err);
		return -1;
	}
	if (check_access(fd, path, err)
	    && (!created || file_sync_name(fd) || fail(err, path, errno)))
		return fd;
	close(fd);
	return -1;
}

bool
queue_folder_open(struct queue_folder *folder, const char *path, bool create,
    struct error *err)
{
	struct error reason = { 0 };
	int fd;

	*folder = (struct queue_folder){ .path = alloc_string(path),
		.create = create };
	fd = open_folder(AT_FDCWD, path, path, false, &reason);
	if (fd < 0 && create && !error_is_set(&reason)
	    && (file_make_parents(path) || fail(&reason, path, errno)))
		fd = open_folder(AT_FDCWD, path, path, true, &reason);
	folder->root_plus_1 = fd + 1;
	if (!error_is_set(&reason))
		return true;
	if (err != NULL)
		error_move(err, &reason);
	error_free(&reason);
	queue_folder_close(folder);
	return false;
}

int
queue_folder_place(struct queue_folder *folder, enum queue_place place,
    struct error *err)
{
	char *path;
	int fd;

	if (folder->root_plus_1 == 0)
		return -1;
	if (folder->places_plus_1[place] != 0)
		return folder->places_plus_1[place] - 1;
	path = alloc_printf("%s/%s", folder->path, names[place]);
	fd = open_folder(folder->root_plus_1 - 1, names[place], path,
	    folder->create, err);
	folder->places_plus_1[place] = fd + 1;
	free(path);
	return fd;
}

/* A file system that is mounted read-only gives no access even to root. */
static bool
can_change(int fd)
{
	return faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

static bool
fail_access(struct error *err, const char *path, const char *name)
{
	error_set(err, ERROR_FILE, "cannot change the queue: %s",
	    strerror(errno));
	return error_subject(err, "%s%s%s", path, *name != '\0' ? "/" : "",
	    name);
}

bool
queue_folder_check_access(struct queue_folder *folder, struct error *err)
{
	static const enum queue_place places[] = { QUEUE_TMP, QUEUE_ACTIVE };
	struct error reason = { 0 };

	if (folder->root_plus_1 == 0)
		return true;
	if (!can_change(folder->root_plus_1 - 1))
		return fail_access(err, folder->path, "");
	for (size_t i = 0; i < COUNT_OF(places) && !error_is_set(&reason);
	     i++) {
		int fd = queue_folder_place(folder, places[i], &reason);

		if (fd >= 0 && !can_change(fd))
			fail_access(&reason, folder->path, names[places[i]]);
	}
	if (!error_is_set(&reason))
		return true;
	error_move(err, &reason);
	return false;
}

/*
 * Some file systems do not know RENAME_NOREPLACE.  A link under the new name and
 * the removal of the old one would leave both after a crash.  Whoever moves a
 * file has its lock, and IDs do not repeat, so nobody else takes the name in
 * between.
 */
static bool
rename_without_flag(int from, const char *name, int to, const char *new_name)
{
	struct stat st;

	if (fstatat(to, new_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return false;
	}
	return errno == ENOENT && renameat(from, name, to, new_name) == 0;
}

bool
queue_folder_rename(int from, const char *name, int to, const char *new_name)
{
	if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
		return true;
	return errno == EINVAL && rename_without_flag(from, name, to, new_name);
}

bool
queue_folder_move(int from, int to, const char *name)
{
	return queue_folder_rename(from, name, to, name);
}

/* ---- files beside the subfolders ---- */

int
queue_folder_lock_in(int parent, const char *name, bool for_change)
{
	struct flock whole = { .l_type = for_change ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET };
	int fd = openat(parent, name,
	    (for_change ? O_RDWR | O_CREAT : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK
		| O_CLOEXEC,
	    0600);

	if (fd < 0)
		return -1;
	while (fcntl(fd, F_OFD_SETLKW, &whole) != 0) {
		if (errno != EINTR) {
			close(fd);
			return -1;
		}
	}
	return fd;
}

int
queue_folder_lock(const struct queue_folder *folder, const char *name,
    bool for_change)
{
	return queue_folder_lock_in(folder->root_plus_1 - 1, name, for_change);
}

bool
queue_folder_sync(struct queue_folder *folder, enum queue_place place,
    struct error *err)
{
	int fd = queue_folder_place(folder, place, err);

	if (fd < 0)
		return false;
	if (fsync(fd) == 0)
		return true;
	error_set(err, ERROR_FILE, "cannot write the folder to the disk: %s",
	    strerror(errno));
	return error_subject(err, "%s/%s", folder->path, names[place]);
}

void
queue_folder_close(struct queue_folder *folder)
{
	for (size_t i = 0; i < QUEUE_PLACES; i++)
		if (folder->places_plus_1[i] != 0)
			close(folder->places_plus_1[i] - 1);
	if (folder->root_plus_1 != 0)
		close(folder->root_plus_1 - 1);
	free(folder->path);
	*folder = (struct queue_folder){ 0 };
}

/* ---- listing ---- */

static void
add_name(struct queue_list *list, const char *name)
{
	struct queue_id id;

	if (*name == '.' && (name[1] == '\0' || strcmp(name, "..") == 0))
		return;
	if (!queue_id_parse(name, &id)) {
		list->foreign++;
		return;
	}
	list->ids =
	    alloc_grow(list->ids, list->count, &list->size, sizeof(*list->ids));
	list->ids[list->count++] = id;
}

static int
compare_ids(const void *a, const void *b)
{
	return queue_id_compare(a, b);
}

/* Takes over the descriptor.  On failure returns false with errno set. */
static bool
read_names(int fd, struct queue_list *list)
{
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool ok;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	do {
		/* add_name() may set it, too. */
		errno = 0;
		entry = readdir(stream);
		ok = entry != NULL || errno == 0;
		if (entry != NULL)
			add_name(list, entry->d_name);
	} while (entry != NULL);
	closedir(stream);
	return ok;
}

bool
queue_folder_list(struct queue_folder *folder, enum queue_place place,
    struct queue_list *list, struct error *err)
{
	struct error reason = { 0 };
	int fd = queue_folder_place(folder, place, &reason);

	if (error_is_set(&reason)) {
		error_move(err, &reason);
		return false;
	}
	if (fd < 0)
		return true;
	/* A descriptor of its own has a position of its own. */
	if (!read_names(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		list))
		return fail(err, folder->path, errno);
	if (list->count > 0)
		qsort(list->ids, list->count, sizeof(*list->ids), compare_ids);
	return true;
}

void
queue_list_free(struct queue_list *list)
{
	free(list->ids);
	*list = (struct queue_list){ 0 };
}
