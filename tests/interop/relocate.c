/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded before libc in Dovecot, which looks for its modules where it was
 * configured to be installed: /usr/lib/dovecot/... is sought below
 * $RELOCATE_ROOT instead.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
relocate(const char *path, char *buf, size_t size)
{
	const char *root = getenv("RELOCATE_ROOT");

	if (!root || !path || strncmp(path, "/usr/lib/dovecot/", 17) != 0)
		return path;
	snprintf(buf, size, "%s%s", root, path);
	return buf;
}

DIR *
opendir(const char *path)
{
	DIR *(*real)(const char *);
	char buf[PATH_MAX];

	*(void **)&real = dlsym(RTLD_NEXT, "opendir");
	return real(relocate(path, buf, sizeof buf));
}

void *
dlopen(const char *path, int flags)
{
	void *(*real)(const char *, int);
	char buf[PATH_MAX];

	*(void **)&real = dlsym(RTLD_NEXT, "dlopen");
	return real(relocate(path, buf, sizeof buf), flags);
}
