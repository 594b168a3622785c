/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes files of a Maildir through the descriptors of its folders.
 */
#include "mail/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/host.h"
#include "base/random.h"
#include "base/text.h"

#define BLOCK ((size_t)65536)
#define DAY 86400
/* After this time, in seconds, nobody is still writing a message. */
#define TMP_LIFETIME ((time_t)36 * 3600)
#define SUBFOLDER (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static const char *const subfolders[] = { "tmp", "new", "cur" };

static bool
fail(const char *folder, const char *what, int errnum, struct error *err)
{
	error_set(err,
	    errnum == ENOSPC || errnum == EDQUOT ? ERROR_SPACE : ERROR_FILE,
	    "cannot %s the archive: %s", what, strerror(errnum));
	return error_subject(err, "%s", folder);
}

/* ---- folders ---- */

static const char *
kind_of(mode_t mode)
{
	if (S_ISLNK(mode))
		return "a symbolic link";
	return S_ISREG(mode) ? "a file" : "a pipe, socket or device";
}

/* Tells what stands in the place of the folder, if that is the reason. */
static bool
fail_open(int parent, const char *name, const char *path, struct error *err)
{
	const int errnum = errno;
	struct stat st;

	if ((errnum != ELOOP && errnum != ENOTDIR)
	    || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0
	    || S_ISDIR(st.st_mode))
		return fail(path, "open", errnum, err);
	error_set(err, ERROR_FILE,
	    "cannot open the archive: it is %s and must be a folder",
	    kind_of(st.st_mode));
	return error_subject(err, "%s", path);
}

/* The permissions of the folder are the user's choice, because those of the
 * copies do not follow from them. */
static bool
check_owner(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fail(path, "open", errno, err);
	if (st.st_uid == geteuid())
		return true;
	error_set(err, ERROR_FILE,
	    "cannot open the archive: it must belong to the user %u and "
	    "belongs to %u (mode %04o)",
	    (unsigned)geteuid(), (unsigned)st.st_uid,
	    (unsigned)st.st_mode & 07777);
	return error_subject(err, "%s", path);
}

/* Returns a descriptor, or -1.  All folders of an archive are opened here. */
static int
open_at(int parent, const char *name, const char *path, struct error *err)
{
	int fd = openat(parent, name, SUBFOLDER);

	if (fd < 0) {
		fail_open(parent, name, path, err);
		return -1;
	}
	if (check_owner(fd, path, err))
		return fd;
	close(fd);
	return -1;
}

static int
open_folder(const char *folder, struct error *err)
{
	return open_at(AT_FDCWD, folder, folder, err);
}

static int
open_below(int root, const char *folder, const char *name, struct error *err)
{
	char *path = alloc_printf("%s/%s", folder, name);
	int fd = open_at(root, name, path, err);

	free(path);
	return fd;
}

static bool
is_missing(int parent, const char *name)
{
	struct stat st;

	return fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0
	    && errno == ENOENT;
}

/* A new name is durable only if its folder is. */
static bool
create_subfolder(int root, const char *name)
{
	if (mkdirat(root, name, 0700) != 0)
		return errno == EEXIST;
	return fsync(root) == 0;
}

static int
create_folder(const char *folder, struct error *err)
{
	int root;

	if (is_missing(AT_FDCWD, folder) && !file_make_folder(folder)) {
		fail(folder, "create", errno, err);
		return -1;
	}
	root = open_folder(folder, err);
	for (size_t i = 0; root >= 0 && i < COUNT_OF(subfolders); i++) {
		if (create_subfolder(root, subfolders[i]))
			continue;
		fail(folder, "write to", errno, err);
		close(root);
		root = -1;
	}
	return root;
}

static int
open_subfolder(const char *folder, const char *name, struct error *err)
{
	int root = open_folder(folder, err);
	int fd;

	if (root < 0)
		return -1;
	fd = open_below(root, folder, name, err);
	close(root);
	return fd;
}

