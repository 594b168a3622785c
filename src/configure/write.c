/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends an account to the user's configuration file. */
#include "configure/write.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "config/file.h"
#include "modes/output.h"

#define LOCK_SECONDS 10

/* Returns the path of standard output if that is a file, or NULL. */
static char *
output_file(off_t *size)
{
	char path[PATH_MAX];
	struct stat st;
	ssize_t len;

	if (fstat(STDOUT_FILENO, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	*size = st.st_size;
	len = readlink("/proc/self/fd/1", path, sizeof(path));
	return len > 0 && (size_t)len < sizeof(path)
	    ? alloc_string_n(path, (size_t)len)
	    : NULL;
}

void
configure_target_find(struct configure_target *target, const struct user *user,
    bool write)
{
	struct stat st;
	off_t size = 0;

	target->write = write;
	target->user = user;
	target->file = write ? NULL : output_file(&size);
	target->has_text = size > 0;
	if (target->file != NULL || size > 0)
		return;
	target->file = config_user_file(user);
	if (write && target->file != NULL)
		target->has_text =
		    stat(target->file, &st) == 0 && st.st_size > 0;
}

void
configure_target_free(struct configure_target *target)
{
	free(target->file);
	target->file = NULL;
}

static bool
fail(const char *path, const char *why, struct error *err)
{
	return error_set(err, ERROR_CREATE,
	    "cannot write to %s: %s; add the output of --configure to it "
	    "without --write",
	    path, why);
}

/* Opens the file, and makes its folder. */
static int
open_file(const char *path, struct error *err)
{
	char *folder = file_folder(path);
	const char *why = NULL;
	int fd = -1;

	if (!file_make_folder(folder))
		fail(folder, strerror(errno), err);
	else if ((fd = file_open_append(path, &why)) < 0)
		fail(path, why, err);
	free(folder);
	return fd;
}

/* Writes all of the text, or restores the file. */
static bool
append(int fd, const struct str *text)
{
	struct stat st;
	int why;

	if (fstat(fd, &st) < 0)
		return false;
	if (file_write(fd, text->data, text->len) && fsync(fd) == 0)
		return true;
	why = errno;
	if (ftruncate(fd, st.st_size) < 0)
		return false;
	errno = why;
	return false;
}

bool
configure_write(const struct configure_target *target, const char *name,
    const struct str *text, struct error *err)
{
	const char *path = target->file;
	bool ok;
	int fd;

	if (path == NULL)
		return error_set(err, ERROR_CREATE,
		    "--write: this user has no home folder for veredus.conf");
	fd = open_file(path, err);
	if (fd < 0)
		return false;
	if (!file_lock(fd, clock_after_seconds(LOCK_SECONDS)))
		ok = fail(path, strerror(errno), err);
	else if (config_file_defines(path, name) > 0)
		ok = error_set(err, ERROR_USAGE,
		    "the account \"%s\" is already defined in %s", name, path);
	else
		ok = append(fd, text) || fail(path, strerror(errno), err);
	close(fd);
	return ok;
}

static void
add_command(struct str *out, const char *option, const char *name)
{
	str_printf(out, "    veredus %s -a ", option);
	output_word(out, name);
	str_add_char(out, '\n');
}

/* Appends which settings the person adds. */
static void
add_settings(struct str *out, const struct configure_todo *todo)
{
	const char *secret = todo->needs_token ? "oauth_client_id"
	    : todo->needs_password             ? "passwordeval or passwordfile"
					       : NULL;

	if (secret == NULL && !todo->needs_user)
		return;
	str_printf(out, "Set %s%s%s%s there.\n", todo->needs_user ? "user" : "",
	    todo->needs_user && secret != NULL ? ", and " : "",
	    secret != NULL ? secret : "",
	    todo->needs_user && secret != NULL ? "," : "");
}

void
configure_next_steps(const struct configure_target *target, const char *name,
    const struct configure_todo *todo, struct str *out)
{
	str_add(out, "\nThis account is now in ");
	output_text(out, target->file);
	str_add(out, ".\n");
	add_settings(out, todo);
	if (todo->keyring_store != NULL) {
		str_add(out, "Put the password into the keyring:\n    ");
		output_text(out, todo->keyring_store);
		str_add_char(out, '\n');
	}
	if (todo->needs_token) {
		str_add(out, "Log in:\n");
		add_command(out, "--login", name);
	}
	str_add(out, "Then test it:\n");
	add_command(out, "--check", name);
}

void
configure_todo_free(struct configure_todo *todo)
{
	free(todo->keyring_store);
	*todo = (struct configure_todo){ 0 };
}
