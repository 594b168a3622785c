/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Authenticates the client in each of the ways that providers know. */
#include "helpers/oauth/client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/text.h"
#include "helpers/oauth/encode.h"

#define REQUEST_MAX ((size_t)512 * 1024)
/* How long an assertion is valid; providers accept an hour at most. */
#define ASSERTION_SECONDS 300
#define DIGEST_OCTETS 8

#define GRANT_JWT "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define ASSERTION_JWT "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

static bool
read_secret(struct client *c, struct oauth_failure *failure)
{
	const struct oauth_params *p = c->params;
	const struct file_rules rules = { .max = SECRET_MAX,
		.use = FILE_SECRET,
		.owner = geteuid() };
	struct error err = { 0 };
	struct str text = { 0 };
	bool ok;

	if (secret_is_set(&p->client_secret)) {
		secret_copy(&c->secret, &p->client_secret);
		return true;
	}
	if (p->client_secret_file == NULL)
		return true;
	ok = file_read(p->client_secret_file, &rules, &text, NULL, &err);
	if (ok)
		secret_set(&c->secret, str_text(&text),
		    strcspn(str_text(&text), "\r\n"));
	else
		error_prefix(&err, "oauth_client_secret_file");
	str_wipe(&text);
	return ok || oauth_fail_error(failure, &err);
}

static enum oauth_client_auth
choose_auth(const struct client *c)
{
	const struct oauth_params *p = c->params;

	if (p->client_auth != OAUTH_AUTH_AUTO)
		return p->client_auth;
	if (secret_is_set(&c->secret))
		return OAUTH_AUTH_POST;
	return p->key_file != NULL && p->grant != OAUTH_SERVICE_ACCOUNT
	    ? OAUTH_AUTH_KEY
	    : OAUTH_AUTH_NONE;
}

static bool
needs_key(const struct client *c)
{
	return c->auth == OAUTH_AUTH_KEY
	    || c->params->grant == OAUTH_SERVICE_ACCOUNT;
}

bool
client_start(struct client *c, const struct oauth_params *p,
    struct oauth_failure *failure)
{
	c->params = p;
	if (p->client_id == NULL && p->grant != OAUTH_SERVICE_ACCOUNT)
		return oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_client_id is not set");
	if (!read_secret(c, failure))
		return false;
	c->auth = choose_auth(c);
	if ((c->auth == OAUTH_AUTH_POST || c->auth == OAUTH_AUTH_BASIC)
	    && !secret_is_set(&c->secret))
		return oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_client_auth %s needs oauth_client_secret",
		    oauth_client_auth_words[c->auth]);
	if (needs_key(c) && p->key_file == NULL)
		return oauth_fail(failure, OAUTH_CONFIG,
		    "oauth_key_file is not set");
	return !needs_key(c) || jwt_key_read(&c->key, p, failure);
}

void
client_free(struct client *c)
{
	secret_free(&c->secret);
	jwt_key_free(&c->key);
	*c = (struct client){ 0 };
}

void
client_begin(struct client_request *r, const char *grant_type)
{
	str_reserve(&r->form, REQUEST_MAX);
	str_reserve(&r->authorization, REQUEST_MAX);
	encode_form(&r->form, "grant_type", grant_type);
}

/* RFC 6749 section 2.3.1: both parts are encoded as in a form first. */
static void
add_basic(const struct client *c, struct client_request *r)
{
	struct str plain = { 0 };
	struct secret_text secret;

	str_reserve(&plain, REQUEST_MAX);
	secret_reveal(&c->secret, &secret);
	if (c->params->client_id != NULL)
		encode_form_text(&plain, c->params->client_id);
	str_add_char(&plain, ':');
	encode_form_text(&plain, secret.data);
	str_add(&r->authorization, "Authorization: Basic ");
	base64_encode(&r->authorization, plain.data, plain.len);
	secret_text_free(&secret);
	str_wipe(&plain);
}

static const char *
audience(const struct client *c, const char *url)
{
	return c->params->audience != NULL ? c->params->audience : url;
}

