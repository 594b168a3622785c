/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The formats of the files with tokens, and how long a token may be used. */
#include "oauth/token.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"

/* A token from the future is not used, but clocks differ a little. */
#define CLOCK_SKEW 5
#define LIFETIME_DEFAULT 3600
#define LIFETIME_MIN 60 /* in place of one that is over */
#define LIFETIME_MAX 86400
#define MARGIN_MIN 30
#define MARGIN_MAX 300

#define ACCESS(member) offsetof(struct oauth_access, member)
#define GRANT(member) offsetof(struct oauth_grant_file, member)

/* clang-format off */
static const struct field access_fields[] = {
	{ "token_url", FIELD_TEXT, ACCESS(identity.token_url), NULL, true },
	{ "issuer", FIELD_TEXT, ACCESS(identity.issuer), NULL, false },
	{ "client_id", FIELD_TEXT, ACCESS(identity.client_id), NULL, false },
	{ "user", FIELD_TEXT, ACCESS(identity.user), NULL, true },
	{ "scope", FIELD_TEXT, ACCESS(identity.scope), NULL, false },
	{ "obtained", FIELD_TIME, ACCESS(obtained), NULL, true },
	{ "expires", FIELD_TIME, ACCESS(expires), NULL, true },
	{ "access_token", FIELD_SECRET, ACCESS(token), NULL, true },
};

static const struct field grant_fields[] = {
	{ "token_url", FIELD_TEXT, GRANT(identity.token_url), NULL, true },
	{ "issuer", FIELD_TEXT, GRANT(identity.issuer), NULL, false },
	{ "client_id", FIELD_TEXT, GRANT(identity.client_id), NULL, true },
	{ "user", FIELD_TEXT, GRANT(identity.user), NULL, true },
	{ "scope", FIELD_TEXT, GRANT(identity.scope), NULL, false },
	{ "flow", FIELD_WORD, GRANT(flow), oauth_flow_words, true },
	{ "login", FIELD_TIME, GRANT(login), NULL, true },
	{ "renewed", FIELD_TIME, GRANT(renewed), NULL, true },
	{ "refresh_token", FIELD_SECRET, GRANT(refresh_token), NULL, true },
	{ "revoke_url", FIELD_TEXT, GRANT(revoke_url), NULL, false },
};
/* clang-format on */

const struct record oauth_access_record = { .head = "veredus-oauth-access 1",
	.fields = access_fields,
	.count = COUNT_OF(access_fields) };

const struct record oauth_grant_record = { .head = "veredus-oauth-grant 1",
	.fields = grant_fields,
	.count = COUNT_OF(grant_fields) };

void
oauth_access_free(struct oauth_access *access)
{
	record_free(&oauth_access_record, access);
}

void
oauth_grant_file_free(struct oauth_grant_file *grant)
{
	record_free(&oauth_grant_record, grant);
}

void
oauth_identity_set(struct oauth_identity *identity,
    const struct oauth_params *p, const char *token_url)
{
	alloc_replace(&identity->token_url, token_url);
	alloc_replace(&identity->issuer, p->issuer);
	alloc_replace(&identity->client_id, p->client_id);
	alloc_replace(&identity->user, p->user);
	alloc_replace(&identity->scope, p->scope);
}

char *
oauth_login_command(const struct oauth_params *p)
{
	struct str command = { 0 };

	str_add(&command, "veredus");
	if (p->config_file != NULL)
		str_printf(&command, " -C %s", p->config_file);
	str_add(&command, " --login");
	if (p->account != NULL)
		str_printf(&command, " -a %s", p->account);
	return str_steal(&command);
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "none";
}

bool
oauth_identity_check(const struct oauth_identity *identity,
    const struct oauth_params *p, const char *what, struct error *err)
{
	const bool has_url = p->token_url != NULL;
	const struct {
		const char *name, *stored, *wanted;
	} parts[] = {
		{ has_url ? "token URL" : "issuer",
		    has_url ? identity->token_url : identity->issuer,
		    oauth_params_origin(p) },
		{ "client ID", identity->client_id, p->client_id },
		{ "user", identity->user, p->user },
		{ "scope", identity->scope, p->scope },
	};

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		char *command;

		if (text_equal(parts[i].stored, parts[i].wanted))
			continue;
		command = oauth_login_command(p);
		error_set(err, ERROR_CONFIG,
		    "%s was obtained for the %s %s, not for %s: run %s", what,
		    parts[i].name, or_none(parts[i].stored),
		    or_none(parts[i].wanted), command);
		free(command);
		return false;
	}
	return true;
}

static int64_t
clamp(int64_t value, int64_t min, int64_t max)
{
	return value < min ? min : value > max ? max : value;
}

/* How long before its end a token is renewed. */
static int64_t
margin(int64_t lifetime)
{
	int64_t wanted = clamp(lifetime / 10, MARGIN_MIN, MARGIN_MAX);

	return wanted < lifetime / 2 ? wanted : lifetime / 2;
}

enum oauth_freshness
oauth_access_freshness(const struct oauth_access *access, int64_t now)
{
	int64_t lifetime = access->expires - access->obtained;

	if (lifetime <= 0 || lifetime > LIFETIME_MAX
	    || access->obtained > now + CLOCK_SKEW || now >= access->expires)
		return OAUTH_STALE;
	return access->expires - now > margin(lifetime) ? OAUTH_FRESH
							: OAUTH_IN_MARGIN;
}

int64_t
oauth_lifetime(bool is_told, int64_t expires_in)
{
	if (!is_told)
		return LIFETIME_DEFAULT;
	if (expires_in <= 0)
		return LIFETIME_MIN;
	return expires_in < LIFETIME_MAX ? expires_in : LIFETIME_MAX;
}
