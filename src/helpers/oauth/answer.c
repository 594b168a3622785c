/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the answers of providers, and decides by their error codes what a failure
 * means. */
#include "helpers/oauth/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/text.h"
#include "helpers/oauth/hints.h"
#include "helpers/oauth/json.h"
#include "oauth/token.h"

/* The length of a description in a text. */
#define DESCRIPTION_MAX 300

static const struct {
	const char *error;
	enum oauth_class outcome;
} errors[] = {
	{ "invalid_grant", OAUTH_LOGIN },
	{ "interaction_required", OAUTH_LOGIN },
	{ "consent_required", OAUTH_LOGIN },
	{ "login_required", OAUTH_LOGIN },
	{ "expired_token", OAUTH_LOGIN },
	{ "invalid_client", OAUTH_CONFIG },
	{ "unauthorized_client", OAUTH_CONFIG },
	{ "unsupported_grant_type", OAUTH_CONFIG },
	{ "unsupported_response_type", OAUTH_CONFIG },
	{ "invalid_scope", OAUTH_CONFIG },
	{ "invalid_request", OAUTH_CONFIG },
	{ "invalid_resource", OAUTH_CONFIG },
	{ "access_denied", OAUTH_PERMISSION },
	{ "admin_policy_enforced", OAUTH_PERMISSION },
	{ "org_internal", OAUTH_PERMISSION },
	{ "temporarily_unavailable", OAUTH_TEMPORARY },
	{ "server_error", OAUTH_TEMPORARY },
};

/* What a provider grants without a word about it in its answer. */
static const char *const silent_scopes[] = { "openid", "offline_access",
	"profile", "email" };

/* The first line of a description, cleaned.  Secrets are hidden before it is cut,
 * which would leave a part of one. */
static char *
clean_description(const char *text, const struct redact_forms *sent)
{
	struct str clean = { 0 }, line = { 0 };

	if (text == NULL)
		return NULL;
	str_append(&line, text, strcspn(text, "\r\n"));
	if (sent != NULL)
		redact_apply(sent, &line);
	text_clean(&clean, str_text(&line), line.len, DESCRIPTION_MAX);
	str_wipe(&line);
	return str_steal(&clean);
}

void
answer_parse(struct answer *a, long status, const char *body, size_t len,
    const struct redact_forms *sent)
{
	json_t *object = json_parse(body, len);

	a->status = status;
	a->is_json = object != NULL;
	json_copy_text(object, "error", &a->error);
	a->description =
	    clean_description(json_text(object, "error_description"), sent);
	json_secret(object, "access_token", &a->access_token);
	json_secret(object, "refresh_token", &a->refresh_token);
	a->has_bad_refresh = json_has(object, "refresh_token")
	    && !secret_is_set(&a->refresh_token);
	json_copy_text(object, "token_type", &a->token_type);
	json_copy_text(object, "scope", &a->scope);
	a->has_lifetime = json_number(object, "expires_in", &a->expires_in);
	json_decref(object);
}

void
answer_set_error(struct answer *a, const char *error, const char *description)
{
	a->status = 400;
	a->is_json = true;
	alloc_replace(&a->error, error);
	a->description = clean_description(description, NULL);
}

void
answer_free(struct answer *a)
{
	free(a->error);
	free(a->description);
	free(a->token_type);
	free(a->scope);
	secret_free(&a->access_token);
	secret_free(&a->refresh_token);
	*a = (struct answer){ 0 };
}

bool
answer_has_token(const struct answer *a)
{
	return a->status == 200 && a->is_json && a->error == NULL
	    && secret_is_set(&a->access_token);
}

bool
answer_is_server_failure(const struct answer *a)
{
	return a->status >= 500 || a->status == 408 || a->status == 429;
}

/* The class of the error code, or OAUTH_OK if it is not known. */
static enum oauth_class
error_class(const struct answer *a)
{
	for (size_t i = 0; a->error != NULL && i < COUNT_OF(errors); i++)
		if (strcmp(a->error, errors[i].error) == 0)
			return errors[i].outcome;
	return OAUTH_OK;
}

/* "invalid_grant: DESCRIPTION", or the status. */
static char *
said(const struct answer *a)
{
	if (a->error == NULL)
		return alloc_printf("HTTP status %ld", a->status);
	if (a->description == NULL)
		return alloc_string(a->error);
	return alloc_printf("%s: %s", a->error, a->description);
}

static const char *const purposes[] = { [ANSWER_TO_RENEWAL] = "renew the token",
	[ANSWER_TO_LOGIN] = "give a token",
	[ANSWER_TO_REVOCATION] = "revoke the token" };

