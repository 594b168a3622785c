/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "config/netrc.h"
#include "config/terminal.h"

/* Seconds that a helper command may take. */
#define HELPER_TIME 30
#define NETRC_MAX ((size_t)1024 * 1024)

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

struct search {
	const struct account *account;
	const struct user *user;  /* whose secret it is */
	struct auth_params *auth; /* gets what is found */
	bool may_ask;
};

static bool
has_password(const struct auth_params *auth)
{
	return secret_is_set(&auth->password);
}

/* Begins with the user and the password that the account has itself. */
static void
copy_auth(struct auth_params *auth, const struct account *account)
{
	credentials_free(auth);
	*auth = account->auth;
	auth->user = alloc_string(account->auth.user);
	auth->password = (struct secret){ 0 };
	secret_copy(&auth->password, &account->auth.password);
}

/* One line; its end may be missing. */
static bool
take_line(struct secret *password, const char *path, struct str *text,
    struct error *err)
{
	size_t len = text->len;

	if (len > 0 && text->data[len - 1] == '\n')
		len--;
	if (len > 0 && text->data[len - 1] == '\r')
		len--;
	if (len == 0)
		return error_set(err, ERROR_CONFIG, "passwordfile: %s is empty",
		    path);
	if (memchr(text->data, '\n', len) != NULL
	    || memchr(text->data, '\0', len) != NULL)
		return error_set(err, ERROR_CONFIG,
		    "passwordfile: %s contains more than one line", path);
	if (len > SECRET_MAX)
		return error_set(err, ERROR_CONFIG,
		    "passwordfile: the line in %s is too long", path);
	secret_set(password, text->data, len);
	return true;
}

static bool
from_file(struct search *s, struct error *err)
{
	struct file_rules rules = { .max = SECRET_MAX + 2,
		.secret = true,
		.owner = s->user->uid };
	struct str text = { 0 };
	char *path;
	bool ok;

	if (s->account->passwordfile == NULL)
		return true;
	path = file_expand_home(s->account->passwordfile, s->user->home);
	if (file_read(path, &rules, &text, NULL, err))
		ok = take_line(&s->auth->password, path, &text, err);
	else
		ok = error_subject(err, "passwordfile");
	str_wipe(&text);
	free(path);
	return ok;
}

static bool
from_command(struct search *s, struct error *err)
{
	unsigned deadline = s->account->session.deadline;

	if (s->account->passwordeval == NULL)
		return true;
	if (deadline == 0 || deadline > HELPER_TIME)
		deadline = HELPER_TIME;
	return command_read_line("passwordeval", s->account->passwordeval,
	    clock_after_seconds(deadline), &s->auth->password, err);
}

static void
take_entry(struct auth_params *auth, const struct netrc_entry *entry)
{
	secret_copy(&auth->password, &entry->password);
	if (auth->user == NULL && entry->login != NULL)
		auth->user = alloc_string(entry->login);
}

static bool
from_netrc(struct search *s, const char *path, uid_t owner, struct error *err)
{
	struct file_rules rules = { .max = NETRC_MAX,
		.may_be_absent = true,
		.secret = true,
		.owner = owner };
	struct netrc_query query = { .file = path,
		.machine = s->account->server.host,
		.login = s->auth->user };
	struct netrc_entry entry = { 0 };
	struct str text = { 0 };
	bool ok = file_read(path, &rules, &text, NULL, err)
	    && netrc_find(&query, &text, &entry, err);

	if (ok && secret_is_set(&entry.password))
		take_entry(s->auth, &entry);
	netrc_entry_free(&entry);
	str_wipe(&text);
	return ok;
}

static bool
from_user_netrc(struct search *s, struct error *err)
{
	char *path;
	bool ok;

	if (s->user->home == NULL || s->account->server.host == NULL)
		return true;
	path = alloc_printf("%s/.netrc", s->user->home);
	ok = from_netrc(s, path, s->user->uid, err);
	free(path);
	return ok;
}

/* It is there for some users; to the others it is as if it was not. */
static bool
from_system_netrc(struct search *s, struct error *err)
{
	static const char path[] = SYSCONFDIR "/netrc";

	if (s->account->server.host == NULL || access(path, R_OK) < 0)
		return true;
	return from_netrc(s, path, 0, err);
}

static const char *
server_name(const struct account *a)
{
	return a->server.host != NULL ? a->server.host : a->server.socket;
}

