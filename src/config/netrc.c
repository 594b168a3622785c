/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/netrc.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

/*
 * netrc    = *( entry / macro / comment )
 * entry    = ( "machine" token / "default" ) *( field / macro )
 * field    = ( "login" / "password" / "account" ) token
 * macro    = "macdef" token, then all lines up to an empty one
 * comment  = "#" up to the end of the line, where a keyword may stand
 * token    = 1*( any but blank ) / DQUOTE *( any / "\" any ) DQUOTE
 */
struct reader {
	const struct netrc_query *query;
	const char *p;
	const char *end;
	unsigned line;
	struct str token;
	struct netrc_entry *entry; /* the one being read */
	bool inside;               /* an entry has begun */
	bool fits;                 /* it is for the machine */
	bool named;                /* it has a login */
	bool is_it;                /* which is the one that is asked for */
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

/* To the empty line that ends a macro, or to the end. */
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

/* The next token, which must be there. */
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
begin_entry(struct reader *r, bool fits)
{
	netrc_entry_free(r->entry);
	r->inside = true;
	r->fits = fits;
	r->named = false;
	r->is_it = false;
}

static bool
take_machine(struct reader *r, struct error *err)
{
	(void)err;
	begin_entry(r,
	    text_equal_nocase(str_text(&r->token), r->query->machine));
	return true;
}

static bool
take_default(struct reader *r, struct error *err)
{
	(void)err;
	begin_entry(r, true);
	return true;
}

static bool
take_login(struct reader *r, struct error *err)
{
	(void)err;
	r->named = true;
	r->is_it =
	    r->query->login == NULL || str_equal(&r->token, r->query->login);
	alloc_replace(&r->entry->login, str_text(&r->token));
	return true;
}

static bool
take_password(struct reader *r, struct error *err)
{
	if (r->token.len == 0 || r->token.len > SECRET_MAX
	    || memchr(r->token.data, '\0', r->token.len) != NULL)
		return wrong(r, "the password is empty or too long", err);
	if (r->fits)
		secret_set(&r->entry->password, r->token.data, r->token.len);
	return true;
}

static bool
take_nothing(struct reader *r, struct error *err)
{
	(void)r;
	(void)err;
	return true;
}

static bool
take_macro(struct reader *r, struct error *err)
{
	(void)err;
	skip_macro(r);
	return true;
}

static const struct keyword {
	const char *word;
	bool has_token; /* a word follows */
	bool in_entry;  /* and may stand there only */
	bool begins;    /* a new entry */
	bool (*take)(struct reader *r, struct error *err);
} keywords[] = {
	{ "machine", true, false, true, take_machine },
	{ "default", false, false, true, take_default },
	{ "login", true, true, false, take_login },
	{ "user", true, true, false, take_login },
	{ "password", true, true, false, take_password },
	{ "passwd", true, true, false, take_password },
	{ "account", true, true, false, take_nothing },
	{ "macdef", true, false, false, take_macro },
};

static const struct keyword *
find_keyword(const struct str *token)
{
	for (size_t i = 0; i < COUNT_OF(keywords); i++)
		if (str_equal(token, keywords[i].word))
			return &keywords[i];
	return NULL;
}

/* Whether what has been read of the entry is all that is asked for. */
static bool
is_complete(const struct reader *r)
{
	return r->inside && r->fits && (!r->named || r->is_it)
	    && secret_is_set(&r->entry->password);
}

static bool
read_entries(struct reader *r, struct error *err)
{
	for (;;) {
		const struct keyword *k;

		skip_blanks(r);
		if (r->p == r->end)
			break;
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
		if (k->in_entry && !r->inside)
			return wrong(r, "machine or default must come first",
			    err);
		if (k->begins && is_complete(r))
			break;
		if (k->has_token && !read_token(r, err))
			return false;
		if (!k->take(r, err))
			return false;
	}
	return true;
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
	/* A token that grows would leave parts of a password behind. */
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
