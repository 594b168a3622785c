/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/identity.h"

#include <limits.h>
#include <netdb.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/idna.h"
#include "base/str.h"
#include "base/text.h"

/* Longer values of environment variables are not taken for names. */
#define NAME_LENGTH_MAX 256
#define HOST_NAME_SIZE 256

/* A variable of the environment that may be a name, else NULL. */
static const char *
name_from_environment(const char *variable)
{
	const char *value = getenv(variable);
	size_t len = value ? strnlen(value, NAME_LENGTH_MAX + 1) : 0;

	if (len == 0 || len > NAME_LENGTH_MAX || !text_is_wire_safe(value, len)
	    || !text_is_utf8(value, len))
		return NULL;
	return value;
}

/* Whether the system knows the name as another one of this uid. */
static bool
is_name_of(const char *name, uid_t uid)
{
	const struct passwd *entry = name ? getpwnam(name) : NULL;

	return entry && entry->pw_uid == uid;
}

char *
identity_user(void)
{
	static const char *const variables[] = { "LOGNAME", "USER" };
	uid_t uid = getuid();
	const struct passwd *entry = getpwuid(uid);
	char *user;

	if (!entry || !*entry->pw_name)
		return alloc_printf("uid-%lu", (unsigned long)uid);
	user = alloc_string(entry->pw_name);
	for (size_t i = 0; i < COUNT_OF(variables); i++) {
		const char *name = name_from_environment(variables[i]);

		if (!name)
			continue;
		if (strcmp(name, user) == 0)
			break;
		if (is_name_of(name, uid)) {
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
identity_full_name(void)
{
	const char *name = name_from_environment("NAME");
	const struct passwd *entry;

	if (name)
		return alloc_string(name);
	entry = getpwuid(getuid());
	return entry ? name_from_gecos(entry) : alloc_string("");
}

const char *
identity_folder(const char *variable)
{
	const char *folder = getenv(variable);
	struct stat st;

	if (folder && *folder == '/' && stat(folder, &st) == 0
	    && S_ISDIR(st.st_mode) && st.st_uid == getuid())
		return folder;
	return NULL;
}

char *
identity_home(void)
{
	const char *home = identity_folder("HOME");
	const struct passwd *entry;

	if (home)
		return alloc_string(home);
	entry = getpwuid(getuid());
	return entry && entry->pw_dir && *entry->pw_dir == '/'
	    ? alloc_string(entry->pw_dir)
	    : NULL;
}

/* The name of the host as the kernel has it, without a final dot; or "". */
static void
read_host_name(char name[HOST_NAME_SIZE])
{
	size_t len;

	if (gethostname(name, HOST_NAME_SIZE) < 0)
		name[0] = '\0';
	name[HOST_NAME_SIZE - 1] = '\0';
	len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		name[len - 1] = '\0';
}

char *
identity_host(void)
{
	char name[HOST_NAME_SIZE];
	unsigned long long number;

	read_host_name(name);
	name[strcspn(name, ".")] = '\0';
	/* Containers are often named by a number, which is no host name. */
	if (!idna_is_host_name(name)
	    && !text_number(name, 0, ULLONG_MAX, &number))
		return alloc_string("localhost");
	return alloc_string(name);
}

char *
identity_host_name(void)
{
	char name[HOST_NAME_SIZE];

	read_host_name(name);
	return idna_is_host_name(name) ? alloc_string(name) : identity_host();
}

static bool
is_local_label(const char *label, size_t len)
{
	static const char *const names[] = { "localhost", "localhost4",
		"localhost6", "ip6-localhost", "ip6-loopback", "localdomain",
		"localdomain4", "localdomain6" };

	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (strlen(names[i]) == len
		    && text_starts_nocase(label, names[i]))
			return true;
	return false;
}

/* Whether the name means something to others than this host. */
static bool
is_public_name(const char *name)
{
	const char *last = strrchr(name, '.');

	return last && idna_is_host_name(name)
	    && !is_local_label(name, strcspn(name, "."))
	    && !is_local_label(last + 1, strlen(last + 1));
}

static char *
canonical_name(const char *name)
{
	struct addrinfo hints = { .ai_flags = AI_CANONNAME,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char *canonical = NULL;

	if (getaddrinfo(name, NULL, &hints, &list) != 0)
		return NULL;
	if (list && list->ai_canonname && is_public_name(list->ai_canonname))
		canonical = alloc_string(list->ai_canonname);
	freeaddrinfo(list);
	return canonical;
}

char *
identity_fqdn(void)
{
	char name[HOST_NAME_SIZE];

	read_host_name(name);
	if (is_public_name(name))
		return alloc_string(name);
	if (!idna_is_host_name(name)
	    || is_local_label(name, strcspn(name, ".")))
		return NULL;
	return canonical_name(name);
}

char *
identity_mailname(void)
{
	static const struct file_rules rules = { .max = 65536,
		.may_be_absent = true };
	struct str text = { 0 };
	char *name = NULL;

	if (file_read("/etc/mailname", &rules, &text, NULL, NULL)) {
		size_t start = strspn(str_text(&text), " \t");
		size_t len = strcspn(str_text(&text) + start, " \t\r\n");
		char *first = alloc_string_n(str_text(&text) + start, len);

		if (idna_is_host_name(first))
			name = first;
		else
			free(first);
	}
	str_free(&text);
	return name;
}