static bool
fail_login(const struct oauth_params *p, enum answer_use use, const char *host,
    const char *what, struct oauth_failure *failure)
{
	char *command;

	if (p->grant != OAUTH_CODE)
		return oauth_fail(failure, OAUTH_LOGIN,
		    "%s rejects this client (%s): see oauth_subject and the key "
		    "or secret of the client",
		    host, what);
	command = oauth_login_command(p);
	oauth_fail(failure, OAUTH_LOGIN,
	    use == ANSWER_TO_LOGIN
		? "the login has failed (%s: %s): begin again with %s"
		: "the login has ended (%s: %s): run %s",
	    host, what, command);
	free(command);
	return false;
}

static void
fail_by_class(const struct answer *a, enum answer_use use,
    const struct oauth_params *p, const char *host,
    struct oauth_failure *failure)
{
	char *what = said(a);

	if (answer_is_server_failure(a) || error_class(a) == OAUTH_TEMPORARY)
		oauth_fail(failure, OAUTH_TEMPORARY,
		    "%s cannot %s now (%ld%s%s)", host, purposes[use],
		    a->status, a->error != NULL ? ", " : "",
		    a->error != NULL ? what : "");
	else if (use == ANSWER_TO_REVOCATION)
		oauth_fail(failure, OAUTH_CONFIG,
		    "%s has not revoked the token (%s)", host, what);
	else if (error_class(a) == OAUTH_LOGIN)
		fail_login(p, use, host, what, failure);
	else if (error_class(a) == OAUTH_CONFIG)
		oauth_fail(failure, OAUTH_CONFIG,
		    "%s does not accept this client (%s): see "
		    "oauth_client_id, oauth_client_secret and oauth_scope",
		    host, what);
	else if (error_class(a) == OAUTH_PERMISSION)
		oauth_fail(failure, OAUTH_PERMISSION,
		    "%s denies the access (%s): the person or an administrator "
		    "must allow it",
		    host, what);
	else
		oauth_fail(failure, OAUTH_TEMPORARY,
		    "%s answered with %s instead of a token: wrong "
		    "oauth_token_url, or a portal in between?",
		    host,
		    a->status == 200 && a->error == NULL && a->is_json
			? "JSON without a token"
			: what);
	free(what);
}

bool
answer_fail(const struct answer *a, enum answer_use use,
    const struct oauth_params *p, const char *host,
    struct oauth_failure *failure)
{
	const char *hint = hints_find(a, p);
	char *text;

	fail_by_class(a, use, p, host, failure);
	if (hint == NULL)
		return false;
	text = alloc_printf("%s; %s", failure->text, hint);
	oauth_fail(failure, failure->outcome, "%s", text);
	free(text);
	return false;
}

static void
split_words(struct strv *words, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0)
			strv_take(words, alloc_string_n(text, len));
		text += len + (text[len] == ' ');
	}
}

static bool
is_silent(const char *word)
{
	for (size_t i = 0; i < COUNT_OF(silent_scopes); i++)
		if (strcmp(word, silent_scopes[i]) == 0)
			return true;
	return false;
}

char *
answer_missing_scope(const char *wanted, const char *got)
{
	struct strv want = { 0 }, have = { 0 };
	char *missing = NULL;

	if (wanted == NULL || got == NULL)
		return NULL; /* as it was asked for: RFC 6749 section 5.1 */
	split_words(&want, wanted);
	split_words(&have, got);
	for (size_t i = 0; i < want.count && missing == NULL; i++)
		if (!is_silent(want.items[i])
		    && !strv_has(&have, want.items[i]))
			missing = alloc_string(want.items[i]);
	strv_free(&want);
	strv_free(&have);
	return missing;
}

bool
answer_check_type(const char *type, struct oauth_failure *failure)
{
	return text_equal_nocase(type, "Bearer")
	    || oauth_fail(failure, OAUTH_CONFIG,
		"the token_type of the answer is %s, not Bearer", type);
}

bool
answer_check_login(const struct answer *a, const struct oauth_params *p,
    bool needs_refresh, struct oauth_failure *failure)
{
	char *missing;

	if (!answer_check_type(a->token_type != NULL ? a->token_type : "none",
		failure))
		return false;
	missing = answer_missing_scope(p->scope, a->scope);
	if (missing != NULL) {
		oauth_fail(failure, OAUTH_PERMISSION,
		    "the scope %s was not granted: allow it when you log in, "
		    "or see oauth_scope",
		    missing);
		free(missing);
		return false;
	}
	if (needs_refresh && a->has_bad_refresh)
		return oauth_fail(failure, OAUTH_CONFIG,
		    "the refresh token of the answer cannot be stored: it is too "
		    "long, or not a text of visible ASCII");
	if (needs_refresh && !secret_is_set(&a->refresh_token))
		return oauth_fail(failure, OAUTH_CONFIG,
		    "no refresh token came, so the login would end soon: "
		    "Google needs access_type=offline&prompt=consent in "
		    "oauth_auth_params, Microsoft offline_access in "
		    "oauth_scope");
	return true;
}