static bool
from_terminal(struct search *s, struct error *err)
{
	const struct account *a = s->account;
	char *raw, *clean, *prompt;
	bool ok;

	if (!s->may_ask || s->auth->user == NULL || !terminal_is_there())
		return true;
	raw =
	    alloc_printf("Password for %s at %s", a->auth.user, server_name(a));
	clean = text_printable(raw);
	prompt = alloc_printf("%s: ", clean);
	ok = terminal_ask(prompt, clock_after_seconds(a->session.deadline),
	    &s->auth->password, err);
	free(prompt);
	free(clean);
	free(raw);
	return ok;
}

/* What the sources say of themselves, without a look at the secret itself. */

static bool
tells_setting(const struct search *s, const char *setting, const char *value,
    struct str *out)
{
	if (value == NULL)
		return false;
	account_describe_setting(s->account, setting, out);
	return true;
}

static bool
tells_file(const struct search *s, struct str *out)
{
	return tells_setting(s, "passwordfile", s->account->passwordfile, out);
}

static bool
tells_command(const struct search *s, struct str *out)
{
	return tells_setting(s, "passwordeval", s->account->passwordeval, out);
}

/* It has to be read: it is a source only if it knows the server. */
static bool
tells_netrc(const struct search *s, const char *name,
    bool (*find)(struct search *s, struct error *err), struct str *out)
{
	struct auth_params scratch = { 0 };
	struct search inner = *s;
	struct error err = { 0 };
	char *message;
	bool found;

	copy_auth(&scratch, s->account);
	inner.auth = &scratch;
	found = !find(&inner, &err) || has_password(&scratch);
	if (error_is_set(&err)) {
		message = error_describe(&err);
		str_printf(out, "none: %s", message);
		free(message);
	} else if (found && s->account->auth.user == NULL
	    && scratch.user != NULL)
		str_printf(out, "%s, for the user %s", name, scratch.user);
	else if (found)
		str_add(out, name);
	error_free(&err);
	credentials_free(&scratch);
	return found;
}

static bool
tells_user_netrc(const struct search *s, struct str *out)
{
	return tells_netrc(s, "~/.netrc", from_user_netrc, out);
}

static bool
tells_system_netrc(const struct search *s, struct str *out)
{
	return tells_netrc(s, SYSCONFDIR "/netrc", from_system_netrc, out);
}

static bool
tells_terminal(const struct search *s, struct str *out)
{
	if (!s->may_ask || s->account->auth.user == NULL
	    || !terminal_is_there())
		return false;
	str_add(out, "a prompt on the terminal");
	return true;
}

/* Where to look, in this order. */
static const struct source {
	bool (*find)(struct search *s, struct error *err);
	/* Appends its name if it would give the password. */
	bool (*tells)(const struct search *s, struct str *out);
} sources[] = {
	{ from_file, tells_file },
	{ from_command, tells_command },
	{ from_user_netrc, tells_user_netrc },
	{ from_system_netrc, tells_system_netrc },
	{ from_terminal, tells_terminal },
};

static bool
no_user(const struct account *a, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
	    "account %s: auth %s needs a user: set user", a->name,
	    a->auth.mechanism);
}

static bool
no_password(const struct account *a, const char *user, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
	    "account %s: no password for %s at %s: set passwordeval, "
	    "passwordfile or password, or add \"machine %s login %s password "
	    "...\" to ~/.netrc",
	    a->name, user, server_name(a), server_name(a), user);
}

bool
credentials_get(const struct account *account, const struct user *user,
    bool may_ask, struct auth_params *auth, struct error *err)
{
	struct mechanism_needs needs = auth_needs(&account->auth);
	struct search s = { .account = account,
		.user = user,
		.auth = auth,
		.may_ask = may_ask };

	copy_auth(auth, account);
	for (size_t i = 0;
	     needs.password && i < COUNT_OF(sources) && !has_password(auth);
	     i++)
		if (!sources[i].find(&s, err))
			return false;
	if (needs.user && auth->user == NULL)
		return no_user(account, err);
	if (needs.password && !has_password(auth))
		return no_password(account, auth->user, err);
	return true;
}

void
credentials_free(struct auth_params *auth)
{
	free(auth->user);
	secret_free(&auth->password);
	*auth = (struct auth_params){ 0 };
}

bool
credentials_source(const struct account *account, const struct user *user,
    bool may_ask, struct str *out)
{
	const struct search s = { .account = account,
		.user = user,
		.may_ask = may_ask };

	if (has_password(&account->auth)) {
		account_describe_setting(account, "password", out);
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(sources); i++)
		if (sources[i].tells(&s, out))
			return true;
	str_add(out,
	    "none: set passwordeval, passwordfile or password, or add a line "
	    "to ~/.netrc");
	return false;
}