bool
maildir_check(const char *folder, struct error *err)
{
	bool ok = true;
	int root;

	if (is_missing(AT_FDCWD, folder))
		return true;
	root = open_folder(folder, err);
	if (root < 0)
		return false;
	for (size_t i = 0; ok && i < COUNT_OF(subfolders); i++) {
		int fd;

		if (is_missing(root, subfolders[i]))
			continue;
		fd = open_below(root, folder, subfolders[i], err);
		ok = fd >= 0;
		if (ok)
			close(fd);
	}
	close(root);
	return ok;
}

/* ---- messages ---- */

/* The name has what no other delivery has: the time, the process, a random
 * number, and the host. */
static char *
unique_name(void)
{
	struct timespec now;
	struct random random;
	char *host = host_name();
	char *name;

	for (char *p = host; p != NULL && *p != '\0'; p++)
		if (*p == '/' || *p == ':')
			*p = '_';
	clock_gettime(CLOCK_REALTIME, &now);
	random_start(&random);
	name = alloc_printf("%lld.M%06ldP%ldR%08lx.%s", (long long)now.tv_sec,
	    now.tv_nsec / 1000, (long)getpid(),
	    (unsigned long)random_next(&random) & 0xFFFFFFFFUL,
	    host != NULL ? host : "localhost");
	free(host);
	return name;
}

/* Returns what follows the letter and its digits, or NULL. */
static const char *
skip_number(const char *text, char letter, const char *digits, size_t least)
{
	size_t n;

	if (text == NULL || *text != letter)
		return NULL;
	n = strspn(text + 1, digits);
	return n >= least ? text + 1 + n : NULL;
}

/* Whether a file of that name was written by this program. */
static bool
is_own_name(const char *name)
{
	static const char digits[] = "0123456789";
	const char *p = name + strspn(name, digits);

	if (p == name || *p != '.')
		return false;
	p = skip_number(p + 1, 'M', digits, 6);
	p = skip_number(p, 'P', digits, 1);
	p = skip_number(p, 'R', "0123456789abcdef", 8);
	return p != NULL && *p == '.';
}

/* The name gets the size of the file, as in Maildir++, when the file is on the
 * disk. */
static char *
name_of_whole(const char *name, uint64_t size)
{
	return alloc_printf("%s,S=%" PRIu64, name, size);
}

static bool
is_whole(const char *name, const struct stat *st)
{
	const char *size = strrchr(name, ',');
	unsigned long long octets;

	return size != NULL && strncmp(size, ",S=", 3) == 0
	    && text_number(size + 3, 0, INT64_MAX, &octets)
	    && octets == (unsigned long long)st->st_size;
}

static bool
write_body(int fd, const struct message *m, const char *folder,
    struct error *err)
{
	char *block = alloc_bytes(BLOCK);
	size_t got = 1;
	bool ok = true;

	for (uint64_t at = 0; ok && at < m->body.size && got > 0; at += got)
		ok = buffer_file_read(&m->body, at, block, BLOCK, &got, err)
		    && (file_write(fd, block, got)
			|| fail(folder, "write to", errno, err));
	free(block);
	return ok;
}

static bool
write_text(int fd, const struct str *fields, const struct message *m,
    const char *folder, struct error *err)
{
	return ((file_write(fd, str_text(fields), fields->len)
		    && file_write(fd, str_text(&m->header), m->header.len)
		    && file_write(fd, "\n", 1))
		   || fail(folder, "write to", errno, err))
	    && write_body(fd, m, folder, err)
	    && (fsync(fd) == 0 || fail(folder, "write to", errno, err));
}

/* ---- old files ---- */

/* The status of a file changes when it is written or moved, and no program sets
 * its time.  Files of other programs stay. */
static bool
is_old(int fd, const char *name, time_t before, struct stat *st)
{
	return is_own_name(name)
	    && fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW) == 0
	    && S_ISREG(st->st_mode) && st->st_ctim.tv_sec < before;
}

/* Calls `treat` for each old file of a folder, and closes fd. */
static void
for_each_old(int fd, time_t age,
    void (*treat)(int fd, const char *name, const struct stat *st, int to),
    int to)
{
	time_t before = time(NULL) - age;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	if (stream == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(stream)) != NULL)
		if (is_old(fd, entry->d_name, before, &st))
			treat(fd, entry->d_name, &st, to);
	closedir(stream);
}

