/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* What is read at once from a file that does not tell its size. */
#define FILE_BLOCK 4096

/*
 * O_NONBLOCK: a FIFO without a writer opens at once (and is then refused).
 * The first try does not follow a symbolic link, so that one system call
 * tells in the usual case that there is none.
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

static bool
refuse_open(const char *path, int reason, struct error *err)
{
	struct str who = { 0 };
	struct stat st;

	if (reason == EACCES && stat(path, &st) == 0) {
		str_printf(&who, " (it belongs to ");
		add_owner(&who, st.st_uid);
		str_printf(&who, " and has mode %04o)",
		    (unsigned)st.st_mode & 07777);
	}
	error_set(err, ERROR_CONFIG, "cannot read %s: %s%s", path,
	    strerror(reason), str_text(&who));
	str_free(&who);
	return false;
}

static bool
read_all(int fd, const char *path, size_t size, size_t max, struct str *text,
    struct error *err)
{
	size_t start = text->len;

	/* Room for all of it and one more byte, which tells that it grew:
	 * a secret is not left behind in memory that was too small. */
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

static bool
read_open_file(int fd, const char *path, const struct file_rules *rules,
    struct str *text, struct file_info *info, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse_open(path, errno, err);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG,
		    "cannot read %s: it is a directory", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_CONFIG,
		    "cannot read %s: it is not a regular file", path);

	info->owner = st.st_uid;
	info->mode = st.st_mode & 07777;
	info->linked = st.st_nlink > 1;
	if (rules->secret && !file_check_secret(path, info, rules->owner, err))
		return false;
	if (st.st_size < 0 || (unsigned long long)st.st_size > rules->max)
		return error_set(err, ERROR_CONFIG,
		    "%s is larger than %zu bytes", path, rules->max);
	return read_all(fd, path, (size_t)st.st_size, rules->max, text, err);
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
		ok = refuse_open(path, errno, err);
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
	struct str whose = { 0 };

	if (info->symlink)
		return error_set(err, ERROR_CONFIG,
		    "%s holds a secret and is a symbolic link: name the file "
		    "itself",
		    path);
	if (info->linked)
		return error_set(err, ERROR_CONFIG,
		    "%s holds a secret and has more than one name (hard link): "
		    "make a copy of its own",
		    path);
	if (info->owner != owner && info->owner != 0) {
		add_owner(&whose, info->owner);
		str_add(&whose, ", not to ");
		add_owner(&whose, owner);
		error_set(err, ERROR_CONFIG,
		    "%s holds a secret and belongs to %s: mend it with chown",
		    path, str_text(&whose));
		str_free(&whose);
		return false;
	}
	if (info->mode & 077)
		return error_set(err, ERROR_CONFIG,
		    "%s holds a secret and has mode %04o, so others may use it: "
		    "chmod 600 %s",
		    path, (unsigned)info->mode, path);
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

char *
file_expand_home(const char *path, const char *home)
{
	if (path && home && path[0] == '~' && path[1] == '/')
		return alloc_printf("%s%s", home, path + 1);
	return alloc_string(path);
}
