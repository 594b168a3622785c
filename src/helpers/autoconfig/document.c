/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects the texts of the elements that describe an outgoing server. */
#include "helpers/autoconfig/document.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/url.h"

/* The depths of elements: that of the root is 1. */
enum { DEPTH_ROOT = 1, DEPTH_PROVIDER, DEPTH_SERVER, DEPTH_SETTING };
#define DEPTH_MAX 32

/* The settings of a server of which the first one counts. */
enum { HOST, PORT, SOCKET_TYPE, USER, SETTINGS };
static const char *const settings[SETTINGS] = { "hostname", "port",
	"socketType", "username" };

struct reader {
	XML_Parser parser;
	struct document *d;
	const char *why; /* it failed, or NULL */
	int depth;
	bool in_provider; /* the ancestors are those of a server */
	bool in_server;
	bool in_enable;
	bool collects;          /* the text of the current element */
	struct str text;        /* of that element */
	char *values[SETTINGS]; /* of the current server */
	enum document_auth auth;
};

static const struct {
	const char *word;
	enum document_auth auth;
} methods[] = {
	{ "password-cleartext", DOCUMENT_AUTH_PASSWORD },
	{ "plain", DOCUMENT_AUTH_PASSWORD },
	{ "password-encrypted", DOCUMENT_AUTH_PASSWORD },
	{ "secure", DOCUMENT_AUTH_PASSWORD },
	{ "OAuth2", DOCUMENT_AUTH_OAUTH2 },
	{ "GSSAPI", DOCUMENT_AUTH_GSSAPI },
	{ "NTLM", DOCUMENT_AUTH_NTLM },
	{ "TLS-client-cert", DOCUMENT_AUTH_EXTERNAL },
	{ "client-IP-address", DOCUMENT_AUTH_NONE },
	{ "none", DOCUMENT_AUTH_NONE },
};

static void
stop(struct reader *r, const char *why)
{
	r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

/* Keeps the text of the element, without blanks around it, unless it is empty, too
 * long, or not the first; an exact text must be printable as it is. */
static void
keep(struct reader *r, char **place, bool exact)
{
	struct str clean = { 0 };

	text_clean(&clean, str_text(&r->text), r->text.len, SIZE_MAX);
	if (*place == NULL && clean.len > 0 && clean.len <= DOCUMENT_TEXT_MAX
	    && (!exact || strstr(str_text(&r->text), str_text(&clean)) != NULL))
		*place = str_steal(&clean);
	str_free(&clean);
}

static void
keep_method(struct reader *r)
{
	char *word = NULL;

	keep(r, &word, true);
	for (size_t i = 0; i < COUNT_OF(methods); i++)
		if (word != NULL && text_equal_nocase(word, methods[i].word)
		    && methods[i].auth > r->auth)
			r->auth = methods[i].auth;
	free(word);
}

static void
keep_setting(struct reader *r, const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(name, settings[i]) == 0)
			keep(r, &r->values[i], true);
	if (strcmp(name, "authentication") == 0)
		keep_method(r);
}