static bool
add_assertion(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure)
{
	const struct jwt_claims claims = { .issuer = c->params->client_id,
		.subject = c->params->client_id,
		.audience = audience(c, url),
		.now = now,
		.seconds = ASSERTION_SECONDS };
	struct str token = { 0 };
	bool ok = jwt_sign(&c->key, &claims, &token, failure);

	if (ok) {
		encode_form(&r->form, "client_assertion_type", ASSERTION_JWT);
		encode_form(&r->form, "client_assertion", token.data);
	}
	str_wipe(&token);
	return ok;
}

bool
client_authenticate(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure)
{
	if (c->auth == OAUTH_AUTH_BASIC) {
		add_basic(c, r);
		return true;
	}
	encode_form(&r->form, "client_id", c->params->client_id);
	if (c->auth == OAUTH_AUTH_POST)
		encode_form_secret(&r->form, "client_secret", &c->secret);
	return c->auth != OAUTH_AUTH_KEY
	    || add_assertion(c, url, now, r, failure);
}

/*
 * RFC 7523 section 2.1.  The client is that of the key file of Google, whose
 * servers want the scope as a claim; others want it as a parameter.
 */
static bool
ask_for_subject(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure)
{
	const struct oauth_params *p = c->params;
	const struct jwt_claims claims = { .issuer = c->key.client != NULL
		    ? c->key.client
		    : p->client_id,
		.subject = p->subject != NULL ? p->subject : p->user,
		.audience = audience(c, url),
		.scope = p->scope,
		.now = now,
		.seconds = ASSERTION_SECONDS };
	struct str token = { 0 };
	bool ok;

	client_begin(r, GRANT_JWT);
	ok = jwt_sign(&c->key, &claims, &token, failure);
	if (ok)
		encode_form(&r->form, "assertion", token.data);
	str_wipe(&token);
	if (!ok || c->key.client != NULL)
		return ok;
	encode_form(&r->form, "scope", p->scope);
	return client_authenticate(c, url, now, r, failure);
}

bool
client_ask_alone(const struct client *c, const char *url, int64_t now,
    struct client_request *r, struct oauth_failure *failure)
{
	if (c->params->grant == OAUTH_SERVICE_ACCOUNT)
		return ask_for_subject(c, url, now, r, failure);
	client_begin(r, "client_credentials");
	encode_form(&r->form, "scope", c->params->scope);
	return client_authenticate(c, url, now, r, failure);
}

void
client_hide(const struct client *c, const struct client_request *r,
    struct redact_forms *sent)
{
	static const char *const secret_fields[] = { "refresh_token", "code",
		"device_code", "code_verifier", "client_secret", "assertion",
		"client_assertion" };
	struct secret_text secret;

	for (size_t i = 0; i < COUNT_OF(secret_fields); i++) {
		struct str value = { 0 };
		bool found;

		str_reserve(&value, r->form.len + 1);
		if (decode_form(&value, str_text(&r->form), secret_fields[i],
			&found)
		    && found)
			redact_add(sent, str_text(&value));
		str_wipe(&value);
	}
	secret_reveal(&c->secret, &secret);
	if (secret.data != NULL)
		redact_add(sent, secret.data);
	secret_text_free(&secret);
}

void
client_request_free(struct client_request *r)
{
	str_wipe(&r->form);
	str_wipe(&r->authorization);
}

/* The time and the number of a file change with its contents. */
static void
add_file(struct str *all, const char *path)
{
	struct stat st;

	if (path != NULL && stat(path, &st) == 0)
		str_printf(all, "%s %lld %ld %llu\n", path,
		    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
		    (unsigned long long)st.st_ino);
}

char *
client_digest(const struct client *c)
{
	const struct oauth_params *p = c->params;
	unsigned char digest[SHA256_SIZE];
	struct secret_text secret;
	struct str all = { 0 }, text = { 0 };

	str_reserve(&all, REQUEST_MAX);
	str_printf(&all, "%s\n%s\n%s\n", oauth_params_origin(p),
	    p->client_id != NULL ? p->client_id : "",
	    p->scope != NULL ? p->scope : "");
	secret_reveal(&c->secret, &secret);
	if (secret.data != NULL)
		str_append(&all, secret.data, secret.len);
	secret_text_free(&secret);
	add_file(&all, p->key_file);
	add_file(&all, p->cert_file);
	sha256(all.data, all.len, digest);
	sha256_add_hex(&text, digest, DIGEST_OCTETS);
	str_wipe(&all);
	return str_steal(&text);
}
