/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An account is asked for by its number, which is the same in both processes,
 * because the second one has a copy of the accounts.
 */
#include "config/account_monitor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "config/filter_command.h"
#include "config/oauth_token.h"
#include "config/password_command.h"

/* The second process tells of a command that takes too long. */
#define ANSWER_SECONDS 5

/* What comes before the warning and the token in an answer with a token. */
struct token_head {
	int64_t obtained;
	bool is_new;
	size_t warning_len;
};

/* The detail of REQUEST_NEW_TOKEN is when the rejected token was obtained. */
enum request_kind {
	REQUEST_PASSWORD,
	REQUEST_TOKEN,
	REQUEST_NEW_TOKEN,
	REQUEST_FILTER
};

void
account_monitor_add(struct account_monitor *m, struct account *account)
{
	m->accounts = alloc_grow(m->accounts, m->count, &m->size,
	    sizeof(struct account *));
	m->accounts[m->count++] = account;
}

/* Sets the result to what take_token() reads. */
static bool
put_token(const struct account *account, const struct auth_params *auth,
    struct secret *result, struct error *err)
{
	const char *warning =
	    auth->token_warning != NULL ? auth->token_warning : "";
	const struct token_head head = { .obtained = auth->token_obtained,
		.is_new = auth->token_is_new,
		.warning_len = strlen(warning) };
	struct secret_text token;
	struct str text = { 0 };
	bool ok;

	secret_reveal(&auth->password, &token);
	/* Room for everything, so that no copy of the token is left behind. */
	str_reserve(&text, sizeof(head) + head.warning_len + token.len + 1);
	str_append(&text, (const char *)&head, sizeof(head));
	str_append(&text, warning, head.warning_len);
	str_append(&text, token.data, token.len);
	secret_text_free(&token);
	ok = text.len <= SECRET_MAX
	    || error_set(err, ERROR_CONFIG, "account %s: the token is too long",
		account->name);
	if (ok)
		secret_set(result, text.data, text.len);
	str_wipe(&text);
	return ok;
}

/* No request counts as one of a person. */
static bool
get_token(const struct account_monitor *m, const struct account *account,
    const struct monitor_request *request, struct secret *result,
    struct error *err)
{
	struct auth_params auth = { 0 };
	bool ok = request->kind == REQUEST_NEW_TOKEN && request->detail > 0
	    ? oauth_token_replace(account, m->user, request->detail, &auth, err)
	    : oauth_token_get(account, m->user, &auth, err);

	ok = ok && put_token(account, &auth, result, err);
	auth_params_free(&auth);
	return ok;
}

/* The result is the remark of the command. */
static bool
run_filter(const struct account_monitor *m, const struct account *account,
    const struct monitor_request *request, struct secret *result,
    struct error *err)
{
	struct str remark = { 0 };
	bool ok = filter_command_run(account, m->user, request->input,
	    request->output, &remark, err);

	if (remark.len > 0)
		secret_set(result, remark.data, remark.len);
	str_free(&remark);
	return ok;
}

static bool
work(void *ctx, const struct monitor_request *request, struct secret *result,
    struct error *err)
{
	const struct account_monitor *m = ctx;
	const struct account *account =
	    request->number < m->count ? m->accounts[request->number] : NULL;

	if (account != NULL && request->kind == REQUEST_PASSWORD
	    && password_command_is_needed(account))
		return password_command_run(account, result, err);
	if (account != NULL && request->kind == REQUEST_FILTER
	    && account->filter != NULL && request->has_files != 0)
		return run_filter(m, account, request, result, err);
	if (account != NULL
	    && (request->kind == REQUEST_TOKEN
		|| request->kind == REQUEST_NEW_TOKEN)
	    && account_uses_oauth(account))
		return get_token(m, account, request, result, err);
	return error_set(err, ERROR_INTERNAL,
	    "there is no command with this number");
}

static bool
has_command(const struct account_monitor *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (password_command_is_needed(m->accounts[i])
		    || account_uses_oauth(m->accounts[i])
		    || m->accounts[i]->filter != NULL)
			return true;
	return false;
}

bool
account_monitor_start(struct account_monitor *m, const struct user *user,
    struct error *err)
{
	m->user = user;
	return !has_command(m) || monitor_start(&m->monitor, work, m, err);
}

bool
account_monitor_start_alone(struct account_monitor *m, struct account *account,
    const struct user *user, struct error *err)
{
	m->is_borrowed = true;
	account_monitor_add(m, account);
	return account_monitor_start(m, user, err);
}

/* Returns the number of the account, or count. */
static size_t
find(const struct account_monitor *m, const struct account *account)
{
	size_t i = 0;

	while (i < m->count && strcmp(m->accounts[i]->name, account->name) != 0)
		i++;
	return i;
}

bool
account_monitor_has(const struct account_monitor *m,
    const struct account *account)
{
	return m != NULL && monitor_is_started(&m->monitor)
	    && find(m, account) < m->count;
}

