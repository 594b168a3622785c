/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the metadata of an issuer. */
#include "helpers/oauth/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "helpers/oauth/json.h"

#define OAUTH_PATH "/.well-known/oauth-authorization-server"
#define OPENID_PATH "/.well-known/openid-configuration"

/* RFC 8414 section 3 puts its path between the host and the path of the issuer,
 * OpenID behind both. */
char *
metadata_url(const char *issuer, bool openid)
{
	const char *host = strstr(issuer, "://");
	size_t len = strlen(issuer), host_len;

	while (len > 0 && issuer[len - 1] == '/')
		len--;
	if (openid)
		return alloc_printf("%.*s" OPENID_PATH, (int)len, issuer);
	host = host != NULL ? host + 3 : issuer;
	host_len = (size_t)(host - issuer) + strcspn(host, "/");
	if (host_len > len)
		host_len = len;
	return alloc_printf("%.*s" OAUTH_PATH "%.*s", (int)host_len, issuer,
	    (int)(len - host_len), issuer + host_len);
}

static bool
take_urls(struct endpoints *e, const json_t *object,
    struct oauth_failure *failure)
{
	const struct {
		const char *name;
		char **place;
	} urls[] = {
		{ "authorization_endpoint", &e->auth_url },
		{ "token_endpoint", &e->token_url },
		{ "device_authorization_endpoint", &e->device_url },
		{ "revocation_endpoint", &e->revoke_url },
	};

	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		const char *url = json_text(object, urls[i].name);

		if (*urls[i].place != NULL || url == NULL)
			continue;
		if (!http_check_url(url, urls[i].name, failure))
			return false;
		*urls[i].place = alloc_string(url);
	}
	e->has_issuer_parameter =
	    json_flag(object, "authorization_response_iss_parameter_supported");
	return true;
}

bool
metadata_parse(struct endpoints *e, const char *issuer, const char *text,
    size_t len, struct oauth_failure *failure)
{
	json_t *object = json_parse(text, len);
	bool is_same = text_equal(json_text(object, "issuer"), issuer);
	bool ok = is_same && take_urls(e, object, failure);

	json_decref(object);
	return is_same
	    ? ok
	    : oauth_fail(failure, OAUTH_CONFIG,
		"oauth_issuer: the metadata is not that of %s", issuer);
}

static bool
fetch(struct endpoints *e, struct http *h, bool openid,
    struct oauth_failure *failure)
{
	const char *issuer = h->params->issuer;
	const struct str *body = &h->response.body;
	char *url = metadata_url(issuer, openid);
	bool ok = http_get(h, url, failure);

	if (ok && h->status != 200)
		ok = oauth_fail(failure,
		    h->status >= 500 ? OAUTH_TEMPORARY : OAUTH_CONFIG,
		    "oauth_issuer: %s has no metadata (HTTP status %ld)", url,
		    h->status);
	else if (ok)
		ok = metadata_parse(e, issuer, str_text(body), body->len,
		    failure);
	free(url);
	return ok;
}

bool
metadata_get(struct endpoints *e, struct http *h, struct oauth_failure *failure)
{
	const struct oauth_params *p = h->params;

	e->auth_url = alloc_string(p->auth_url);
	e->token_url = alloc_string(p->token_url);
	e->device_url = alloc_string(p->device_url);
	e->revoke_url = alloc_string(p->revoke_url);
	if (p->issuer == NULL)
		return true;
	if (fetch(e, h, false, failure))
		return true;
	/* A document of the wrong issuer is an attack or a mistake. */
	return h->status != 200 && h->status != 0 && fetch(e, h, true, failure);
}

void
endpoints_free(struct endpoints *e)
{
	free(e->auth_url);
	free(e->token_url);
	free(e->device_url);
	free(e->revoke_url);
	*e = (struct endpoints){ 0 };
}