static void
remove_file(int fd, const char *name, const struct stat *st, int to)
{
	(void)st;
	(void)to;
	(void)unlinkat(fd, name, 0);
}

/* A server may have the message of a copy that is whole. */
static void
rescue_file(int fd, const char *name, const struct stat *st, int to)
{
	if (!is_whole(name, st))
		(void)unlinkat(fd, name, 0);
	else if (renameat(fd, name, to, name) == 0)
		(void)fsync(to);
}

/* Treats what killed processes have left in tmp/. */
static void
rescue_old(int root)
{
	int new = openat(root, "new", SUBFOLDER);

	if (new < 0)
		return;
	for_each_old(openat(root, "tmp", SUBFOLDER), TMP_LIFETIME, rescue_file,
	    new);
	close(new);
}

/* ---- copies ---- */

/* Names the file as a whole one; the name is on the disk before a server knows
 * of the message. */
static bool
finish_file(struct maildir_copy *copy, int tmp, uint64_t size)
{
	char *name = name_of_whole(copy->name, size);

	if (renameat(tmp, copy->name, tmp, name) != 0) {
		free(name);
		return false;
	}
	free(copy->name);
	copy->name = name;
	return fsync(tmp) == 0;
}

/* Makes the file, and its name in tmp/. */
static bool
write_file(struct maildir_copy *copy, int root, const struct str *fields,
    const struct message *m, struct error *err)
{
	int tmp = open_below(root, copy->folder, "tmp", err);
	int fd;
	bool ok;

	if (tmp < 0)
		return false;
	fd = openat(tmp, copy->name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ok = fd >= 0 || fail(copy->folder, "write to", errno, err);
	if (ok) {
		ok = write_text(fd, fields, m, copy->folder, err)
		    && (finish_file(copy, tmp,
			    fields->len + m->header.len + 1 + m->body.size)
			|| fail(copy->folder, "write to", errno, err));
		close(fd);
	}
	close(tmp);
	return ok;
}

bool
maildir_write(struct maildir_copy *copy, const char *folder,
    const struct str *fields, const struct message *m, struct error *err)
{
	int root = create_folder(folder, err);
	bool ok;

	if (root < 0)
		return false;
	*copy = (struct maildir_copy){ .folder = alloc_string(folder),
		.name = unique_name() };
	rescue_old(root);
	ok = write_file(copy, root, fields, m, err);
	close(root);
	if (!ok)
		maildir_discard(copy);
	return ok;
}

bool
maildir_keep(struct maildir_copy *copy, struct error *err)
{
	int tmp = open_subfolder(copy->folder, "tmp", err);
	int new = tmp < 0 ? -1 : open_subfolder(copy->folder, "new", err);
	bool ok = new >= 0
	    && ((renameat(tmp, copy->name, new, copy->name) == 0
		    && fsync(new) == 0)
		|| fail(copy->folder, "write to", errno, err));

	if (tmp >= 0)
		close(tmp);
	if (new >= 0)
		close(new);
	maildir_leave(copy);
	return ok;
}

void
maildir_discard(struct maildir_copy *copy)
{
	int tmp =
	    copy->name == NULL ? -1 : open_subfolder(copy->folder, "tmp", NULL);

	if (tmp >= 0) {
		(void)unlinkat(tmp, copy->name, 0);
		close(tmp);
	}
	maildir_leave(copy);
}

void
maildir_leave(struct maildir_copy *copy)
{
	free(copy->folder);
	free(copy->name);
	*copy = (struct maildir_copy){ 0 };
}

void
maildir_sweep(const char *folder, unsigned days)
{
	static const char *const names[] = { "new", "cur" };
	int root = open_folder(folder, NULL);

	if (root < 0)
		return;
	rescue_old(root);
	for (size_t i = 0; days > 0 && i < COUNT_OF(names); i++)
		for_each_old(openat(root, names[i], SUBFOLDER),
		    (time_t)days * DAY, remove_file, -1);
	close(root);
}
