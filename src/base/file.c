/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads small files, and checks who can access files with secrets. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

/* The block size for files whose size is not known, as in /proc. */
#define FILE_BLOCK 4096

/*
 * Opens the file without blocking on a FIFO, which read_open_file() then
 * rejects.  O_NOFOLLOW first: usually one system call opens the file and shows
 * that it is not a symbolic link.
 */
static int
open_file(const char *path, bool secret, bool *symlink)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags | O_NOFOLLOW);

	*symlink = fd < 0 && errno == ELOOP;
	if (*symlink && !secret)
		fd = open(path, flags);
	return fd;
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

/* Sets the error for a failed system call; for EACCES with owner and mode. */
static bool
fail_open(const char *path, int errnum, struct error *err)
{
	struct str access = { 0 };
	struct stat st;

	if (errnum == EACCES && stat(path, &st) == 0) {
		str_add(&access, " (owner ");
		add_owner(&access, st.st_uid);
		str_printf(&access, ", mode %04o)",
		    (unsigned)st.st_mode & 07777);
	}
	error_set(err, ERROR_CONFIG, "cannot read %s: %s%s", path,
	    strerror(errnum), str_text(&access));
	str_free(&access);
	return false;
}

static bool
read_all(int fd, const char *path, size_t size, size_t max, struct str *text,
    struct error *err)
{
	size_t start = text->len;

	/* Allocate memory for the whole file and one more byte (to see the
	 * end), so that no copy of a secret stays in a smaller buffer. */
	for (size_t room = size + 1;; room = FILE_BLOCK) {
		char *to = str_reserve(text, room);
		ssize_t n;

		do
			n = read(fd, to, room);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return error_set(err, ERROR_CONFIG,
			    "cannot read %s: %s", path, strerror(errno));
		if (n == 0)
			return true;
		text->len += (size_t)n;
		text->data[text->len] = '\0';
		if (text->len - start > max)
			return error_set(err, ERROR_CONFIG,
			    "%s is larger than %zu bytes", path, max);
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
	info->mode = st.st_mode & 07777;
	info->linked = st.st_nlink > 1;
	if (rules->secret && !file_check_secret(path, info, rules->owner, err))
		return false;
	if (st.st_size < 0 || (unsigned long long)st.st_size > rules->max)
		return error_set(err, ERROR_CONFIG,
		    "%s is larger than %zu bytes", path, rules->max);
	return read_all(fd, path, (size_t)st.st_size, rules->max, text, err)
	    && check_encoding(path, text, start, err);
}

bool
file_read(const char *path, const struct file_rules *rules, struct str *text,
    struct file_info *info, struct error *err)
{
	struct file_info found = { 0 };
	size_t start = text->len;
	int fd = open_file(path, rules->secret, &found.symlink);
	bool ok;

	if (fd >= 0) {
		ok = read_open_file(fd, path, rules, text, &found, err);
		close(fd);
	} else if (rules->may_be_absent
	    && (errno == ENOENT || errno == ENOTDIR)) {
		found.absent = true;
		ok = true;
	} else if (found.symlink && rules->secret) {
		ok = file_check_secret(path, &found, rules->owner, err);
	} else {
		ok = fail_open(path, errno, err);
	}
	if (!ok && rules->secret && start == 0)
		str_wipe(text);
	else if (!ok)
		str_truncate(text, start);
	if (info)
		*info = found;
	return ok;
}

bool
file_check_secret(const char *path, const struct file_info *info, uid_t owner,
    struct error *err)
{
	struct str owners = { 0 };

	if (info->symlink)
		return error_set(err, ERROR_CONFIG,
		    "%s contains a secret and must not be a symbolic link: "
		    "use the path of the file itself",
		    path);
	if (info->linked)
		return error_set(err, ERROR_CONFIG,
		    "%s contains a secret and must not have a second name "
		    "(hard link): make a copy",
		    path);
	if (info->owner != owner && info->owner != 0) {
		add_owner(&owners, info->owner);
		str_add(&owners, ", not to ");
		add_owner(&owners, owner);
		error_set(err, ERROR_CONFIG,
		    "%s contains a secret but belongs to %s: change the owner "
		    "with chown",
		    path, str_text(&owners));
		str_free(&owners);
		return false;
	}
	if (info->mode & 077)
		return error_set(err, ERROR_CONFIG,
		    "%s contains a secret but others may access it (mode "
		    "%04o): run chmod 600 %s",
		    path, (unsigned)info->mode, path);
	return true;
}

int
file_open_append(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
		| O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
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

char *
file_expand_home(const char *path, const char *home)
{
	if (path && home && path[0] == '~' && path[1] == '/')
		return alloc_printf("%s%s", home, path + 1);
	return alloc_string(path);
}
