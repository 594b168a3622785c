/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses netrc files, without ever putting a word of one into an error.
 */
#include "config/netrc.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

/*
 * Reads this grammar; keywords are case-sensitive, machine names are not.
 *
 * netrc    = *( entry / macro / comment )
 * entry    = ( "machine" token / "default" ) *( field / macro )
 * field    = ( "login" / "password" / "account" ) token
 * macro    = "macdef" token, and all lines up to an empty one
 * comment  = "#" up to the end of the line, in place of a keyword
 * token    = 1*( any but blank ) / DQUOTE *( any / "\" any ) DQUOTE
 */
struct reader {
	const struct netrc_query *query;
	const char *p;
	const char *end;
	unsigned line;
	struct str token;
	struct netrc_entry *entry; /* the current one */
	bool inside;               /* an entry has begun */
	bool matches_machine;
	bool has_other_login;
};

static bool
wrong(const struct reader *r, const char *what, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s:%u: %s", r->query->file,
	    r->line, what);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct reader *r)
{
	for (; r->p < r->end && is_blank(*r->p); r->p++)
		r->line += *r->p == '\n';
}

static void
skip_line(struct reader *r)
{
	while (r->p < r->end && *r->p != '\n')
		r->p++;
}

/* Skips to the empty line that ends a macro, or to the end of the file. */
static void
skip_macro(struct reader *r)
{
	bool empty = false;

	skip_line(r);
	for (; r->p < r->end; r->p++) {
		if (*r->p == '\n') {
			if (empty)
				return;
			r->line++;
			empty = true;
		} else if (*r->p != '\r') {
			empty = false;
		}
	}
}

static bool
read_quoted(struct reader *r, struct error *err)
{
	for (r->p++; r->p < r->end && *r->p != '\n'; r->p++) {
		if (*r->p == '"') {
			r->p++;
			return true;
		}
		if (*r->p == '\\' && r->p + 1 < r->end && r->p[1] != '\n')
			r->p++;
		str_add_char(&r->token, *r->p);
	}
	return wrong(r, "a quoted word has no closing quote on its line", err);
}

/* Reads the next token; the end of the file is an error. */
static bool
read_token(struct reader *r, struct error *err)
{
	str_truncate(&r->token, 0);
	skip_blanks(r);
	if (r->p == r->end)
		return wrong(r, "a word is missing at the end of the file",
		    err);
	if (*r->p == '"')
		return read_quoted(r, err);
	while (r->p < r->end && !is_blank(*r->p))
		str_add_char(&r->token, *r->p++);
	return true;
}

static void
begin_entry(struct reader *r, bool matches_machine)
{
	netrc_entry_free(r->entry);
	r->inside = true;
	r->matches_machine = matches_machine;
	r->has_other_login = false;
}

static void
set_login(struct reader *r)
{
	const char *wanted = r->query->login;

	r->has_other_login = wanted != NULL && !str_equal(&r->token, wanted);
	alloc_replace(&r->entry->login, str_text(&r->token));
}

static bool
set_password(struct reader *r, struct error *err)
{
	if (r->token.len == 0 || r->token.len > SECRET_MAX
	    || memchr(r->token.data, '\0', r->token.len) != NULL)
		return wrong(r, "the password is empty or too long", err);
	if (r->matches_machine)
		secret_set(&r->entry->password, r->token.data, r->token.len);
	return true;
}

/* Whether the entry has everything that the query asks for. */
static bool
is_complete(const struct reader *r)
{
	return r->inside && r->matches_machine && !r->has_other_login
	    && secret_is_set(&r->entry->password);
}

enum keyword_kind { MACHINE, DEFAULT, LOGIN, PASSWORD, ACCOUNT, MACRO };

static const struct keyword {
	const char *word;
	enum keyword_kind kind;
} keywords[] = {
	{ "machine", MACHINE },
	{ "default", DEFAULT },
	{ "login", LOGIN },
	{ "user", LOGIN },
	{ "password", PASSWORD },
	{ "passwd", PASSWORD },
	{ "account", ACCOUNT },
	{ "macdef", MACRO },
};

static const struct keyword *
find_keyword(const struct str *token)
{
	for (size_t i = 0; i < COUNT_OF(keywords); i++)
		if (str_equal(token, keywords[i].word))
			return &keywords[i];
	return NULL;
}

static bool
begins_entry(const struct keyword *k)
{
	return k->kind == MACHINE || k->kind == DEFAULT;
}

/* Reads the token after a keyword, and what belongs to it. */
static bool
read_field(struct reader *r, const struct keyword *k, struct error *err)
{
	if (!r->inside && !begins_entry(k) && k->kind != MACRO)
		return wrong(r, "machine or default must come first", err);
	if (k->kind != DEFAULT && !read_token(r, err))
		return false;
	switch (k->kind) {
	case MACHINE:
		begin_entry(r,
		    text_equal_nocase(str_text(&r->token), r->query->machine));
		break;
	case DEFAULT:
		begin_entry(r, true);
		break;
	case LOGIN:
		set_login(r);
		break;
	case PASSWORD:
		return set_password(r, err);
	case ACCOUNT:
		break;
	case MACRO:
		skip_macro(r);
		break;
	}
	return true;
}

/* Reads up to the end of the first complete entry. */
static bool
read_entries(struct reader *r, struct error *err)
{
	for (;;) {
		const struct keyword *k;

		skip_blanks(r);
		if (r->p == r->end)
			return true;
		if (*r->p == '#') {
			skip_line(r);
			continue;
		}
		if (!read_token(r, err))
			return false;
		k = find_keyword(&r->token);
		if (k == NULL)
			return wrong(r,
			    "unknown word: expected machine, default, login, "
			    "password, account or macdef; put words with "
			    "blanks in double quotes",
			    err);
		if (begins_entry(k) && is_complete(r))
			return true;
		if (!read_field(r, k, err))
			return false;
	}
}

bool
netrc_find(const struct netrc_query *query, const struct str *text,
    struct netrc_entry *entry, struct error *err)
{
	struct reader r = { .query = query,
		.p = str_text(text),
		.line = 1,
		.entry = entry };
	bool ok;

	r.end = r.p + text->len;
	/* If the buffer moved, parts of a password would stay in memory. */
	str_reserve(&r.token, text->len + 1);
	ok = read_entries(&r, err);
	str_wipe(&r.token);
	if (!ok || !is_complete(&r))
		netrc_entry_free(entry);
	return ok;
}

void
netrc_entry_free(struct netrc_entry *entry)
{
	alloc_replace(&entry->login, NULL);
	secret_free(&entry->password);
}
