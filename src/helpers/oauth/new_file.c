/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Replaces files of the token store. */
#include "helpers/oauth/new_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/str.h"
#include "oauth/store.h"

#define ROOM ((off_t)64 * 1024)
#define OLD_SECONDS 3600
#define TEMPORARY_END ".XXXXXX"

static const struct {
	int number;
	enum oauth_class outcome;
} classes[] = {
	{ EROFS, OAUTH_CONFIG },
	{ EACCES, OAUTH_CONFIG },
	{ EPERM, OAUTH_CONFIG },
	{ ENOENT, OAUTH_CONFIG },
	{ ENOTDIR, OAUTH_CONFIG },
	{ ENOSPC, OAUTH_SPACE },
	{ EDQUOT, OAUTH_SPACE },
	{ EFBIG, OAUTH_SPACE },
};

static bool
fail(const char *path, int errnum, struct oauth_failure *failure)
{
	const char *slash = strrchr(path, '/');
	enum oauth_class outcome = OAUTH_TEMPORARY;

	for (size_t i = 0; i < COUNT_OF(classes); i++)
		if (classes[i].number == errnum)
			outcome = classes[i].outcome;
	return oauth_fail(failure, outcome,
	    "cannot keep a new token in %.*s: %s", (int)(slash - path), path,
	    strerror(errnum));
}

bool
new_file_prepare(struct new_file *file, const struct oauth_params *p,
    const char *suffix, struct oauth_failure *failure)
{
	struct error err = { 0 };
	int code;

	file->path = oauth_store_path(p, suffix, &err);
	if (file->path == NULL)
		return oauth_fail_error(failure, &err);
	file->temporary = alloc_printf("%s" TEMPORARY_END, file->path);
	file->fd = mkostemp(file->temporary, O_CLOEXEC);
	if (file->fd < 0) {
		fail(file->path, errno, failure);
		alloc_replace(&file->temporary, NULL);
		return false;
	}
	code = posix_fallocate(file->fd, 0, ROOM);
	return code == 0 || code == EINVAL || code == EOPNOTSUPP
	    || fail(file->path, code, failure);
}

bool
new_file_try(const struct oauth_params *p, struct oauth_failure *failure)
{
	struct new_file file = { 0 };
	bool ok = new_file_prepare(&file, p, OAUTH_ACCESS_SUFFIX, failure);

	new_file_free(&file);
	return ok;
}

/* The new name is on the disk when the folder is. */
static bool
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = alloc_string_n(path, (size_t)(slash - path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	int failure = errno;

	if (fd >= 0)
		close(fd);
	free(folder);
	errno = failure;
	return ok;
}

bool
new_file_commit(struct new_file *file, const struct record *record,
    const void *object, struct oauth_failure *failure)
{
	struct error err = { 0 };
	struct str text = { 0 };
	bool ok = record_write(record, object, &text, &err);

	if (!ok) {
		str_wipe(&text);
		return oauth_fail_error(failure, &err);
	}
	ok = file_write(file->fd, text.data, text.len)
	    && ftruncate(file->fd, (off_t)text.len) == 0 && fsync(file->fd) == 0
	    && rename(file->temporary, file->path) == 0;
	str_wipe(&text);
	if (!ok)
		return fail(file->path, errno, failure);
	alloc_replace(&file->temporary, NULL);
	return sync_folder(file->path) || fail(file->path, errno, failure);
}

void
new_file_free(struct new_file *file)
{
	if (file->temporary != NULL)
		unlink(file->temporary);
	if (file->path != NULL && file->fd >= 0)
		close(file->fd);
	free(file->temporary);
	free(file->path);
	*file = (struct new_file){ 0 };
}

static bool
is_temporary_of(const char *file, const char *name)
{
	static const char *const suffixes[] = { OAUTH_GRANT_SUFFIX,
		OAUTH_ACCESS_SUFFIX };
	size_t len = strlen(name);

	if (strncmp(file, name, len) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		size_t size = strlen(suffixes[i]);

		if (strncmp(file + len, suffixes[i], size) == 0
		    && strlen(file + len + size) == sizeof(TEMPORARY_END) - 1)
			return true;
	}
	return false;
}

void
new_file_clean(const struct oauth_params *p)
{
	DIR *folder = opendir(p->store);
	struct str name = { 0 };
	struct dirent *entry;
	struct stat st;

	if (folder == NULL)
		return;
	if (oauth_store_name(p, &name, NULL))
		while ((entry = readdir(folder)) != NULL)
			if (is_temporary_of(entry->d_name, name.data)
			    && fstatat(dirfd(folder), entry->d_name, &st,
				   AT_SYMLINK_NOFOLLOW)
				== 0
			    && time(NULL) - st.st_mtime > OLD_SECONDS)
				unlinkat(dirfd(folder), entry->d_name, 0);
	str_free(&name);
	closedir(folder);
}
