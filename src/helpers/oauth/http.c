/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes requests with libcurl, and turns its errors into failures that name the
 * host. */
#include "helpers/oauth/http.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/file.h"
#include "base/secret.h"
#include "helpers/url.h"

/* More than all CA certificates there are. */
#define TRUST_MAX ((size_t)8 * 1024 * 1024)

/* Errors of libcurl that say that the host is not who it should be. */
static const CURLcode certificate_codes[] = { CURLE_PEER_FAILED_VERIFICATION,
	CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
	CURLE_SSL_PINNEDPUBKEYNOTMATCH };

bool
http_start(struct http *h, const struct oauth_params *p,
    struct oauth_failure *failure)
{
	h->params = p;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		h->curl = curl_easy_init();
	if (h->curl == NULL
	    || !https_set_options(h->curl, &h->response, p->trust_file,
		p->timeout)
	    || !https_set_proxy(h->curl, p->proxy)
	    || (p->proxy_user != NULL
		&& !https_set_proxy_login(h->curl, p->proxy_user,
		    &p->proxy_password)))
		return oauth_fail(failure, OAUTH_CONFIG,
		    "libcurl lacks a required feature, or the proxy is "
		    "invalid");
	(void)mlock(h->response.body.data, h->response.body.size);
	return true;
}

void
http_free(struct http *h)
{
	if (h->curl != NULL) {
		curl_easy_cleanup(h->curl);
		curl_global_cleanup();
	}
	str_wipe(&h->response.body);
	*h = (struct http){ 0 };
}

bool
http_check_url(const char *url, const char *what, struct oauth_failure *failure)
{
	return url_is_https(url)
	    || oauth_fail(failure, OAUTH_CONFIG,
		"%s: %s is not an https address without user and fragment",
		what, url);
}

bool
http_check_trust(const struct oauth_params *p, struct oauth_failure *failure)
{
	const struct file_rules rules = { .max = TRUST_MAX };
	struct str text = { 0 };
	struct file_info info;
	struct error err = { 0 };
	bool ok;

	if (p->trust_file == NULL)
		return true;
	if (!file_read(p->trust_file, &rules, &text, &info, &err)) {
		error_prefix(&err, "oauth_trust_file");
		oauth_fail_error(failure, &err);
		failure->outcome = OAUTH_CONFIG;
		return false;
	}
	/* Also "BEGIN TRUSTED CERTIFICATE". */
	ok = strstr(str_text(&text), " CERTIFICATE-----") != NULL
	    || oauth_fail(failure, OAUTH_CONFIG,
		"oauth_trust_file: there is no certificate in %s",
		p->trust_file);
	str_free(&text);
	return ok;
}

void
http_allow(const struct http *h, const char *const *urls, size_t count,
    struct sandbox *s)
{
	const char *proxy = h->params->proxy;

	sandbox_allow_libraries(s);
	sandbox_allow_resolver(s);
	https_allow_trust(h->curl, h->params->trust_file, s);
	if (proxy != NULL)
		landlock_allow_port(&s->rules, https_proxy_port(proxy));
	for (size_t i = 0; proxy == NULL && i < count; i++)
		if (urls[i] != NULL)
			landlock_allow_port(&s->rules,
			    url_port(urls[i], HTTPS_PORT));
}

static bool
is_certificate_code(CURLcode code)
{
	for (size_t i = 0; i < COUNT_OF(certificate_codes); i++)
		if (certificate_codes[i] == code)
			return true;
	return false;
}

static bool
fail(const struct http *h, const char *url, CURLcode code, const char *why,
    struct oauth_failure *failure)
{
	char *host = url_host(url);

	if (h->response.too_long)
		oauth_fail(failure, OAUTH_TEMPORARY,
		    "%s answered with more than %d octets instead of a token: "
		    "wrong oauth_token_url, or a portal in between?",
		    host, HTTPS_BODY_MAX);
	else if (code == CURLE_SSL_CACERT_BADFILE
	    && h->params->trust_file != NULL)
		oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_trust_file: cannot read %s", h->params->trust_file);
	else if (is_certificate_code(code))
		oauth_fail(failure, OAUTH_TEMPORARY,
		    "the certificate of %s is rejected: %s", host, why);
	else if (h->params->proxy != NULL && https_proxy_rejects_login(h->curl))
		oauth_fail(failure, OAUTH_CONFIG,
		    h->params->proxy_user != NULL
			? "the proxy rejects the login: check proxy_user and "
			  "its password"
			: "the proxy requires a login: set proxy_host, "
			  "proxy_user and proxy_passwordfile, and oauth_proxy "
			  "on");
	else
		oauth_fail(failure, OAUTH_TEMPORARY, "cannot reach %s%s: %s",
		    host, h->params->proxy != NULL ? " through the proxy" : "",
		    why);
	free(host);
	return false;
}

static bool
perform(struct http *h, const char *url, struct oauth_failure *failure)
{
	curl_off_t retry_after = 0;
	CURLcode code;
	char *why;

	h->status = 0;
	why = https_perform(h->curl, &h->response, h->params->timeout, &code);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &h->status);
	curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &retry_after);
	h->retry_after = retry_after;
	if (why == NULL)
		return true;
	fail(h, url, code, why, failure);
	free(why);
	return false;
}

bool
http_post(struct http *h, const char *url, const struct str *form,
    const struct str *authorization, struct oauth_failure *failure)
{
	struct curl_slist *lines =
	    curl_slist_append(NULL, "Accept: application/json");
	bool ok;

	if (authorization->len > 0)
		lines = curl_slist_append(lines, authorization->data);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, lines);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, str_text(form));
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE, (long)form->len);
	ok = perform(h, url, failure);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	for (struct curl_slist *line = lines; line != NULL; line = line->next)
		secret_wipe(line->data, strlen(line->data));
	curl_slist_free_all(lines);
	return ok;
}

bool
http_get(struct http *h, const char *url, struct oauth_failure *failure)
{
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	return perform(h, url, failure);
}
