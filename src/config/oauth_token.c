/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the access token of an account.  A fresh one costs a file; veredus-oauth
 * runs only if there is none, and finishes what it has begun even if this process
 * gives up, because the answer that it waits for may be the only copy of the next
 * refresh token.
 */
#include "config/oauth_token.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/command.h"
#include "base/helper_program.h"
#include "base/str.h"
#include "base/text.h"
#include "config/oauth.h"
#include "config/password_file.h"
#include "oauth/failure.h"
#include "oauth/request.h"
#include "oauth/store.h"
#include "oauth/token.h"

#define PROGRAM "veredus-oauth"
#define COMMAND_SECONDS 30

char *
oauth_program(void)
{
	return helper_program(PROGRAM);
}

unsigned
oauth_token_seconds(const struct account *a)
{
	unsigned half = a->session.deadline / 2;
	unsigned wanted = a->oauth.timeout + OAUTH_EXTRA_SECONDS;

	return half == 0 || half > wanted ? wanted : half;
}

/* The proxy in the parameters is that of the account if it has a login there. */
static bool
fill_proxy_login(const struct account *a, const struct user *user,
    struct oauth_params *p, struct error *err)
{
	return p->proxy_user == NULL
	    || password_of_proxy(a, user, &p->proxy_password, err);
}

bool
oauth_fill_secrets(const struct account *a, const struct user *user,
    struct oauth_params *p, struct error *err)
{
	struct str setting = { 0 };
	bool ok;

	if (!fill_proxy_login(a, user, p, err))
		return false;
	if (a->oauth.client_secret_eval == NULL)
		return true;
	account_describe_setting(a, "oauth_client_secret_eval", &setting);
	ok = command_read_line(str_text(&setting), a->oauth.client_secret_eval,
	    clock_after_seconds(COMMAND_SECONDS), &p->client_secret, err);
	str_free(&setting);
	return ok;
}

const char *
oauth_line(const struct str *output, const char *key, size_t *len)
{
	const char *line = str_text(output);
	size_t key_len = strlen(key);

	while (*line != '\0') {
		size_t all = strcspn(line, "\n");

		if (all > key_len && line[key_len] == ' '
		    && memcmp(line, key, key_len) == 0) {
			*len = all - key_len - 1;
			return line + key_len + 1;
		}
		line += all + (line[all] == '\n');
	}
	return NULL;
}

bool
oauth_helper_run(const struct oauth_params *p, const char *word,
    struct helper *h, int *status, struct error *err)
{
	struct str request = { 0 };
	char *program = oauth_program();
	bool ok = oauth_request_write(p, &request, err)
	    && helper_run(h, program, word, &request, status, err);

	str_wipe(&request);
	free(program);
	return ok;
}

bool
oauth_helper_failed(const struct account *a, int status,
    const struct str *errors, struct error *err)
{
	const char *text = str_text(errors);
	int len = (int)strcspn(text, "\n");

	if (status < 0)
		error_set(err, ERROR_SECRET, PROGRAM " was killed by a signal");
	else if (len == 0)
		error_set(err, oauth_exit_status_kind(status),
		    PROGRAM " failed with exit status %d", status);
	else
		error_set(err, oauth_exit_status_kind(status), "%.*s", len,
		    text);
	return error_prefix(err, "account %s", a->name);
}

static int64_t
time_of_line(const struct str *output, const char *key)
{
	size_t len = 0;
	const char *value = oauth_line(output, key, &len);
	char *digits = alloc_string_n(value != NULL ? value : "", len);
	unsigned long long number = 0;

	if (!text_number(digits, 1, INT64_MAX, &number))
		number = 0;
	free(digits);
	return (int64_t)number;
}

/* Takes the token from the lines "access TOKEN", "obtained N". */
static bool
use_output(const struct str *output, struct auth_params *auth,
    struct error *err)
{
	size_t len = 0;
	const char *token = oauth_line(output, "access", &len);

	if (token == NULL || len == 0 || len > SECRET_MAX)
		return error_set(err, ERROR_SECRET,
		    PROGRAM " printed no token");
	secret_set(&auth->password, token, len);
	auth->token_obtained = time_of_line(output, "obtained");
	return true;
}

