/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one table of what is known about providers of OAuth2, and the parameters
 * of an account.  No preset has a client ID: it belongs to whoever registered it.
 */
#include "config/oauth.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "config/file.h"
#include "config/option.h"
#include "config/option_names.h"
#include "oauth/store.h"

#define MICROSOFT "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/"
/* Stands for oauth_tenant in a URL. */
#define TENANT "{tenant}"

#define GRANT(grant) (1u << (grant))
#define ANY_GRANT (~0u)

static const struct preset_row {
	enum oauth_provider provider;
	unsigned grants; /* GRANT() of those that the row is for */
	const char *setting;
	const char *value;
} presets[] = {
	{ OAUTH_PROVIDER_GOOGLE, ANY_GRANT, "oauth_auth_url",
	    "https://accounts.google.com/o/oauth2/v2/auth" },
	{ OAUTH_PROVIDER_GOOGLE, ANY_GRANT, "oauth_token_url",
	    "https://oauth2.googleapis.com/token" },
	{ OAUTH_PROVIDER_GOOGLE, ANY_GRANT, "oauth_revoke_url",
	    "https://oauth2.googleapis.com/revoke" },
	/* The device flow is not allowed for this scope. */
	{ OAUTH_PROVIDER_GOOGLE, ANY_GRANT, "oauth_scope",
	    "https://mail.google.com/" },
	/* Without them, a second login gets no refresh token. */
	{ OAUTH_PROVIDER_GOOGLE, ANY_GRANT, "oauth_auth_params",
	    "access_type=offline&prompt=consent" },

	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "auth", "xoauth2" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_auth_url",
	    MICROSOFT "authorize" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_token_url",
	    MICROSOFT "token" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_device_url",
	    MICROSOFT "devicecode" },
	{ OAUTH_PROVIDER_MICROSOFT, GRANT(OAUTH_CODE), "oauth_scope",
	    "https://outlook.office.com/SMTP.Send offline_access" },
	{ OAUTH_PROVIDER_MICROSOFT, ~GRANT(OAUTH_CODE), "oauth_scope",
	    "https://outlook.office365.com/.default" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_auth_params",
	    "prompt=select_account" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_redirect_host",
	    "localhost" },
	{ OAUTH_PROVIDER_MICROSOFT, ANY_GRANT, "oauth_key_alg", "PS256" },

	{ OAUTH_PROVIDER_FASTMAIL, ANY_GRANT, "oauth_auth_url",
	    "https://api.fastmail.com/oauth/authorize" },
	{ OAUTH_PROVIDER_FASTMAIL, ANY_GRANT, "oauth_token_url",
	    "https://api.fastmail.com/oauth/refresh" },
	{ OAUTH_PROVIDER_FASTMAIL, ANY_GRANT, "oauth_scope",
	    "https://www.fastmail.com/dev/protocol-smtp" },

	{ OAUTH_PROVIDER_YANDEX, ANY_GRANT, "auth", "xoauth2" },
	{ OAUTH_PROVIDER_YANDEX, ANY_GRANT, "oauth_auth_url",
	    "https://oauth.yandex.com/authorize" },
	{ OAUTH_PROVIDER_YANDEX, ANY_GRANT, "oauth_token_url",
	    "https://oauth.yandex.com/token" },
	{ OAUTH_PROVIDER_YANDEX, ANY_GRANT, "oauth_scope", "mail:smtp" },

	{ OAUTH_PROVIDER_MAILRU, ANY_GRANT, "oauth_auth_url",
	    "https://o2.mail.ru/login" },
	{ OAUTH_PROVIDER_MAILRU, ANY_GRANT, "oauth_token_url",
	    "https://o2.mail.ru/token" },
	/* This scope serves SMTP, too. */
	{ OAUTH_PROVIDER_MAILRU, ANY_GRANT, "oauth_scope",
	    "userinfo mail.imap" },

	{ OAUTH_PROVIDER_YAHOO, ANY_GRANT, "oauth_auth_url",
	    "https://api.login.yahoo.com/oauth2/request_auth" },
	{ OAUTH_PROVIDER_YAHOO, ANY_GRANT, "oauth_token_url",
	    "https://api.login.yahoo.com/oauth2/get_token" },
	{ OAUTH_PROVIDER_YAHOO, ANY_GRANT, "oauth_scope", "mail-w" },

	{ OAUTH_PROVIDER_AOL, ANY_GRANT, "oauth_auth_url",
	    "https://api.login.aol.com/oauth2/request_auth" },
	{ OAUTH_PROVIDER_AOL, ANY_GRANT, "oauth_token_url",
	    "https://api.login.aol.com/oauth2/get_token" },
	{ OAUTH_PROVIDER_AOL, ANY_GRANT, "oauth_scope", "mail-w" },

	{ OAUTH_PROVIDER_COMCAST, ANY_GRANT, "oauth_auth_url",
	    "https://oauth.xfinity.com/oauth/authorize" },
	{ OAUTH_PROVIDER_COMCAST, ANY_GRANT, "oauth_token_url",
	    "https://oauth.xfinity.com/oauth/token" },
	{ OAUTH_PROVIDER_COMCAST, ANY_GRANT, "oauth_scope",
	    "https://email.comcast.net/ profile openid" },
};