/* Seconds is how long the work may take. */
static bool
ask(const struct account_monitor *m, const struct account *account,
    struct monitor_request request, unsigned seconds, struct secret *result,
    struct error *err)
{
	bool is_short = m->wait > 0 && m->wait < seconds + ANSWER_SECONDS;
	int64_t deadline =
	    clock_after_seconds(is_short ? m->wait : seconds + ANSWER_SECONDS);

	request.number = (unsigned)find(m, account);
	if (monitor_ask(&m->monitor, &request, deadline, result, err))
		return true;
	if (is_short && clock_has_passed(deadline)) {
		error_free(err);
		error_set(err, ERROR_SECRET,
		    "account %s: no login after %u seconds (queue_wait)",
		    account->name, m->wait);
	}
	return false;
}

bool
account_monitor_password(const struct account_monitor *m,
    const struct account *account, struct secret *password, struct error *err)
{
	const struct monitor_request request = { .kind = REQUEST_PASSWORD };

	return ask(m, account, request, password_command_seconds(account),
	    password, err);
}

static bool
take_token(const struct secret_text *text, struct auth_params *auth)
{
	struct token_head head;
	size_t start;

	if (text->len < sizeof(head))
		return false;
	memcpy(&head, text->data, sizeof(head));
	start = sizeof(head) + head.warning_len;
	if (head.warning_len > text->len || start > text->len)
		return false;
	auth->token_obtained = head.obtained;
	auth->token_is_new = head.is_new;
	free(auth->token_warning);
	auth->token_warning = head.warning_len > 0
	    ? alloc_string_n(text->data + sizeof(head), head.warning_len)
	    : NULL;
	secret_set(&auth->password, text->data + start, text->len - start);
	return true;
}

static bool
ask_for_token(const struct account_monitor *m, const struct account *account,
    struct monitor_request request, struct auth_params *auth, struct error *err)
{
	struct secret answer = { 0 };
	struct secret_text text;
	/* A command for the secret of the client may run before. */
	unsigned seconds =
	    oauth_token_seconds(account) + password_command_seconds(account);
	bool ok = ask(m, account, request, seconds, &answer, err);

	if (!ok)
		return false;
	secret_reveal(&answer, &text);
	ok = take_token(&text, auth)
	    || error_set(err, ERROR_INTERNAL, "the answer has no token");
	secret_text_free(&text);
	secret_free(&answer);
	return ok;
}

bool
account_monitor_token(const struct account_monitor *m,
    const struct account *account, struct auth_params *auth, struct error *err)
{
	const struct monitor_request request = { .kind = REQUEST_TOKEN };

	return ask_for_token(m, account, request, auth, err);
}

bool
account_monitor_replace_token(const struct account_monitor *m,
    const struct account *account, struct auth_params *auth, struct error *err)
{
	const struct monitor_request request = { .kind = REQUEST_NEW_TOKEN,
		.detail = auth->token_obtained };

	return ask_for_token(m, account, request, auth, err);
}

/* Names the filter if not its command has failed but the second process. */
static bool
fail_filter(const struct account *account, struct error *err)
{
	struct str setting = { 0 };
	char *why;

	if (err->kind != ERROR_SECRET)
		return false;
	why = error_describe(err);
	account_describe_setting(account, "filter", &setting);
	error_free(err);
	error_set_about(err, ERROR_FILTER, str_text(&setting), "%s", why);
	str_free(&setting);
	free(why);
	return false;
}

bool
account_monitor_begin_filter(const struct account_monitor *m,
    const struct account *account, int input, int output,
    struct filter_answer *answer, struct error *err)
{
	const struct monitor_request request = { .kind = REQUEST_FILTER,
		.number = (unsigned)find(m, account),
		.has_files = 1,
		.input = input,
		.output = output };

	answer->account = account;
	answer->deadline = clock_after_seconds(
	    filter_command_seconds(account) + ANSWER_SECONDS);
	return monitor_send(&m->monitor, &request, &answer->fd, err)
	    || fail_filter(account, err);
}

bool
account_monitor_end_filter(const struct filter_answer *answer,
    struct str *remark, struct error *err)
{
	struct secret result = { 0 };
	struct secret_text text;

	if (!monitor_receive(answer->fd, answer->deadline, &result, err))
		return fail_filter(answer->account, err);
	secret_reveal(&result, &text);
	str_append(remark, text.data, text.len);
	secret_text_free(&text);
	secret_free(&result);
	return true;
}

void
account_monitor_free(struct account_monitor *m)
{
	monitor_stop(&m->monitor);
	for (size_t i = 0; i < m->count && !m->is_borrowed; i++) {
		account_free(m->accounts[i]);
		free(m->accounts[i]);
	}
	free(m->accounts);
	*m = (struct account_monitor){ 0 };
}
