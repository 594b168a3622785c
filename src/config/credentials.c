/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks for the password of an account in one source after the other.
 */
#include "config/credentials.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "config/netrc.h"
#include "config/oauth_token.h"
#include "config/password_command.h"
#include "config/password_file.h"
#include "config/terminal.h"

#define NETRC_MAX ((size_t)1024 * 1024)

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

struct search {
	const struct account *account;
	const struct user *user;               /* owns the files */
	const struct account_monitor *monitor; /* runs commands; or NULL */
	struct auth_params *auth;              /* the result */
	bool may_ask;
};

static bool
has_password(const struct auth_params *auth)
{
	return secret_is_set(&auth->password);
}

/* Copies the login that the account itself contains. */
static void
copy_auth(struct auth_params *auth, const struct account *account)
{
	auth_params_free(auth);
	*auth = account->auth;
	auth->user = alloc_string(account->auth.user);
	auth->password = (struct secret){ 0 };
	secret_copy(&auth->password, &account->auth.password);
}

static bool
from_file(struct search *s, struct error *err)
{
	return s->account->passwordfile == NULL
	    || password_file_read(s->account, s->user, &s->auth->password, err);
}

static bool
from_command(struct search *s, struct error *err)
{
	if (s->account->passwordeval == NULL)
		return true;
	if (account_monitor_has(s->monitor, s->account))
		return account_monitor_password(s->monitor, s->account,
		    &s->auth->password, err);
	return password_command_run(s->account, &s->auth->password, err);
}

/* No other source is asked: a password is not a token. */
static bool
from_provider(struct search *s, struct error *err)
{
	if (!account_uses_oauth(s->account))
		return true;
	if (account_monitor_has(s->monitor, s->account))
		return account_monitor_token(s->monitor, s->account, s->auth,
		    err);
	return oauth_token_get(s->account, s->user, s->auth, err);
}

static bool
from_netrc(struct search *s, const char *path, uid_t owner, struct error *err)
{
	struct file_rules rules = { .max = NETRC_MAX,
		.may_be_absent = true,
		.use = FILE_SECRET,
		.owner = owner };
	struct netrc_query query = { .file = path,
		.machine = s->account->server.host,
		.login = s->auth->user };
	struct netrc_entry entry = { 0 };
	struct str text = { 0 };
	bool ok = file_read(path, &rules, &text, NULL, err)
	    && netrc_find(&query, &text, &entry, err);

	if (ok && secret_is_set(&entry.password)) {
		secret_copy(&s->auth->password, &entry.password);
		if (s->auth->user == NULL)
			s->auth->user = alloc_string(entry.login);
	}
	netrc_entry_free(&entry);
	str_wipe(&text);
	return ok;
}

/* Returns the path, or NULL; no file of the user changes a locked account. */
static char *
user_netrc(const struct account *account, const struct user *user)
{
	if (user->home == NULL || account->server.host == NULL
	    || account->locked)
		return NULL;
	return alloc_printf("%s/.netrc", user->home);
}

static bool
from_user_netrc(struct search *s, struct error *err)
{
	char *path = user_netrc(s->account, s->user);
	bool ok = path == NULL || from_netrc(s, path, s->user->uid, err);

	free(path);
	return ok;
}

static const char system_netrc[] = SYSCONFDIR "/netrc";

/* A user who cannot read the system netrc does without it, and so does a
 * service. */
static bool
from_system_netrc(struct search *s, struct error *err)
{
	if (s->account->server.host == NULL || s->user->is_service
	    || access(system_netrc, R_OK) < 0)
		return true;
	return from_netrc(s, system_netrc, 0, err);
}

static const char *
server_name(const struct account *a)
{
	return a->server.host != NULL ? a->server.host : a->server.socket;
}

static bool
can_ask(const struct search *s, const char *login)
{
	return s->may_ask && login != NULL && terminal_is_there();
}

