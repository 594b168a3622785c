/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads small files, and checks who can access files with secrets. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/text.h"

/* The block size for files whose size is not known, as in /proc. */
#define FILE_BLOCK 4096

/* Between two attempts of file_lock(). */
#define LOCK_PAUSE_MS 20

/* Folders in which containers and systemd present secrets. */
static const char *const secret_folders[] = { "/run/secrets/",
	"/var/run/secrets/", "/run/credentials/" };

/*
 * Opens the file without blocking on a FIFO, which read_open_file() then
 * rejects.  O_NOFOLLOW first: usually one system call opens the file and shows
 * that it is not a symbolic link.
 */
static int
open_file(const char *path, struct file_info *info)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags | O_NOFOLLOW);
	struct stat st;

	info->symlink = fd < 0 && errno == ELOOP;
	if (!info->symlink)
		return fd;
	if (lstat(path, &st) < 0)
		return -1;
	info->link_owner = st.st_uid;
	return open(path, flags);
}

bool
file_errno_is_temporary(int errnum)
{
	static const int temporary[] = { ENFILE, EMFILE, ENOMEM, ENOBUFS, EIO,
		EINTR, EAGAIN, ESTALE, ETIMEDOUT, EBUSY };

	for (size_t i = 0; i < COUNT_OF(temporary); i++)
		if (temporary[i] == errnum)
			return true;
	return false;
}

static enum error_kind
kind_of(int errnum)
{
	return file_errno_is_temporary(errnum) ? ERROR_FILE : ERROR_CONFIG;
}

/* Appends "NAME" or "uid N". */
static void
add_owner(struct str *out, uid_t uid)
{
	const struct passwd *entry = getpwuid(uid);

	if (entry)
		str_add(out, entry->pw_name);
	else
		str_printf(out, "uid %lu", (unsigned long)uid);
}

/* Sets the error for a failed system call; for EACCES with owner and mode, and
 * with a hint if the name ends with a comment. */
static bool
fail_open(const char *path, int errnum, struct error *err)
{
	struct str hint = { 0 };
	struct stat st;

	if (errnum == EACCES && stat(path, &st) == 0) {
		str_add(&hint, " (owner ");
		add_owner(&hint, st.st_uid);
		str_printf(&hint, ", mode %04o)", (unsigned)st.st_mode & 07777);
	}
	/* The value of a setting goes to the end of its line. */
	if (errnum == ENOENT && strstr(path, " #") != NULL)
		str_add(&hint, " (a comment has a line of its own)");
	error_set(err, kind_of(errnum), "cannot read %s: %s%s", path,
	    strerror(errnum), str_text(&hint));
	str_free(&hint);
	return false;
}

static bool
read_all(int fd, const char *path, size_t size, const struct file_rules *rules,
    struct str *text, struct error *err)
{
	size_t start = text->len, room = size + 1;

	/* Allocate memory for the whole file and one more byte (to see the
	 * end), so that no copy of a secret stays in a smaller buffer. */
	for (;;) {
		char *to = str_reserve(text, room);
		ssize_t n;

		do
			n = read(fd, to, room);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return fail_open(path, errno, err);
		if (n == 0)
			return true;
		text->len += (size_t)n;
		text->data[text->len] = '\0';
		room = (size_t)n < room ? room - (size_t)n : FILE_BLOCK;
		if (text->len - start > rules->max)
			return rules->first_line
			    || error_set(err, ERROR_CONFIG,
				"%s is larger than %zu bytes", path,
				rules->max);
	}
}

/* Removes a byte order mark from the text after `start`. */
static bool
check_encoding(const char *path, struct str *text, size_t start,
    struct error *err)
{
	size_t len = text->len - start, mark;

	if (text_is_utf16(str_text(text) + start, len))
		return error_set(err, ERROR_CONFIG,
		    "%s: the file " TEXT_UTF16_PROBLEM, path);
	mark = text_mark_length(str_text(text) + start, len);
	if (mark > 0) {
		memmove(text->data + start, text->data + start + mark,
		    len - mark);
		/* No copy of the end of a secret may stay behind. */
		memset(text->data + text->len - mark, 0, mark);
		str_truncate(text, text->len - mark);
	}
	return true;
}

/* "PATH WHAT belongs to A, not to B", and what the process's user can do. */
static bool
fail_owner(const char *path, const char *what, uid_t found, uid_t owner,
    struct error *err)
{
	struct str owners = { 0 };

	add_owner(&owners, found);
	str_add(&owners, ", not to ");
	add_owner(&owners, owner);
	if (owner != 0)
		str_add(&owners, " or root");
	error_set(err, ERROR_CONFIG, "%s %s belongs to %s: %s", path, what,
	    str_text(&owners),
	    geteuid() == 0
		? "change the owner with chown"
		: "make a copy of your own, or ask root to run chown");
	str_free(&owners);
	return false;
}

/* Who can run chmod: the owner and root. */
static bool
fail_mode(const char *path, const char *what, const struct file_info *info,
    const char *mode, struct error *err)
{
	bool can_change = geteuid() == 0 || geteuid() == info->owner;

	return error_set(err, ERROR_CONFIG, "%s %s (mode %04o): %s chmod %s %s",
	    path, what, (unsigned)info->mode,
	    can_change ? "run" : "ask root to run", mode, path);
}

