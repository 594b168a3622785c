/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the table of mail providers entry by entry, up to the one that matches.
 */
#include "config/providers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/data_folder.h"
#include "base/file.h"
#include "base/idna.h"
#include "base/text.h"
#include "config/lexer.h"
#include "net/endpoint.h"

#define FILE_MAX ((size_t)1024 * 1024)
#define LABEL_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

/* A search through the table. */
struct search {
	enum provider_key key;
	const char *value;  /* NULL: matches nothing */
	struct provider *p; /* the current entry */
	bool matched;       /* the current entry does */
	char *star;         /* what its "*" stands for, or NULL */
	struct strv *names; /* gets the names of all entries, or NULL */
};

char *
providers_file(void)
{
	return alloc_printf("%s/providers", data_folder);
}

bool
providers_read(struct str *text, struct error *err)
{
	const struct file_rules rules = { .max = FILE_MAX };
	char *path = providers_file();
	bool ok = file_read(path, &rules, text, NULL, err);

	free(path);
	return ok;
}

void
provider_free(struct provider *p)
{
	free(p->name);
	free(p->title);
	free(p->server);
	free(p->user);
	free(p->oauth);
	strv_free(&p->notes);
	*p = (struct provider){ 0 };
}

/* Returns the next word, which the caller frees, or NULL. */
static char *
next_word(const char **at)
{
	const char *start;

	while (text_is_space(**at))
		++*at;
	start = *at;
	while (**at != '\0' && !text_is_space(**at))
		++*at;
	return *at > start ? alloc_string_n(start, (size_t)(*at - start))
			   : NULL;
}

/* Whether the pattern matches; its "*" stands for *star, which is kept unless the
 * pattern has one. */
static bool
matches(const char *pattern, const char *value, char **star)
{
	const char *place = strchr(pattern, '*');
	size_t len = strlen(value), before, after;

	if (place == NULL)
		return text_equal_nocase(pattern, value);
	before = (size_t)(place - pattern);
	after = strlen(place + 1);
	if (len <= before + after || strncasecmp(pattern, value, before) != 0
	    || strcasecmp(place + 1, value + len - after) != 0)
		return false;
	free(*star);
	*star = alloc_string_n(value + before, len - before - after);
	return true;
}

static void
try_patterns(struct search *s, enum provider_key key, const char *list)
{
	char *pattern;

	if (s->key != key || s->value == NULL)
		return;
	while (!s->matched && (pattern = next_word(&list)) != NULL) {
		s->matched = matches(pattern, s->value, &s->star);
		free(pattern);
	}
}

static bool
read_provider(struct search *s, const char *text)
{
	s->p->name = next_word(&text);
	if (s->p->name == NULL || *text == '\0')
		return false;
	s->p->title = alloc_string(text + 1);
	if (s->names != NULL)
		strv_add(s->names, s->p->name);
	try_patterns(s, PROVIDER_NAME, s->p->name);
	return true;
}

static bool
read_domain(struct search *s, const char *text)
{
	try_patterns(s, PROVIDER_DOMAIN, text);
	return *text != '\0';
}

static bool
read_mx(struct search *s, const char *text)
{
	try_patterns(s, PROVIDER_MX, text);
	return *text != '\0';
}

static bool
read_server(struct search *s, const char *text)
{
	struct provider *p = s->p;
	unsigned long long port = 0;
	char *number, *tls;
	bool ok;

	free(p->server);
	p->server = next_word(&text);
	number = next_word(&text);
	tls = next_word(&text);
	ok = number != NULL && text_number(number, 1, 65535, &port)
	    && (text_equal(tls, "tls") || text_equal(tls, "starttls"))
	    && *text == '\0';
	p->port = (unsigned)port;
	p->implicit_tls = text_equal(tls, "tls");
	if (ok)
		try_patterns(s, PROVIDER_SERVER, p->server);
	free(number);
	free(tls);
	return ok;
}

static bool
read_login(struct search *s, const char *text)
{
	static const char *const words[] = {
		[PROVIDER_LOGIN_ADDRESS] = "address",
		[PROVIDER_LOGIN_LOCAL] = "local",
		[PROVIDER_LOGIN_FIXED] = "fixed",
		[PROVIDER_LOGIN_OTHER] = "other",
	};
	char *word = next_word(&text);
	size_t i = 0;

	while (i < COUNT_OF(words) && !text_equal(words[i], word))
		i++;
	free(word);
	s->p->login = (enum provider_login)i;
	free(s->p->user);
	s->p->user = next_word(&text);
	return i < COUNT_OF(words) && *text == '\0'
	    && (s->p->user != NULL) == (i == PROVIDER_LOGIN_FIXED);
}