static bool
from_terminal(struct search *s, struct error *err)
{
	const struct account *a = s->account;
	char *raw, *clean, *prompt;
	bool ok;

	if (!can_ask(s, s->auth->user))
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

typedef bool find_fn(struct search *s, struct error *err);

static find_fn *const sources[] = { from_provider, from_file, from_command,
	from_user_netrc, from_system_netrc, from_terminal };

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
    const struct account_monitor *monitor, bool may_ask,
    struct auth_params *auth, struct error *err)
{
	struct mechanism_needs needs = auth_needs(&account->auth);
	struct search s = { .account = account,
		.user = user,
		.monitor = monitor,
		.auth = auth,
		.may_ask = may_ask };

	copy_auth(auth, account);
	for (size_t i = 0;
	     needs.password && i < COUNT_OF(sources) && !has_password(auth);
	     i++)
		if (!sources[i](&s, err))
			return false;
	if (needs.user && auth->user == NULL)
		return error_set(err, ERROR_CONFIG,
		    "account %s: auth %s needs a user: set user", account->name,
		    account->auth.mechanism);
	if (needs.password && !has_password(auth))
		return no_password(account, auth->user, err);
	return true;
}

void
credentials_files(const struct account *account, const struct user *user,
    struct strv *files)
{
	char *netrc;

	if (account->proxy_passwordfile != NULL)
		strv_take(files,
		    file_expand_home(account->proxy_passwordfile, user->home));
	if (!auth_needs(&account->auth).password
	    || secret_is_set(&account->auth.password))
		return;
	if (account->passwordfile != NULL) {
		strv_take(files,
		    file_expand_home(account->passwordfile, user->home));
		return;
	}
	if (account->passwordeval != NULL)
		return;
	netrc = user_netrc(account, user);
	if (netrc != NULL)
		strv_take(files, netrc);
	strv_add(files, system_netrc);
}

void
credentials_with_token(const struct account *account,
    const struct secret *token, struct auth_params *auth)
{
	copy_auth(auth, account);
	secret_copy(&auth->password, token);
	auth->token_is_new = true;
}

/* Reads the netrc, which is a source only if it contains the server. */
static bool
describe_netrc(const struct search *s, const char *name, find_fn *find,
    struct str *out)
{
	struct auth_params found = { 0 };
	struct search inner = *s;
	struct error err = { 0 };
	char *message;
	bool is_source;

	copy_auth(&found, s->account);
	inner.auth = &found;
	is_source = !find(&inner, &err) || has_password(&found);
	if (error_is_set(&err)) {
		message = error_describe(&err);
		str_printf(out, "none: %s", message);
		free(message);
	} else if (is_source) {
		str_add(out, name);
		if (s->account->auth.user == NULL && found.user != NULL)
			str_printf(out, ", for the user %s", found.user);
	}
	error_free(&err);
	auth_params_free(&found);
	return is_source;
}

static const char *
password_setting(const struct account *a)
{
	return has_password(&a->auth) ? "password"
	    : a->passwordfile != NULL ? "passwordfile"
	    : a->passwordeval != NULL ? "passwordeval"
				      : NULL;
}

bool
credentials_source(const struct account *account, const struct user *user,
    bool may_ask, struct str *out)
{
	const struct search s = { .account = account,
		.user = user,
		.may_ask = may_ask };
	const char *setting = password_setting(account);

	if (account_uses_oauth(account)) {
		str_add(out, "the OAuth2 token of ");
		setting = "oauth_provider";
	}
	if (setting != NULL) {
		account_describe_setting(account, setting, out);
		return true;
	}
	if (describe_netrc(&s, "~/.netrc", from_user_netrc, out)
	    || describe_netrc(&s, SYSCONFDIR "/netrc", from_system_netrc, out))
		return true;
	if (can_ask(&s, account->auth.user)) {
		str_add(out, "a prompt on the terminal");
		return true;
	}
	str_add(out,
	    "none: set passwordeval, passwordfile or password, or add a line "
	    "to ~/.netrc");
	return false;
}
