/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a password from the first line of a file that nobody else can read.
 */
#include "config/password_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "net/socks.h"

/* Sets the password to the first line of a file, which may have notes in further
 * lines, as msmtp and pass(1) have it. */
static bool
parse_password_line(struct secret *password, const char *path, struct str *text,
    struct error *err)
{
	const char *end = memchr(str_text(text), '\n', text->len);
	size_t len = end == NULL ? text->len : (size_t)(end - str_text(text));

	if (len > 0 && text->data[len - 1] == '\r')
		len--;
	if (len == 0)
		return error_set(err, ERROR_CONFIG,
		    text->len == 0 ? "%s is empty"
				   : "the first line of %s is empty",
		    path);
	if (memchr(text->data, '\0', len) != NULL)
		return error_set(err, ERROR_CONFIG,
		    "the first line of %s contains a NUL byte", path);
	if (len > SECRET_MAX)
		return error_set(err, ERROR_CONFIG,
		    "the line in %s is too long", path);
	secret_set(password, text->data, len);
	return true;
}

/* Makes the setting, which is written in the account, the subject of the error. */
static bool
fail_setting(const struct account *account, const char *name, struct error *err)
{
	struct str setting = { 0 };

	account_describe_setting(account, name, &setting);
	error_subject(err, "%s", str_text(&setting));
	str_free(&setting);
	return false;
}

static bool
read_password(const char *file, const struct user *user,
    struct secret *password, struct error *err)
{
	struct file_rules rules = { .max = SECRET_MAX + 2,
		.first_line = true,
		.use = FILE_SECRET,
		.owner = user->uid,
		.one_group = user->is_service && geteuid() != 0,
		.group = getegid() };
	struct str text = { 0 };
	char *path = file_expand_home(file, user->home);
	bool ok = file_read(path, &rules, &text, NULL, err)
	    && parse_password_line(password, path, &text, err);

	str_wipe(&text);
	free(path);
	return ok;
}

bool
password_file_read(const struct account *account, const struct user *user,
    struct secret *password, struct error *err)
{
	return read_password(account->passwordfile, user, password, err)
	    || fail_setting(account, "passwordfile", err);
}

bool
password_of_proxy(const struct account *account, const struct user *user,
    struct secret *password, struct error *err)
{
	static const char setting[] = "proxy_passwordfile";
	const struct host_params *server = &account->server;

	if (account->proxy_passwordfile == NULL) {
		secret_copy(password, &server->proxy_password);
		return true;
	}
	if (!read_password(account->proxy_passwordfile, user, password, err))
		return fail_setting(account, setting, err);
	if (server->proxy_type == PROXY_HTTP
	    || password->len <= SOCKS_LOGIN_MAX)
		return true;
	error_set(err, ERROR_CONFIG,
	    "the password is longer than %d octets, the most for SOCKS5",
	    SOCKS_LOGIN_MAX);
	return fail_setting(account, setting, err);
}
