/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/token.h"

/* How much of the text and of its rest an error shows. */
#define SHOWN_TEXT 60
#define SHOWN_REST 24

/* Words that are a display name, a group name or a local part: only what
 * comes behind them will tell. */
struct words {
	struct str name;
	struct str local;
	const char *start;
	bool any;
	bool joined;         /* a dot stands last: a word may follow */
	const char *problem; /* why they are no local part */
	const char *place;
};

struct parser {
	struct tokens tokens;
	struct address_list *list;
	struct words words;
	struct str domain;
	const char *end; /* of the last token that is part of an address */
	bool in_group;
	struct error *err;
};

static bool
refuse(struct parser *p, const char *place, const char *reason)
{
	const char *text = p->tokens.text;
	size_t len = (size_t)(p->tokens.end - text);
	size_t rest = (size_t)(p->tokens.end - place);

	return error_set(p->err, ERROR_ADDRESS, "\"%.*s%s\": %s, %s\"%.*s%s\"",
	    (int)(len < SHOWN_TEXT ? len : SHOWN_TEXT), text,
	    len > SHOWN_TEXT ? "..." : "", reason,
	    rest == 0 ? "at the end of " : "at ",
	    (int)(rest == 0             ? len < SHOWN_REST ? len : SHOWN_REST
		    : rest < SHOWN_REST ? rest
					: SHOWN_REST),
	    rest == 0 ? text : place, rest > SHOWN_REST ? "..." : "");
}

static bool
refuse_here(struct parser *p, const char *reason)
{
	const struct token *now = &p->tokens.now;

	return refuse(p, now->text,
	    now->kind == TOKEN_BROKEN ? now->problem : reason);
}

/* Goes on behind a token that may end an address. */
static void
pass(struct parser *p)
{
	p->end = p->tokens.at;
	tokens_next(&p->tokens);
}

/* Words */

static void
words_clear(struct words *w)
{
	str_truncate(&w->name, 0);
	str_truncate(&w->local, 0);
	w->any = w->joined = false;
	w->problem = NULL;
}

static void
words_problem(struct words *w, const struct token *token, const char *problem)
{
	if (w->problem != NULL)
		return;
	w->problem = problem;
	w->place = token->text;
}

/* RFC 2047 section 5: an encoded word is never part of an addr-spec. */
static bool
is_encoded_word(const struct token *token)
{
	return token->kind == TOKEN_ATOM && token->len > 4
	    && memcmp(token->text, "=?", 2) == 0
	    && memcmp(token->text + token->len - 2, "?=", 2) == 0;
}

static void
words_add(struct words *w, const struct token *token)
{
	bool dot = token->kind == TOKEN_SPECIAL;
	size_t start = w->local.len;

	if (w->any && !w->joined && !dot)
		words_problem(w, token,
		    "unexpected word (is a comma missing?)");
	if (is_encoded_word(token))
		words_problem(w, token, "an encoded word cannot be an address");
	if (w->any && token->spaced)
		str_add_char(&w->name, ' ');
	if (!token_value(token, &w->local))
		words_problem(w, token,
		    "line ends and other control characters are not allowed");
	str_append(&w->name, str_text(&w->local) + start, w->local.len - start);
	w->any = true;
	w->joined = dot;
}

/* word = atom / quoted-string; obs-phrase and obs-local-part take dots. */
static void
read_words(struct parser *p)
{
	p->words.start = p->tokens.now.text;
	while (p->tokens.now.kind == TOKEN_ATOM
	    || p->tokens.now.kind == TOKEN_QUOTED
	    || tokens_at(&p->tokens, '.')) {
		words_add(&p->words, &p->tokens.now);
		pass(p);
	}
}

/* Domains */

/*
 * dtext = %d33-90 / %d94-126, and FWS, which is dropped.  The brackets of a
 * path are no part of any address literal (RFC 5321 section 4.1.3).
 */
static bool
add_literal(struct parser *p, const struct token *token)
{
	for (size_t i = 0; i < token->len; i++) {
		unsigned char c = (unsigned char)token->text[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c < 33 || c > 126 || strchr("\\@<>", c) != NULL
		    || (c == '[' && i > 0))
			return refuse(p, token->text + i,
			    "not allowed in a domain literal");
		str_add_char(&p->domain, (char)c);
	}
	pass(p);
	return true;
}

