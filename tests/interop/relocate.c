/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loaded before libc in Dovecot, which looks for its modules where it was
 * configured to be installed: /usr/lib/dovecot/... is sought below
 * $RELOCATE_ROOT instead.  And in Exim, which wants its own user before it
 * reads a line of its configuration: here that is another one.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
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

static const char *
translate(const char *name)
{
	const char *user = getenv("RELOCATE_USER");

	return user && strcmp(name, "Debian-exim") == 0 ? user : name;
}

struct passwd *
getpwnam(const char *name)
{
	struct passwd *(*real)(const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "getpwnam");
	return real(translate(name));
}

struct group *
getgrnam(const char *name)
{
	struct group *(*real)(const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "getgrnam");
	return real(translate(name));
}