static bool
read_oauth(struct search *s, const char *text)
{
	char *only;
	bool ok;

	free(s->p->oauth);
	s->p->oauth = next_word(&text);
	only = next_word(&text);
	s->p->oauth_only = only != NULL;
	ok = s->p->oauth != NULL && *text == '\0'
	    && (only == NULL || text_equal(only, "only"));
	free(only);
	return ok;
}

static bool
read_note(struct search *s, const char *text)
{
	strv_add(&s->p->notes, text);
	return *text != '\0';
}

static bool
read_mx_note(struct search *s, const char *text)
{
	if (s->key == PROVIDER_MX)
		strv_add(&s->p->notes, text);
	return *text != '\0';
}

static const struct {
	const char *keyword;
	bool (*read)(struct search *s, const char *text);
} lines[] = {
	{ "provider", read_provider },
	{ "domain", read_domain },
	{ "mx", read_mx },
	{ "server", read_server },
	{ "login", read_login },
	{ "oauth", read_oauth },
	{ "note", read_note },
	{ "mx_note", read_mx_note },
};

/* Puts what the "*" stands for into the server.  It is one label, so that nobody
 * else's host comes out of a name from the DNS. */
static bool
complete_server(struct search *s)
{
	struct provider *p = s->p;
	struct endpoint ignored;
	char *place, *server;

	if (p->server == NULL)
		return false;
	place = strchr(p->server, '*');
	if (place != NULL) {
		if (s->star == NULL
		    || s->star[strspn(s->star, LABEL_CHARACTERS)] != '\0')
			return false;
		server = alloc_printf("%.*s%s%s", (int)(place - p->server),
		    p->server, s->star, place + 1);
		free(p->server);
		p->server = server;
	}
	return idna_is_host_name(p->server)
	    || endpoint_parse(&ignored, p->server);
}

/* Ends the current entry, and returns whether it is the one. */
static bool
end_entry(struct search *s)
{
	if (s->matched && complete_server(s))
		return true;
	provider_free(s->p);
	free(s->star);
	s->star = NULL;
	s->matched = false;
	return false;
}

static bool
read_line(struct search *s, const struct lexer_line *line)
{
	size_t i = 0;

	while (
	    i < COUNT_OF(lines) && !str_equal(&line->keyword, lines[i].keyword))
		i++;
	return i < COUNT_OF(lines) && (i == 0 || s->p->name != NULL)
	    && lines[i].read(s, str_text(&line->argument));
}

static bool
fail(unsigned line, struct error *err)
{
	char *path = providers_file();

	error_set(err, ERROR_CONFIG,
	    "%s:%u: this line is not one of the table of providers", path,
	    line);
	free(path);
	return false;
}

/* Leaves the entry that matches in s->p. */
static bool
search(struct search *s, const struct str *table, struct error *err)
{
	struct lexer lexer;
	struct lexer_line line = { 0 };
	enum lexer_result result;
	bool ok = true, found = false;

	lexer_init(&lexer, str_text(table), table->len);
	while (ok && !found
	    && (result = lexer_next(&lexer, &line, NULL)) != LEXER_END) {
		if (result == LEXER_LINE && line.keyword.len == 0)
			continue;
		found = str_equal(&line.keyword, "provider") && end_entry(s);
		if (!found)
			ok = (result == LEXER_LINE && read_line(s, &line))
			    || fail(lexer.line, err);
	}
	if (!found && (!ok || !end_entry(s)))
		provider_free(s->p);
	free(s->star);
	lexer_line_wipe(&line);
	return ok;
}

bool
providers_find(const struct str *table, enum provider_key key,
    const char *value, struct provider *p, struct error *err)
{
	struct search s = { .key = key, .value = value, .p = p };

	return search(&s, table, err);
}

bool
providers_names(const struct str *table, struct strv *names, struct error *err)
{
	struct provider p = { 0 };
	struct search s = { .p = &p, .names = names };

	return search(&s, table, err);
}