/*
 * domain = dot-atom / domain-literal / obs-domain
 * obs-domain = atom *("." atom)
 */
static bool
read_domain(struct parser *p)
{
	str_truncate(&p->domain, 0);
	if (p->tokens.now.kind == TOKEN_LITERAL)
		return add_literal(p, &p->tokens.now);
	for (;;) {
		if (p->tokens.now.kind != TOKEN_ATOM)
			return refuse_here(p, "expected a domain");
		str_append(&p->domain, p->tokens.now.text, p->tokens.now.len);
		pass(p);
		if (!tokens_at(&p->tokens, '.'))
			return true;
		pass(p);
		/* The dot of the root: the name is absolute in mail anyway. */
		if (p->tokens.now.kind != TOKEN_ATOM
		    && p->tokens.now.kind != TOKEN_LITERAL
		    && !tokens_at(&p->tokens, '.'))
			return true;
		str_add_char(&p->domain, '.');
	}
}

/* Results */

static bool
is_dot_atom(const char *s)
{
	char before = '.';

	for (; *s != '\0'; before = *s++)
		if (!token_is_atext(*s) && (*s != '.' || before == '.'))
			return false;
	return before != '.';
}

void
address_quote_local(struct str *out, const char *local)
{
	if (is_dot_atom(local)) {
		str_add(out, local);
		return;
	}
	str_add_char(out, '"');
	for (; *local != '\0'; local++) {
		if (*local == '"' || *local == '\\')
			str_add_char(out, '\\');
		str_add_char(out, *local);
	}
	str_add_char(out, '"');
}

/* Blanks at the ends or line ends are nobody's name. */
static char *
clean_name(const struct str *name)
{
	struct str out = { 0 };

	for (size_t i = 0; i < name->len; i++) {
		char c = name->data[i];

		if (c == '\t')
			str_add_char(&out, ' ');
		else if ((unsigned char)c >= 0x20 && c != 0x7f)
			str_add_char(&out, c);
	}
	if (out.len == 0) {
		str_free(&out);
		return NULL;
	}
	return str_steal(&out);
}

static void
list_add(struct address_list *list, const struct address *address)
{
	if (list->count == list->size) {
		list->size = list->size == 0 ? 4 : list->size * 2;
		list->items =
		    alloc_resize(list->items, list->size, sizeof(*list->items));
	}
	list->items[list->count++] = *address;
}

/*
 * "|command", "/file", ":include:list" and "\user" mean something to
 * sendmail's local delivery only, which we do not have; X.400 addresses
 * begin with a slash, but have a domain.
 */
static const char *
special_meaning(const char *local, bool bare)
{
	if (local[0] == '|')
		return "a command cannot be a recipient";
	if (bare && local[0] == '/')
		return "a file cannot be a recipient";
	if (bare && local[0] == ':')
		return "a list in a file cannot be a recipient";
	if (bare && local[0] == '\\')
		return "a backslash is not allowed here";
	return NULL;
}

/* Makes an address of the words, and of the domain if has_domain. */
static bool
finish(struct parser *p, char *name, bool has_domain, const char *place)
{
	const char *local = str_text(&p->words.local);
	const char *meaning = special_meaning(local, !has_domain);
	struct address address = { .name = name };
	struct str text = { 0 };

	if (p->words.problem != NULL || meaning != NULL) {
		free(name);
		return refuse(p, p->words.problem ? p->words.place : place,
		    p->words.problem ? p->words.problem : meaning);
	}
	address_quote_local(&text, local);
	if (has_domain) {
		str_add_char(&text, '@');
		str_append(&text, p->domain.data, p->domain.len);
		address.domain = alloc_string_n(p->domain.data, p->domain.len);
	}
	address.local = alloc_string(local);
	address.text = str_steal(&text);
	address.start = (size_t)(p->words.start - p->tokens.text);
	address.end = (size_t)(p->end - p->tokens.text);
	list_add(p->list, &address);
	return true;
}

/* The grammar */

