/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the parameters, by which a request is written and read. */
#include "oauth/request.h"

#include <stddef.h>

#include "base/attr.h"

#define AT(member) offsetof(struct oauth_params, member)

/* clang-format off */
static const struct field fields[] = {
	{ "config_file", FIELD_TEXT, AT(config_file), NULL, false },
	{ "account", FIELD_TEXT, AT(account), NULL, false },
	{ "provider", FIELD_TEXT, AT(provider), NULL, false },
	{ "user", FIELD_TEXT, AT(user), NULL, true },
	{ "grant", FIELD_WORD, AT(grant), oauth_grant_words, false },
	{ "flow", FIELD_WORD, AT(flow), oauth_flow_words, false },
	{ "client_id", FIELD_TEXT, AT(client_id), NULL, false },
	{ "client_secret", FIELD_SECRET, AT(client_secret), NULL, false },
	{ "client_secret_file", FIELD_TEXT, AT(client_secret_file), NULL, false },
	{ "client_auth", FIELD_WORD, AT(client_auth), oauth_client_auth_words, false },
	{ "key_file", FIELD_TEXT, AT(key_file), NULL, false },
	{ "cert_file", FIELD_TEXT, AT(cert_file), NULL, false },
	{ "key_id", FIELD_TEXT, AT(key_id), NULL, false },
	{ "key_alg", FIELD_WORD, AT(key_alg), oauth_key_alg_words, false },
	{ "subject", FIELD_TEXT, AT(subject), NULL, false },
	{ "audience", FIELD_TEXT, AT(audience), NULL, false },
	{ "scope", FIELD_TEXT, AT(scope), NULL, false },
	{ "issuer", FIELD_TEXT, AT(issuer), NULL, false },
	{ "auth_url", FIELD_TEXT, AT(auth_url), NULL, false },
	{ "token_url", FIELD_TEXT, AT(token_url), NULL, false },
	{ "device_url", FIELD_TEXT, AT(device_url), NULL, false },
	{ "revoke_url", FIELD_TEXT, AT(revoke_url), NULL, false },
	{ "auth_params", FIELD_TEXT, AT(auth_params), NULL, false },
	{ "redirect_host", FIELD_TEXT, AT(redirect_host), NULL, false },
	{ "redirect_path", FIELD_TEXT, AT(redirect_path), NULL, false },
	{ "redirect_port", FIELD_NUMBER, AT(redirect_port), NULL, false },
	{ "store", FIELD_TEXT, AT(store), NULL, true },
	{ "trust_file", FIELD_TEXT, AT(trust_file), NULL, false },
	{ "proxy", FIELD_TEXT, AT(proxy), NULL, false },
	{ "proxy_user", FIELD_TEXT, AT(proxy_user), NULL, false },
	{ "proxy_password", FIELD_SECRET, AT(proxy_password), NULL, false },
	{ "timeout", FIELD_NUMBER, AT(timeout), NULL, true },
	{ "deadline", FIELD_NUMBER, AT(deadline), NULL, false },
	{ "rejected", FIELD_TIME, AT(rejected), NULL, false },
	{ "retry", FIELD_FLAG, AT(retry), NULL, false },
	{ "no_sandbox", FIELD_FLAG, AT(no_sandbox), NULL, false },
	{ "syslog", FIELD_NUMBER, AT(syslog_plus_1), NULL, false },
};
/* clang-format on */

const struct record oauth_request = { .head = "veredus-oauth-request 1",
	.fields = fields,
	.count = COUNT_OF(fields) };

bool
oauth_request_write(const struct oauth_params *p, struct str *text,
    struct error *err)
{
	return record_write(&oauth_request, p, text, err);
}

bool
oauth_request_read(struct oauth_params *p, const char *text, size_t len,
    struct error *err)
{
	return record_read(&oauth_request, p, text, len, err)
	    || error_prefix(err, "the request is damaged");
}
