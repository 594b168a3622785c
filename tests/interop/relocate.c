/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library to preload into Dovecot and Exim.  Dovecot looks for its modules
 * in /usr/lib/dovecot, its compiled-in path: the library redirects such paths
 * to $RELOCATE_ROOT.  Exim looks up its compiled-in user and group before it
 * reads its configuration: $RELOCATE_USER replaces them.
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
relocate_path(const char *path, char *buf, size_t size)
{
	static const char folder[] = "/usr/lib/dovecot";
	const char *root = getenv("RELOCATE_ROOT");
	size_t length = sizeof folder - 1;

	if (!root || !path || strncmp(path, folder, length) != 0
	    || (path[length] != '/' && path[length] != '\0'))
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
	return real(relocate_path(path, buf, sizeof buf));
}

void *
dlopen(const char *path, int flags)
{
	void *(*real)(const char *, int);
	char buf[PATH_MAX];

	*(void **)&real = dlsym(RTLD_NEXT, "dlopen");
	return real(relocate_path(path, buf, sizeof buf), flags);
}

static const char *
relocate_user(const char *name)
{
	const char *user = getenv("RELOCATE_USER");

	return user && strcmp(name, "Debian-exim") == 0 ? user : name;
}

struct passwd *
getpwnam(const char *name)
{
	struct passwd *(*real)(const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "getpwnam");
	return real(relocate_user(name));
}

struct group *
getgrnam(const char *name)
{
	struct group *(*real)(const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "getgrnam");
	return real(relocate_user(name));
}