/* obs-route = obs-domain-list ":", dropped (RFC 5321 appendix C) */
static bool
skip_route(struct parser *p)
{
	if (!tokens_at(&p->tokens, '@') && !tokens_at(&p->tokens, ','))
		return true;
	while (!tokens_at(&p->tokens, ':')) {
		bool domain = tokens_at(&p->tokens, '@');

		if (!domain && !tokens_at(&p->tokens, ','))
			return refuse_here(p,
			    "expected a colon at the end of the route");
		tokens_next(&p->tokens);
		if (domain && !read_domain(p))
			return false;
	}
	tokens_next(&p->tokens);
	return true;
}

/* angle-addr = "<" [obs-route] addr-spec ">" */
static bool
read_angle(struct parser *p)
{
	const char *place = p->tokens.now.text;
	char *name = clean_name(&p->words.name);
	bool has_domain = false;

	words_clear(&p->words);
	tokens_next(&p->tokens);
	if (!skip_route(p))
		goto failed;
	read_words(p);
	if (!p->words.any) {
		refuse_here(p, "expected an address");
		goto failed;
	}
	if (tokens_at(&p->tokens, '@')) {
		tokens_next(&p->tokens);
		has_domain = true;
		if (!read_domain(p))
			goto failed;
	}
	if (!tokens_at(&p->tokens, '>')) {
		refuse_here(p, "expected \">\"");
		goto failed;
	}
	tokens_next(&p->tokens);
	return finish(p, name, has_domain, place);
failed:
	free(name);
	return false;
}

/* addr-spec = local-part "@" domain */
static bool
read_addr_spec(struct parser *p, const char *place)
{
	if (!p->words.any)
		return refuse_here(p, "nothing before the \"@\"");
	tokens_next(&p->tokens);
	return read_domain(p) && finish(p, NULL, true, place);
}

/* group = display-name ":" [group-list] ";" */
static bool
enter_group(struct parser *p)
{
	if (!p->words.any)
		return refuse_here(p, "a list in a file cannot be a recipient");
	if (p->in_group)
		return refuse_here(p, "a group cannot contain another group");
	p->in_group = true;
	tokens_next(&p->tokens);
	return true;
}

/* An element of a list must be followed by the next one or the end. */
static bool
at_separator(struct parser *p)
{
	if (p->tokens.now.kind == TOKEN_END || tokens_at(&p->tokens, ',')
	    || tokens_at(&p->tokens, ';'))
		return true;
	return refuse_here(p,
	    tokens_at(&p->tokens, '\\') ? "a backslash is not allowed here"
					: "addresses must be separated by "
					  "commas");
}

/*
 * address = mailbox / group
 * mailbox = name-addr / addr-spec, and bare local parts
 */
static bool
read_address(struct parser *p)
{
	const char *place = p->tokens.now.text;

	words_clear(&p->words);
	read_words(p);
	if (tokens_at(&p->tokens, ':'))
		return enter_group(p);
	if (tokens_at(&p->tokens, '<'))
		return read_angle(p) && at_separator(p);
	if (tokens_at(&p->tokens, '@'))
		return read_addr_spec(p, place) && at_separator(p);
	if (!at_separator(p))
		return false;
	return !p->words.any || finish(p, NULL, false, place);
}

/* address-list = (address *("," address)) / obs-addr-list */
static bool
read_list(struct parser *p)
{
	while (p->tokens.now.kind != TOKEN_END) {
		if (!tokens_at(&p->tokens, ',')
		    && !tokens_at(&p->tokens, ';')) {
			if (!read_address(p))
				return false;
			continue;
		}
		if (tokens_at(&p->tokens, ';'))
			p->in_group = false;
		tokens_next(&p->tokens);
	}
	return true;
}

static void
list_cut(struct address_list *list, size_t count)
{
	while (list->count > count) {
		struct address *last = &list->items[--list->count];

		free(last->name);
		free(last->text);
		free(last->local);
		free(last->domain);
	}
}

bool
address_parse(struct address_list *list, const char *text, size_t len,
    struct error *err)
{
	struct parser p = { .list = list, .err = err };
	size_t before = list->count;
	bool ok;

	tokens_begin(&p.tokens, text, len);
	ok = read_list(&p);
	if (!ok)
		list_cut(list, before);
	str_free(&p.words.name);
	str_free(&p.words.local);
	str_free(&p.domain);
	return ok;
}

void
address_list_free(struct address_list *list)
{
	list_cut(list, 0);
	free(list->items);
	*list = (struct address_list){ 0 };
}