const char oauth_service_folder[] = LOCALSTATEDIR "/lib/veredus";

const char *
oauth_provider_word(enum oauth_provider provider)
{
	const struct option_choice *c = option_find("oauth_provider")->choices;

	while (c->value != (int)provider)
		c++;
	return c->name;
}

/* Returns a copy of the text with the tenant in place of the word for it. */
static char *
insert_tenant(const char *text, const char *tenant)
{
	const char *place = strstr(text, TENANT);

	if (place == NULL)
		return alloc_string(text);
	return alloc_printf("%.*s%s%s", (int)(place - text), text, tenant,
	    place + strlen(TENANT));
}

static bool
set_preset(struct account *a, const char *setting, const char *value,
    struct error *err)
{
	const struct option_context context = {
		.origin = { .kind = ORIGIN_PRESET,
		    .file = oauth_provider_word(a->oauth.provider) },
	};
	char *text;
	bool ok;

	if (account_has(a, setting))
		return true;
	text = insert_tenant(value, a->oauth.tenant);
	ok = option_set_value(a, option_find(setting), text, &context, err);
	free(text);
	return ok;
}

bool
oauth_apply_preset(struct account *a, struct error *err)
{
	const struct oauth_settings *oauth = &a->oauth;

	if (!account_uses_oauth(a))
		return true;
	for (size_t i = 0; i < COUNT_OF(presets); i++) {
		const struct preset_row *row = &presets[i];

		if (row->provider == oauth->provider
		    && (row->grants & GRANT(oauth->grant)) != 0
		    && !set_preset(a, row->setting, row->value, err))
			return false;
	}
	/* The first mechanism for tokens that the server offers. */
	return set_preset(a, "auth", "on", err);
}

char *
oauth_proxy_url(const struct account *a)
{
	const struct host_params *server = &a->server;
	const char *setting = a->oauth.proxy;
	const char *scheme =
	    server->proxy_type == PROXY_HTTP ? "http" : "socks5h";

	if (strcmp(setting, "on") == 0 && server->proxy_host != NULL)
		return alloc_printf(strchr(server->proxy_host, ':') != NULL
			? "%s://[%s]:%u"
			: "%s://%s:%u",
		    scheme, server->proxy_host, server->proxy_port);
	return strcmp(setting, "off") != 0 ? alloc_string(setting) : NULL;
}

static void
copy_texts(const struct oauth_settings *o, struct oauth_params *p)
{
	const struct {
		char **to;
		const char *from;
	} texts[] = { { &p->client_id, o->client_id },
		{ &p->client_secret_file, o->client_secret_file },
		{ &p->key_file, o->key_file }, { &p->cert_file, o->cert_file },
		{ &p->key_id, o->key_id }, { &p->subject, o->subject },
		{ &p->audience, o->audience }, { &p->scope, o->scope },
		{ &p->issuer, o->issuer }, { &p->auth_url, o->auth_url },
		{ &p->token_url, o->token_url },
		{ &p->device_url, o->device_url },
		{ &p->revoke_url, o->revoke_url },
		{ &p->auth_params, o->auth_params },
		{ &p->redirect_host, o->redirect_host },
		{ &p->redirect_path, o->redirect_path } };

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		*texts[i].to = alloc_string(texts[i].from);
}

/* Returns the file in which --login finds the account, or NULL if it reads that file
 * without -C. */
static char *
find_config_file(const struct account *a, const struct user *user)
{
	const char *file =
	    a->origin.kind == ORIGIN_FILE ? a->origin.file : NULL;
	char *own, *whole = NULL;

	if (file == NULL || strcmp(file, config_system_file()) == 0)
		return NULL;
	own = config_user_file(user);
	if (!text_equal(file, own)) {
		whole = realpath(file, NULL);
		if (whole == NULL)
			whole = alloc_string(file);
	}
	free(own);
	return whole;
}

void
oauth_params_fill(const struct account *a, const struct user *user,
    struct oauth_params *p)
{
	const struct oauth_settings *o = &a->oauth;

	copy_texts(o, p);
	p->config_file = find_config_file(a, user);
	p->account = alloc_string(a->name);
	p->provider = alloc_string(oauth_provider_word(o->provider));
	p->user = alloc_string(a->auth.user);
	p->grant = o->grant;
	p->flow = o->flow == OAUTH_FLOW_AUTO ? OAUTH_BROWSER : o->flow;
	p->client_auth = o->client_auth;
	p->key_alg =
	    o->key_alg == OAUTH_KEY_ALG_AUTO ? OAUTH_RS256 : o->key_alg;
	p->redirect_port = o->redirect_port;
	p->timeout = o->timeout;
	p->proxy = oauth_proxy_url(a);
	if (strcmp(o->proxy, "on") == 0)
		p->proxy_user = alloc_string(a->server.proxy_user);
	p->no_sandbox = a->sandbox == SANDBOX_MODE_OFF;
	if (strcmp(o->trust_file, "system") != 0)
		p->trust_file = alloc_string(o->trust_file);
	secret_copy(&p->client_secret, &o->client_secret);
	p->store = o->store != NULL ? alloc_string(o->store)
				    : oauth_store_default(user);
}
