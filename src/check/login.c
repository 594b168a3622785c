/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for the password or the token of an account. */
#include "check/login.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "auth/mechanism.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/helper.h"
#include "check/account.h"
#include "check/remedy.h"
#include "config/credentials.h"
#include "config/oauth.h"
#include "config/oauth_token.h"
#include "modes/folder_check.h"
#include "modes/login_account.h"
#include "oauth/store.h"

#define STATUS_SECONDS 30
#define DAY 86400

/* ---- a password ---- */

static bool
has_no_source(const struct account *a)
{
	return !account_uses_oauth(a) && a->passwordfile == NULL
	    && a->passwordeval == NULL && !secret_is_set(&a->auth.password);
}

static bool
has_no_user(const struct account *a)
{
	return a->auth.user == NULL && auth_needs(&a->auth).user;
}

/* For an account that has no user or no password yet. */
static void
mend_missing(const struct account *a, struct findings *f)
{
	static const char password[] = "passwordeval or passwordfile";
	struct str remedy = { 0 };

	if (!has_no_user(a))
		str_printf(&remedy, "write %s below ", password);
	else if (has_no_source(a))
		str_printf(&remedy, "write user, and %s, below ", password);
	else
		str_add(&remedy, "write user below ");
	origin_describe(&a->origin, &remedy);
	str_add(&remedy, ", then: ");
	remedy_add_command(&remedy, &f->target, "--check", a->name);
	findings_mend(f, "%s", str_text(&remedy));
	str_free(&remedy);
}

/* Whether tokens can be kept in the folder, by the owner that veredus-oauth would
 * become. */
static bool
is_store_usable(const char *path, uid_t *owner)
{
	struct error err = { 0 };
	struct stat st = { 0 };
	bool absent = true, is_root = geteuid() == 0, ok;

	*owner = geteuid();
	if (lstat(path, &st) == 0 && is_root)
		*owner = st.st_uid;
	ok = oauth_store_check(path, *owner, &absent, &err);
	if (ok && absent)
		ok = is_root || folder_check_new(path, &err);
	else if (ok)
		ok = faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS)
			== 0
		    && (st.st_uid == 0 || (st.st_mode & S_IRWXU) == S_IRWXU);
	error_free(&err);
	return ok;
}

/* Whether the account waits for its first login. */
static bool
lacks_grant(const struct oauth_params *p)
{
	char *path = oauth_store_path(p, OAUTH_GRANT_SUFFIX, NULL);
	bool lacks = p->grant == OAUTH_CODE && path != NULL
	    && access(path, F_OK) < 0 && errno == ENOENT;

	free(path);
	return lacks;
}

/* Appends what must be done for a login; a login would fail, too, without
 * veredus-oauth, and where no token can be kept. */
static bool
remedy_of_token(const struct account *a, const struct oauth_params *p,
    const struct check_target *target, struct str *out)
{
	bool is_missing = !oauth_program_exists(a, NULL);
	uid_t owner;

	if (!is_missing && !is_store_usable(p->store, &owner)) {
		remedy_of_folder("oauth_store", p->store, owner, out);
		return true;
	}
	if (!is_missing && !lacks_grant(p))
		return false;
	if (is_missing)
		str_add(out,
		    "set passwordeval in place of oauth_provider, or install a "
		    "build with veredus-oauth, then: ");
	remedy_add_command(out, target, "--login", a->name);
	return true;
}

/* Returns whether there is a remedy for the token of the account. */
static bool
mend_token(const struct account *a, const struct user *user,
    const struct error *err, struct findings *f)
{
	struct oauth_params p = { 0 };
	struct str remedy = { 0 };
	bool found;

	if (!account_uses_oauth(a)
	    || (err->kind != ERROR_CONFIG && err->kind != ERROR_GRANT))
		return false;
	oauth_params_fill(a, user, &p);
	found = remedy_of_token(a, &p, &f->target, &remedy);
	if (found)
		findings_mend(f, "%s", str_text(&remedy));
	oauth_params_free(&p);
	str_free(&remedy);
	return found;
}

static void
mend_login(const struct context *context, const struct error *err,
    struct findings *f)
{
	const struct account *a = &context->account;
	const struct failure failure = { .account = a,
		.err = err,
		.target = &f->target };
	char *path = file_expand_home(a->passwordfile, context->user.home);
	struct str remedy = { 0 };

	if (err->kind == ERROR_CONFIG && (has_no_user(a) || has_no_source(a))) {
		mend_missing(a, f);
	} else if (!mend_token(a, &context->user, err, f)) {
		if (path == NULL || !remedy_of_file(path, true, &remedy))
			remedy_of_failure(&failure, &remedy);
		findings_mend(f, "%s", str_text(&remedy));
	}
	str_free(&remedy);
	free(path);
}

static void
mend_renewal(const char *name, struct findings *f)
{
	struct str command = { 0 };

	remedy_add_command(&command, &f->target, "--login-status", name);
	findings_mend(f, "%s shows why it was not renewed", str_text(&command));
	str_free(&command);
}

static enum check_item
item_of(const struct account *a)
{
	return account_uses_oauth(a) ? ITEM_TOKEN : ITEM_PASSWORD;
}

static bool
get_login(struct context *context, struct findings *f)
{
	const struct account *a = &context->account;
	struct error err = { 0 };
	struct str source = { 0 };
	bool ok = context_get_login(context, false, &err);

	if (!ok) {
		check_add_error(f, item_of(a), a, &err);
		mend_login(context, &err, f);
	} else if (context->auth.token_warning != NULL) {
		findings_add(f, FINDING_WARN, ITEM_TOKEN, "%s",
		    context->auth.token_warning);
		mend_renewal(a->name, f);
	} else if (auth_needs(&a->auth).password) {
		credentials_source(a, &context->user, false, &source);
		findings_add(f, FINDING_OK, item_of(a), "from %s",
		    str_text(&source));
	}
	str_free(&source);
	error_free(&err);
	return ok;
}

/* ---- a token that is in the store ---- */

static void
add_renewal(const struct str *output, struct findings *f)
{
	size_t len = 0;
	const char *value = oauth_line(output, "renewed", &len);
	int64_t renewed = value != NULL ? strtoll(value, NULL, 10) : 0;
	int64_t days = ((int64_t)time(NULL) - renewed) / DAY;

	if (renewed <= 0)
		findings_add(f, FINDING_OK, ITEM_TOKEN, "in the store");
	else
		findings_add(f, FINDING_OK, ITEM_TOKEN,
		    "renewed %" PRId64 " day%s ago", days,
		    days == 1 ? "" : "s");
}

static bool
ask_for_status(struct context *context, struct findings *f)
{
	const struct account *a = &context->account;
	struct oauth_params p = { 0 };
	struct helper helper = { .max = OAUTH_OUTPUT_MAX,
		.deadline = clock_after_seconds(STATUS_SECONDS) };
	struct error err = { 0 };
	bool ok;

	oauth_params_fill(a, &context->user, &p);
	ok = login_run(context, &p, "status", &helper, &err);
	if (ok) {
		add_renewal(&helper.output, f);
	} else {
		findings_add_error(f, ITEM_TOKEN, &err);
		mend_login(context, &err, f);
	}
	helper_free(&helper);
	oauth_params_free(&p);
	error_free(&err);
	return ok;
}

bool
check_login(struct context *context, bool offline, struct findings *f)
{
	return offline && account_uses_oauth(&context->account)
	    ? ask_for_status(context, f)
	    : get_login(context, f);
}
