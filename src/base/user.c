/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks a user up in the password database and, for the caller, in the
 * environment.
 */
#include "base/user.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"

/* Longer values of environment variables are not accepted as names. */
#define NAME_LENGTH_MAX 256

static const char *
user_variable(const struct user *u, const char *variable)
{
	return u->has_environment ? getenv(variable) : NULL;
}

/* Returns the value of an environment variable if it can be a name, else NULL. */
static const char *
name_from_environment(const struct user *u, const char *variable)
{
	const char *value = user_variable(u, variable);
	size_t len = value ? strnlen(value, NAME_LENGTH_MAX + 1) : 0;

	if (len == 0 || len > NAME_LENGTH_MAX || !text_is_wire_safe(value, len)
	    || !text_is_utf8(value, len))
		return NULL;
	return value;
}

/* Whether the password database has an entry with this name and uid. */
static bool
is_name_of(const char *name, uid_t uid)
{
	const struct passwd *entry = name ? getpwnam(name) : NULL;

	return entry && entry->pw_uid == uid;
}

char *
user_name(const struct user *u)
{
	static const char *const variables[] = { "LOGNAME", "USER" };
	const struct passwd *entry;
	char *user;

	if (u->is_service)
		return alloc_string(u->login);
	entry = getpwuid(u->uid);
	if (!entry || !*entry->pw_name)
		return alloc_printf("uid-%lu", (unsigned long)u->uid);
	user = alloc_string(entry->pw_name);
	for (size_t i = 0; i < COUNT_OF(variables); i++) {
		const char *name = name_from_environment(u, variables[i]);

		if (!name)
			continue;
		if (strcmp(name, user) == 0)
			break;
		if (is_name_of(name, u->uid)) {
			alloc_replace(&user, name);
			break;
		}
	}
	return user;
}

/* The gecos field up to its first comma; "&" is the capitalised login name. */
static char *
name_from_gecos(const struct passwd *entry)
{
	struct str name = { 0 };

	for (const char *p = entry->pw_gecos; p && *p && *p != ','; p++) {
		size_t start = name.len;

		if (*p != '&') {
			str_add_char(&name, *p);
			continue;
		}
		str_add(&name, entry->pw_name);
		if (name.len > start && name.data[start] >= 'a'
		    && name.data[start] <= 'z')
			name.data[start] = (char)(name.data[start] - 'a' + 'A');
	}
	return str_steal(&name);
}

char *
user_full_name(const struct user *u)
{
	const char *name = name_from_environment(u, "NAME");
	const struct passwd *entry;

	if (name)
		return alloc_string(name);
	entry = getpwuid(user_client(u));
	return entry ? name_from_gecos(entry) : alloc_string("");
}

bool
user_owns_home(const struct user *u)
{
	struct stat st;

	return u->home != NULL && stat(u->home, &st) == 0
	    && st.st_uid == u->uid;
}

const char *
user_folder(const struct user *u, const char *variable)
{
	const char *folder = user_variable(u, variable);
	struct stat st;

	if (folder && *folder == '/' && stat(folder, &st) == 0
	    && S_ISDIR(st.st_mode) && st.st_uid == u->uid)
		return folder;
	return NULL;
}

static char *
find_home(const struct user *u)
{
	const char *home = user_folder(u, "HOME");
	const struct passwd *entry;

	if (home)
		return alloc_string(home);
	entry = getpwuid(u->uid);
	return entry && entry->pw_dir && *entry->pw_dir == '/'
	    ? alloc_string(entry->pw_dir)
	    : NULL;
}

void
user_init_caller(struct user *u)
{
	*u = (struct user){ .uid = getuid(), .has_environment = true };
	u->home = find_home(u);
}

void
user_init_service(struct user *u, uid_t client, const char *login)
{
	*u = (struct user){ .uid = geteuid(),
		.is_service = true,
		.client = client,
		.login = alloc_string(login) };
}

uid_t
user_client(const struct user *u)
{
	return u->is_service ? u->client : u->uid;
}

void
user_free(struct user *u)
{
	free(u->home);
	free(u->login);
	free(u->label);
	*u = (struct user){ 0 };
}