/* What veredus-oauth says, and logs, beside a token: it could not keep the next
 * one. */
static void
warn(const struct account *a, const struct helper *h, struct auth_params *auth)
{
	const char *text = str_text(&h->errors);
	int len = (int)strcspn(text, "\n");

	free(auth->token_warning);
	auth->token_warning = len > 0
	    ? alloc_printf("account %s: %.*s", a->name, len, text)
	    : NULL;
}

static bool
run_helper(const struct account *a, const struct oauth_params *p,
    struct auth_params *auth, struct error *err)
{
	struct helper h = { .max = OAUTH_OUTPUT_MAX,
		.deadline = clock_after_seconds(p->deadline) };
	int64_t start = (int64_t)time(NULL);
	int status = 0;
	bool ok = oauth_helper_run(p, "refresh", &h, &status, err);

	if (!ok)
		error_prefix(err, "account %s: cannot renew the token",
		    a->name);
	else if (status != 0)
		ok = oauth_helper_failed(a, status, &h.errors, err);
	else
		ok = use_output(&h.output, auth, err)
		    || error_prefix(err, "account %s", a->name);
	if (ok) {
		auth->token_is_new = auth->token_obtained >= start;
		warn(a, &h, auth);
	}
	helper_free(&h);
	return ok;
}

bool
oauth_program_exists(const struct account *a, struct error *err)
{
	char *program = oauth_program();
	bool ok = access(program, X_OK) == 0
	    || error_set(err, ERROR_CONFIG,
		"account %s: this build has no OAuth2 (" PROGRAM
		"); passwordeval still works",
		a->name);

	free(program);
	return ok;
}

static bool
fetch(const struct account *a, const struct user *user, struct oauth_params *p,
    struct auth_params *auth, struct error *err)
{
	p->deadline = oauth_token_seconds(a);
	return oauth_program_exists(a, err)
	    && oauth_fill_secrets(a, user, p, err)
	    && run_helper(a, p, auth, err);
}

/* Moves the token: a copy of a long secret costs more than all else. */
static void
take_token(struct auth_params *auth, struct oauth_access *stored)
{
	secret_free(&auth->password);
	auth->password = stored->token;
	stored->token = (struct secret){ 0 };
}

/* Uses the token in the store if it is fresh.  Otherwise tries to renew it, and
 * falls back on one that is still valid. */
static bool
find(const struct account *a, struct oauth_params *p, const struct user *user,
    struct auth_params *auth, struct error *err)
{
	struct oauth_access stored = { 0 };
	enum oauth_freshness freshness = OAUTH_STALE;
	bool found = false;
	bool ok = oauth_store_read_access(p, user->uid, &stored, &found, err)
	    || error_prefix(err, "account %s", a->name);

	if (ok && found)
		freshness = oauth_access_freshness(&stored, time(NULL));
	if (ok && freshness != OAUTH_FRESH)
		ok = fetch(a, user, p, auth, err);
	else if (ok)
		take_token(auth, &stored);
	if (!ok && freshness == OAUTH_IN_MARGIN && err->temporary) {
		error_free(err);
		take_token(auth, &stored);
		ok = true;
	}
	if (ok && auth->token_obtained == 0)
		auth->token_obtained = stored.obtained;
	oauth_access_free(&stored);
	return ok;
}

bool
oauth_token_get(const struct account *a, const struct user *user,
    struct auth_params *auth, struct error *err)
{
	struct oauth_params p = { 0 };
	bool ok;

	oauth_params_fill(a, user, &p);
	ok = find(a, &p, user, auth, err);
	oauth_params_free(&p);
	return ok;
}

bool
oauth_token_replace(const struct account *a, const struct user *user,
    int64_t obtained, struct auth_params *auth, struct error *err)
{
	struct oauth_params p = { 0 };
	bool ok;

	oauth_params_fill(a, user, &p);
	p.rejected = obtained;
	p.retry = obtained == 0;
	ok = fetch(a, user, &p, auth, err);
	oauth_params_free(&p);
	return ok;
}
