/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Fetches autoconfig documents, and prints the servers of the first usable one. */
#include "helpers/autoconfig/search.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "helpers/autoconfig/document.h"
#include "helpers/autoconfig/placeholders.h"
#include "helpers/autoconfig/sources.h"
#include "helpers/url.h"

#define REDIRECTS_MAX 3

static const char *const tls_words[] = {
	[DOCUMENT_PLAIN] = "plain",
	[DOCUMENT_STARTTLS] = "starttls",
	[DOCUMENT_TLS] = "tls",
};

static const char *const auth_words[] = {
	[DOCUMENT_AUTH_UNKNOWN] = "unknown",
	[DOCUMENT_AUTH_NONE] = "none",
	[DOCUMENT_AUTH_EXTERNAL] = "external",
	[DOCUMENT_AUTH_NTLM] = "ntlm",
	[DOCUMENT_AUTH_GSSAPI] = "gssapi",
	[DOCUMENT_AUTH_OAUTH2] = "oauth2",
	[DOCUMENT_AUTH_PASSWORD] = "password",
};

static bool
is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307
	    || status == 308;
}

/* Reads where a redirect leads.  The sandbox allows no other port. */
static char *
read_redirect(struct fetch *f, char **url)
{
	const char *target = NULL;

	curl_easy_getinfo(f->curl, CURLINFO_REDIRECT_URL, &target);
	if (target == NULL)
		return alloc_string("a redirect leads nowhere");
	if (!url_is_https(target) || url_port(target, HTTPS_PORT) != HTTPS_PORT)
		return alloc_printf(
		    "a redirect leads to %s, not to https on port 443", target);
	alloc_replace(url, target);
	return NULL;
}

/* Follows a few redirects.  Returns NULL, or why there is no response. */
static char *
get(struct fetch *f, const char *url, long *status)
{
	char *current = alloc_string(url);
	unsigned redirects = 0;
	char *why = fetch_get(f, current, status);

	while (why == NULL && is_redirect(*status)) {
		if (redirects++ == REDIRECTS_MAX)
			why = alloc_printf("more than %d redirects",
			    REDIRECTS_MAX);
		else if ((why = read_redirect(f, &current)) == NULL)
			why = fetch_get(f, current, status);
	}
	free(current);
	return why;
}

/* Appends the user, unless only the person knows it. */
static void
add_user(struct str *out, const char *text, const char *address)
{
	char *user = placeholders_fill(text, address);

	if (user != NULL)
		str_printf(out, " %s", user);
	free(user);
}

static void
add_server(struct str *out, const struct document_server *s,
    const char *address)
{
	char *host = placeholders_fill(s->host, address);

	if (host != NULL && url_is_domain(host, DOCUMENT_TEXT_MAX)) {
		str_printf(out, "server %s %u %s %s", host, s->port,
		    tls_words[s->tls], auth_words[s->auth]);
		if (s->user != NULL)
			add_user(out, s->user, address);
		str_add_char(out, '\n');
	}
	free(host);
}

static void
add_text(struct str *out, const char *word, const char *text)
{
	if (text != NULL)
		str_printf(out, "%s %s\n", word, text);
}

/* Appends the document.  Returns NULL, or why nothing in it can be used. */
static const char *
add_document(struct str *out, const struct document *d, const char *source,
    const char *address)
{
	bool usable = false;
	struct str servers = { 0 };

	for (size_t i = 0; i < d->count; i++) {
		size_t before = servers.len;

		add_server(&servers, &d->servers[i], address);
		if (servers.len > before && d->servers[i].tls != DOCUMENT_PLAIN)
			usable = true;
	}
	if (usable) {
		str_printf(out, "source %s\n", source);
		add_text(out, "title", d->title);
		add_text(out, "note", d->note);
		add_text(out, "help", d->help);
		str_append(out, servers.data, servers.len);
	}
	str_free(&servers);
	if (usable)
		return NULL;
	return d->count > 0 ? "it has no SMTP server with TLS"
			    : "it has no SMTP server";
}

/* Returns NULL, or why the response has no usable document; the caller frees the
 * text. */
static char *
read_response(const struct fetch *f, long status, const char *source,
    const char *address, struct str *out)
{
	const struct str *body = &f->response.body;
	struct document d = { 0 };
	const char *why;
	char *result = NULL;

	if (status != 200)
		return alloc_printf("HTTP status %ld", status);
	why = document_parse(&d, str_text(body), body->len);
	if (why == NULL)
		why = add_document(out, &d, source, address);
	if (why != NULL)
		result = alloc_printf("the document cannot be used: %s", why);
	document_free(&d);
	return result;
}

/* The state of a search. */
struct search {
	struct fetch *f;
	const char *address;
	struct str *out;
	struct str reasons; /* why nothing was found so far */
};

/* Asks one source, and returns whether it has a usable document.  Clears *reached
 * unless there was a response that says whether it has any. */
static bool
try_source(struct search *s, const char *name, const char *url, bool *reached)
{
	long status = 0;
	char *why = get(s->f, url, &status), *host;
	bool found;

	/* 404 and 410 say that there is no such document. */
	if (why != NULL || (status != 200 && status != 404 && status != 410))
		*reached = false;
	if (why == NULL)
		why = read_response(s->f, status, name, s->address, s->out);
	found = why == NULL;
	if (!found) {
		host = url_host(url);
		str_printf(&s->reasons, "%s%s: %s",
		    s->reasons.len > 0 ? "; " : "", host, why);
		free(host);
	}
	free(why);
	return found;
}

void
search_sources(struct fetch *f, const struct search_question *q,
    struct str *out)
{
	struct search s = { .f = f, .address = q->address, .out = out };
	struct sources sources = { 0 };
	bool reached = true, found = false;

	sources_fill(&sources, q->domain, q->address, q->mx);
	for (size_t i = 0; i < sources.urls.count && !found; i++) {
		bool ignored = true;

		found = try_source(&s, sources.names.items[i],
		    sources.urls.items[i],
		    i < sources.own ? &ignored : &reached);
	}
	if (!found) {
		str_add(out, reached ? "absent " : "unreachable ");
		text_clean(out, str_text(&s.reasons), s.reasons.len, TEXT_MAX);
		str_add_char(out, '\n');
	}
	str_add(out, "end\n");
	str_free(&s.reasons);
	sources_free(&sources);
}