/* Many systems give each user a group of the same name, and create files that
 * this group may change. */
static bool
is_private_group(gid_t group, uid_t owner)
{
	const struct passwd *user = getpwuid(owner);
	const struct group *entry = getgrgid(group);

	if (user == NULL || entry == NULL || user->pw_gid != group
	    || strcmp(entry->gr_name, user->pw_name) != 0)
		return false;
	for (char **member = entry->gr_mem; *member != NULL; member++)
		if (strcmp(*member, user->pw_name) != 0)
			return false;
	return true;
}

static bool
check_trusted(const char *path, const struct file_info *info, uid_t owner,
    struct error *err)
{
	if (info->owner != owner && info->owner != 0)
		return fail_owner(path, "decides about mail but", info->owner,
		    owner, err);
	if ((info->mode & S_IWOTH) != 0
	    || ((info->mode & S_IWGRP) != 0
		&& !is_private_group(info->group, info->owner)))
		return fail_mode(path,
		    "decides about mail but others may change it", info, "go-w",
		    err);
	return true;
}

static bool
is_in_secret_folder(const char *path)
{
	if (strstr(path, "/../") != NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(secret_folders); i++)
		if (strncmp(path, secret_folders[i], strlen(secret_folders[i]))
		    == 0)
			return true;
	return false;
}

/* The permissions that nobody but the owner may have. */
static mode_t
forbidden_mode(const char *path, const struct file_info *info)
{
	if (info->owner != 0)
		return 077;
	return is_in_secret_folder(path) ? 022 : 037;
}

bool
file_check_secret(const char *path, const struct file_info *info, uid_t owner,
    struct error *err)
{
	if (info->symlink && info->link_owner != owner && info->link_owner != 0)
		return fail_owner(path,
		    "leads to a secret but is a symbolic link that",
		    info->link_owner, owner, err);
	if (info->linked)
		return error_set(err, ERROR_CONFIG,
		    "%s contains a secret and must not have a second name "
		    "(hard link): make a copy",
		    path);
	if (info->owner != owner && info->owner != 0)
		return fail_owner(path, "contains a secret but", info->owner,
		    owner, err);
	if ((info->mode & forbidden_mode(path, info)) != 0)
		return fail_mode(path,
		    "contains a secret but others may access it", info,
		    info->owner == owner ? "600" : "640", err);
	return true;
}

static bool
check_group(const char *path, const struct file_info *info,
    const struct file_rules *rules, struct error *err)
{
	if ((info->mode & S_IRWXO) != 0)
		return fail_mode(path,
		    "contains a secret but others may access it", info, "640",
		    err);
	if ((info->mode & S_IRWXG) == 0 || info->group == rules->group)
		return true;
	return error_set(err, ERROR_CONFIG,
	    "%s contains a secret but a group that is not that of the service "
	    "may access it (gid %lu, mode %04o): run chgrp %lu",
	    path, (unsigned long)info->group, (unsigned)info->mode,
	    (unsigned long)rules->group);
}

static bool
check_use(const char *path, const struct file_info *info,
    const struct file_rules *rules, struct error *err)
{
	switch (rules->use) {
	case FILE_TRUSTED:
		return check_trusted(path, info, rules->owner, err);
	case FILE_SECRET:
		return file_check_secret(path, info, rules->owner, err)
		    && (!rules->one_group
			|| check_group(path, info, rules, err));
	default:
		return true;
	}
}

static bool
read_open_file(int fd, const char *path, const struct file_rules *rules,
    struct str *text, struct file_info *info, struct error *err)
{
	size_t start = text->len;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_open(path, errno, err);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_CONFIG, "cannot read %s: it is %s",
		    path,
		    S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
	info->owner = st.st_uid;
	info->group = st.st_gid;
	info->mode = st.st_mode & 07777;
	info->linked = st.st_nlink > 1;
	if (!check_use(path, info, rules, err))
		return false;
	if (rules->first_line && st.st_size > (off_t)rules->max)
		st.st_size = (off_t)rules->max;
	if (st.st_size < 0 || (unsigned long long)st.st_size > rules->max)
		return error_set(err, ERROR_CONFIG,
		    "%s is larger than %zu bytes", path, rules->max);
	return read_all(fd, path, (size_t)st.st_size, rules, text, err)
	    && check_encoding(path, text, start, err);
}

bool
file_read(const char *path, const struct file_rules *rules, struct str *text,
    struct file_info *info, struct error *err)
{
	struct file_info found = { 0 };
	size_t start = text->len;
	int fd = open_file(path, &found);
	bool ok;

	if (fd >= 0) {
		ok = read_open_file(fd, path, rules, text, &found, err);
		close(fd);
	} else if (rules->may_be_absent
	    && (errno == ENOENT || errno == ENOTDIR)) {
		found.absent = true;
		ok = true;
	} else {
		ok = fail_open(path, errno, err);
	}
	if (!ok && rules->use == FILE_SECRET && start == 0)
		str_wipe(text);
	else if (!ok)
		str_truncate(text, start);
	if (info)
		*info = found;
	return ok;
}