/* The value of an attribute, or NULL. */
static const char *
find_attribute(const char **attributes, const char *name)
{
	for (; *attributes != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

static void
keep_help(struct reader *r, const char *url)
{
	if (r->d->help == NULL && url != NULL
	    && strlen(url) <= DOCUMENT_TEXT_MAX && url_is_https(url))
		r->d->help = alloc_string(url);
}

/* Starts an element of the provider. */
static void
start_part(struct reader *r, const char *name, const char **attributes)
{
	const char *type = find_attribute(attributes, "type");

	r->in_server = strcmp(name, "outgoingServer") == 0 && type != NULL
	    && text_equal_nocase(type, "smtp");
	r->in_enable = strcmp(name, "enable") == 0;
	r->collects = strcmp(name, "displayName") == 0;
	if (r->in_enable)
		keep_help(r, find_attribute(attributes, "visiturl"));
	else if (strcmp(name, "documentation") == 0)
		keep_help(r, find_attribute(attributes, "url"));
}

/* Whether the element is an instruction in English. */
static bool
is_instruction(const char *name, const char **attributes)
{
	const char *language = find_attribute(attributes, "lang");

	return strcmp(name, "instruction") == 0
	    && (language == NULL || text_equal_nocase(language, "en"));
}

static void
start_element(void *ctx, const char *name, const char **attributes)
{
	struct reader *r = ctx;

	r->depth++;
	r->collects = false;
	str_truncate(&r->text, 0);
	if (r->depth > DEPTH_MAX)
		stop(r, "its elements are nested too deeply");
	else if (r->depth == DEPTH_ROOT && strcmp(name, "clientConfig") != 0)
		stop(r, "it is not an autoconfig document");
	else if (r->depth == DEPTH_PROVIDER)
		r->in_provider = strcmp(name, "emailProvider") == 0;
	else if (r->depth == DEPTH_SERVER && r->in_provider)
		start_part(r, name, attributes);
	else if (r->depth == DEPTH_SETTING)
		r->collects = r->in_server
		    || (r->in_enable && is_instruction(name, attributes));
}

static enum document_tls
find_tls(const char *socket_type)
{
	if (socket_type != NULL && text_equal_nocase(socket_type, "SSL"))
		return DOCUMENT_TLS;
	if (socket_type != NULL && text_equal_nocase(socket_type, "STARTTLS"))
		return DOCUMENT_STARTTLS;
	return DOCUMENT_PLAIN;
}

static void
forget_server(struct reader *r)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		free(r->values[i]);
		r->values[i] = NULL;
	}
	r->auth = DOCUMENT_AUTH_UNKNOWN;
	r->in_server = false;
}

static void
end_server(struct reader *r)
{
	struct document *d = r->d;
	unsigned long long port = 0;

	if (r->values[HOST] != NULL && r->values[PORT] != NULL
	    && text_number(r->values[PORT], 1, UINT16_MAX, &port)
	    && d->count < DOCUMENT_SERVERS_MAX) {
		d->servers[d->count++] =
		    (struct document_server){ .host = r->values[HOST],
			    .user = r->values[USER],
			    .port = (unsigned)port,
			    .tls = find_tls(r->values[SOCKET_TYPE]),
			    .auth = r->auth };
		r->values[HOST] = r->values[USER] = NULL;
	}
	forget_server(r);
}

static void
end_element(void *ctx, const char *name)
{
	struct reader *r = ctx;

	if (r->collects && r->depth == DEPTH_SERVER)
		keep(r, &r->d->title, false);
	else if (r->collects && r->in_enable)
		keep(r, &r->d->note, false);
	else if (r->collects)
		keep_setting(r, name);
	if (r->depth == DEPTH_SERVER && r->in_server)
		end_server(r);
	if (r->depth == DEPTH_SERVER)
		r->in_enable = false;
	r->collects = false;
	r->depth--;
}

/* Of a long text, enough to see that it is too long. */
static void
add_text(void *ctx, const char *text, int len)
{
	struct reader *r = ctx;

	if (r->collects && r->text.len <= (size_t)4 * DOCUMENT_TEXT_MAX)
		str_append(&r->text, text, (size_t)len);
}

static void
reject_doctype(void *ctx, const char *name, const char *system,
    const char *public, int has_internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_internal;
	stop(ctx, "it has a document type declaration");
}

/* Without memory, the process ends with one line, as everywhere. */
static void *
resize(void *old, size_t size)
{
	return alloc_resize(old, 1, size);
}

static const char *
run(struct reader *r, const char *text, size_t len)
{
	const XML_Memory_Handling_Suite memory = { alloc_bytes, resize, free };

	r->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, start_element, end_element);
	XML_SetCharacterDataHandler(r->parser, add_text);
	XML_SetStartDoctypeDeclHandler(r->parser, reject_doctype);
	if (XML_Parse(r->parser, text, (int)len, XML_TRUE) != XML_STATUS_OK
	    && r->why == NULL)
		r->why = XML_ErrorString(XML_GetErrorCode(r->parser));
	XML_ParserFree(r->parser);
	return r->why;
}

const char *
document_parse(struct document *d, const char *text, size_t len)
{
	struct reader r = { .d = d };
	const char *why =
	    len <= INT_MAX ? run(&r, text, len) : "it is too long";

	forget_server(&r);
	str_free(&r.text);
	return why;
}

void
document_free(struct document *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->servers[i].host);
		free(d->servers[i].user);
	}
	free(d->title);
	free(d->note);
	free(d->help);
	*d = (struct document){ 0 };
}