/* Whether everybody can create files in the folder of that path. */
static bool
is_in_shared_folder(const char *path)
{
	char *copy = alloc_string(path);
	struct stat st;
	bool shared = stat(dirname(copy), &st) != 0
	    || (st.st_mode & S_IWOTH) != 0
	    || (st.st_uid != 0 && st.st_uid != geteuid());

	free(copy);
	return shared;
}

/* Returns what is wrong with a file to append to, or NULL. */
static const char *
append_problem(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (S_ISCHR(st.st_mode) && st.st_uid == 0)
		return NULL;
	if (!S_ISREG(st.st_mode))
		return "it is not a regular file";
	if (st.st_nlink > 1)
		return "it has a second name (hard link)";
	if (st.st_uid != 0 && st.st_uid != geteuid()
	    && is_in_shared_folder(path))
		return "it belongs to another user";
	return NULL;
}

static int
open_append(const char *path, int access)
{
	return open(path,
	    access | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
		| O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
}

int
file_open_append(const char *path, const char **why)
{
	int fd = open_append(path, O_RDWR);

	if (fd < 0 && errno == EACCES)
		fd = open_append(path, O_WRONLY);
	if (fd < 0) {
		*why = errno == ELOOP ? "it is a symbolic link"
		    : errno == ENXIO  ? "it is not a regular file"
				      : strerror(errno);
		return -1;
	}
	*why = append_problem(fd, path);
	if (*why == NULL)
		return fd;
	close(fd);
	return -1;
}

bool
file_lock(int fd, int64_t deadline)
{
	struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (clock_has_passed(deadline)) {
			errno = EAGAIN;
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

bool
file_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Waits in spite of signals, after which write() would wait without an end. */
static bool
wait_for_reader(int fd, int64_t deadline)
{
	struct pollfd polled = { .fd = fd, .events = POLLOUT };
	int ready;

	do
		ready = poll(&polled, 1, clock_poll_timeout(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = EAGAIN;
	return ready > 0;
}

/* A pipe that is ready takes PIPE_BUF octets without waiting. */
bool
file_write_until(int fd, const void *data, size_t len, int64_t deadline)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n;

		if (!wait_for_reader(fd, deadline))
			return false;
		n = write(fd, at, len < PIPE_BUF ? len : PIPE_BUF);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)
		    || clock_has_passed(deadline)) {
			return false;
		}
	}
	return true;
}

bool
file_sync_name(int fd)
{
	int around = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = around < 0 || fsync(around) == 0;

	if (around >= 0)
		close(around);
	return ok;
}

/* ---- new folders ---- */

/* The name of the folders in which this program, and nobody else, keeps files. */
#define OWN_NAME "/veredus"

static bool
is_own_folder(const char *path)
{
	for (const char *at = path; (at = strstr(at, OWN_NAME)) != NULL; at++) {
		char next = at[strlen(OWN_NAME)];

		if (next == '/' || next == '\0')
			return true;
	}
	return false;
}

/*
 * The permissions of a folder that others share or have to pass through.  They do
 * not exceed those of the folder around it: what is in the home of root is closed.
 */
static mode_t
shared_mode(const char *path, int fd)
{
	mode_t most = geteuid() == 0 ? 0755 : 0700;
	struct stat around;

	if (is_own_folder(path))
		most = 0711;
	return fstatat(fd, "..", &around, 0) == 0
	    ? 0700 | (most & around.st_mode)
	    : 0700;
}

static bool
make_one_folder(const char *folder, bool is_shared)
{
	mode_t mode;
	bool ok;
	int fd;

	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	mode = is_shared ? shared_mode(folder, fd) : 0700;
	ok = (mode == 0700 || fchmod(fd, mode) == 0) && file_sync_name(fd);
	close(fd);
	return ok;
}

/* Returns the path of the folder around it, without a slash at its end. */
static char *
folder_above(const char *path)
{
	size_t len = strlen(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	while (len > 0 && path[len - 1] == '/')
		len--;
	return alloc_string_n(path, len);
}

bool
file_make_parents(const char *path)
{
	char *above = folder_above(path);
	bool ok = *above == '\0' || make_one_folder(above, true)
	    || (errno == ENOENT && file_make_parents(above)
		&& make_one_folder(above, true));

	free(above);
	return ok;
}

bool
file_make_folder(const char *folder)
{
	return make_one_folder(folder, false)
	    || (errno == ENOENT && file_make_parents(folder)
		&& make_one_folder(folder, false));
}

char *
file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return alloc_string(".");
	return alloc_string_n(path, slash == path ? 1 : (size_t)(slash - path));
}

char *
file_expand_home(const char *path, const char *home)
{
	if (path && home && path[0] == '~' && path[1] == '/')
		return alloc_printf("%s%s", home, path + 1);
	return alloc_string(path);
}

bool
file_is_same(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return stat(a, &of_a) == 0 && stat(b, &of_b) == 0
	    && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}
