/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses address lists by recursive descent over the words of token.h.  Words
 * are collected first, because only the character after them tells whether
 * they are a display name, a group name or a local part.
 */
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/token.h"

/* Octets of the list, and of its rest, that an error quotes. */
#define SHOWN_TEXT 60
#define SHOWN_REST 24

/* Consecutive words: a display name, a group name or a local part. */
struct words {
	struct str local; /* their value as a local part */
	const char *start;
	bool any;
	bool joined;         /* the last one is a dot, so a word may follow */
	const char *problem; /* why they cannot be a local part, or NULL */
	const char *place;   /* where the problem is */
};

struct parser {
	struct tokens tokens;
	struct address_list *list;
	struct words words;
	struct str domain;
	const char *end;      /* of the last token that is part of an address */
	const char *name;     /* a name that is not a phrase, or NULL */
	const char *name_end; /* the "<" after it */
	bool in_group;
	struct error *err;
};

/* Sets an error about the place in the list; always returns false. */
static bool
fail_at(struct parser *p, const char *place, const char *reason)
{
	const char *text = p->tokens.text, *end = p->tokens.end;
	size_t rest = (size_t)(end - place), len;

	while (text < end && text_is_space(*text))
		text++;
	len = (size_t)(end - text);
	return error_set(p->err, ERROR_ADDRESS, "\"%.*s%s\": %s, %s\"%.*s%s\"",
	    (int)(len < SHOWN_TEXT ? len : SHOWN_TEXT), text,
	    len > SHOWN_TEXT ? "..." : "", reason,
	    rest == 0 ? "at the end of " : "at ",
	    (int)(rest == 0             ? len < SHOWN_REST ? len : SHOWN_REST
		    : rest < SHOWN_REST ? rest
					: SHOWN_REST),
	    rest == 0 ? text : place, rest > SHOWN_REST ? "..." : "");
}

/* The same at the current token, which may be broken by itself. */
static bool
fail(struct parser *p, const char *reason)
{
	const struct token *now = &p->tokens.now;

	return fail_at(p, now->text,
	    now->kind == TOKEN_BROKEN ? now->problem : reason);
}

/* Consumes a token that may be the last one of an address. */
static void
consume(struct parser *p)
{
	p->end = p->tokens.at;
	tokens_next(&p->tokens);
}

/* Words */

static void
words_clear(struct words *w)
{
	str_truncate(&w->local, 0);
	w->any = w->joined = false;
	w->problem = NULL;
}

/* Records the first problem only. */
static void
words_problem(struct words *w, const struct token *token, const char *problem)
{
	if (w->problem != NULL)
		return;
	w->problem = problem;
	w->place = token->text;
}

/* RFC 2047 section 5: an encoded-word must not appear in an addr-spec.  A comma
 * inside an encoded word leaves only its beginning. */
static bool
is_encoded_word(const struct token *token)
{
	return token->kind == TOKEN_ATOM && token->len > 2
	    && memcmp(token->text, "=?", 2) == 0;
}

static void
words_add(struct words *w, const struct token *token)
{
	bool dot = token->kind == TOKEN_SPECIAL;

	if (w->any && !w->joined && !dot)
		words_problem(w, token,
		    "unexpected word (is a comma missing?)");
	if (is_encoded_word(token))
		words_problem(w, token, "an encoded word cannot be an address");
	if (!token_value(token, &w->local))
		words_problem(w, token,
		    "line ends and other control characters are not allowed");
	w->any = true;
	w->joined = dot;
}

/*
 * word = atom / quoted-string
 * obs-phrase = word *(word / "." / CFWS)
 * obs-local-part = word *("." word)
 */
static void
read_words(struct parser *p)
{
	p->words.start = p->tokens.now.text;
	while (tokens_at_word(&p->tokens)) {
		words_add(&p->words, &p->tokens.now);
		consume(p);
	}
}

/* Domains */

/*
 * domain-literal = [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]
 * dtext = %d33-90 / %d94-126
 * Folding white space is dropped.  The brackets of a path cannot appear in an
 * address literal (RFC 5321 section 4.1.3).
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
			return fail_at(p, token->text + i,
			    "not allowed in a domain literal");
		str_add_char(&p->domain, (char)c);
	}
	consume(p);
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
			return fail(p, "expected a domain");
		str_append(&p->domain, p->tokens.now.text, p->tokens.now.len);
		consume(p);
		if (!tokens_at(&p->tokens, '.'))
			return true;
		consume(p);
		/* Drop the final dot: domains in mail are absolute anyway. */
		if (p->tokens.now.kind != TOKEN_ATOM
		    && p->tokens.now.kind != TOKEN_LITERAL
		    && !tokens_at(&p->tokens, '.'))
			return true;
		str_add_char(&p->domain, '.');
	}
}

/* Results */

/* dot-atom-text = 1*atext *("." 1*atext) */
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
	if (is_dot_atom(local) && strncmp(local, "=?", 2) != 0)
		str_add(out, local);
	else
		token_add_quoted(out, local);
}

/*
 * Returns why the local part is rejected, or NULL.  "|command", "/file",
 * ":include:list" and "\user" are instructions to sendmail's local delivery,
 * which this program does not have.  An X.400 address begins with a slash,
 * too, but has a domain.
 */
static const char *
local_delivery_problem(const char *local, bool bare)
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

/* Adds the address of the words, and of the domain if has_domain. */
static bool
add_address(struct parser *p, bool has_name, bool has_domain, const char *place)
{
	const char *local = str_text(&p->words.local);
	const char *problem = local_delivery_problem(local, !has_domain);
	struct address address = { .has_name = has_name };
	struct str text = { 0 };

	if (p->words.problem != NULL)
		return fail_at(p, p->words.place, p->words.problem);
	if (problem != NULL)
		return fail_at(p, place, problem);
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
	if (p->name != NULL) {
		address.name_start = (size_t)(p->name - p->tokens.text);
		address.name_end = (size_t)(p->name_end - p->tokens.text);
	}
	p->list->items = alloc_grow(p->list->items, p->list->count,
	    &p->list->size, sizeof(*p->list->items));
	p->list->items[p->list->count++] = address;
	return true;
}

/* The grammar */

/*
 * obs-route = obs-domain-list ":"
 * obs-domain-list = *(CFWS / ",") "@" domain *("," [CFWS] ["@" domain])
 * The route is dropped (RFC 5321 appendix C).
 */
static bool
skip_route(struct parser *p)
{
	if (!tokens_at(&p->tokens, '@') && !tokens_at(&p->tokens, ','))
		return true;
	p->list->routes++;
	while (!tokens_at(&p->tokens, ':')) {
		bool domain = tokens_at(&p->tokens, '@');

		if (!domain && !tokens_at(&p->tokens, ','))
			return fail(p,
			    "expected a colon at the end of the route");
		tokens_next(&p->tokens);
		if (domain && !read_domain(p))
			return false;
	}
	tokens_next(&p->tokens);
	return true;
}

/*
 * angle-addr = "<" [obs-route] addr-spec ">"
 * "<>" is accepted and adds no address.
 */
static bool
read_angle(struct parser *p)
{
	const char *place = p->tokens.now.text;
	bool has_name = p->name != NULL || p->words.local.len > 0, has_domain;

	words_clear(&p->words);
	tokens_next(&p->tokens);
	if (tokens_at(&p->tokens, '>')) {
		tokens_next(&p->tokens);
		return true;
	}
	if (!skip_route(p))
		return false;
	read_words(p);
	if (!p->words.any)
		return fail(p, "expected an address");
	has_domain = tokens_at(&p->tokens, '@');
	if (has_domain) {
		tokens_next(&p->tokens);
		if (!read_domain(p))
			return false;
	}
	if (!tokens_at(&p->tokens, '>'))
		return fail(p, "expected \">\"");
	tokens_next(&p->tokens);
	return add_address(p, has_name, has_domain, place);
}

/* addr-spec = local-part "@" domain */
static bool
read_addr_spec(struct parser *p, const char *place)
{
	if (!p->words.any)
		return fail(p, "nothing before the \"@\"");
	tokens_next(&p->tokens);
	return read_domain(p) && add_address(p, false, true, place);
}

/* group = display-name ":" [group-list] ";" */
static bool
enter_group(struct parser *p)
{
	if (!p->words.any)
		return fail(p, "a list in a file cannot be a recipient");
	if (p->in_group)
		return fail(p, "a group cannot contain another group");
	p->in_group = true;
	p->list->groups++;
	tokens_next(&p->tokens);
	return true;
}

/*
 * Programs write display names without the quotes that their characters need.
 * Moves to the "<" if the element ends with an address in angle brackets;
 * then all text before it is the name.
 */
static void
skip_name(struct parser *p, const char *place)
{
	const char *angle;

	if (tokens_at(&p->tokens, '<') || tokens_at(&p->tokens, ',')
	    || tokens_at(&p->tokens, ';') || p->tokens.now.kind == TOKEN_END)
		return;
	angle = tokens_find_angle(&p->tokens);
	if (angle == NULL)
		return;
	p->name = place;
	p->name_end = angle;
	tokens_seek(&p->tokens, angle);
}

/* Checks that an address is followed by a separator or the end. */
static bool
check_separator(struct parser *p)
{
	if (p->tokens.now.kind == TOKEN_END || tokens_at(&p->tokens, ',')
	    || tokens_at(&p->tokens, ';'))
		return true;
	return fail(p,
	    tokens_at(&p->tokens, '\\') ? "a backslash is not allowed here"
					: "addresses must be separated by "
					  "commas");
}

/*
 * address = mailbox / group
 * mailbox = name-addr / addr-spec
 * name-addr = [display-name] angle-addr
 * A bare local part is accepted as an addr-spec without a domain, and any text
 * before "<" as a display name.
 */
static bool
read_address(struct parser *p)
{
	const char *place = p->tokens.now.text;

	words_clear(&p->words);
	p->name = NULL;
	read_words(p);
	if (tokens_at(&p->tokens, ':') && p->words.any && !p->in_group)
		return enter_group(p);
	skip_name(p, place);
	if (tokens_at(&p->tokens, '<'))
		return read_angle(p) && check_separator(p);
	if (tokens_at(&p->tokens, ':'))
		return enter_group(p);
	if (tokens_at(&p->tokens, '@'))
		return read_addr_spec(p, place) && check_separator(p);
	if (!check_separator(p))
		return false;
	return !p->words.any || add_address(p, false, false, place);
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

/* Removes the addresses after the first count ones. */
static void
list_truncate(struct address_list *list, size_t count)
{
	while (list->count > count) {
		struct address *last = &list->items[--list->count];

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
	size_t before = list->count, groups = list->groups;
	size_t routes = list->routes;
	bool ok;

	tokens_begin(&p.tokens, text, len);
	ok = read_list(&p);
	if (!ok) {
		list_truncate(list, before);
		list->groups = groups;
		list->routes = routes;
	}
	str_free(&p.words.local);
	str_free(&p.domain);
	return ok;
}

void
address_list_free(struct address_list *list)
{
	list_truncate(list, 0);
	free(list->items);
	*list = (struct address_list){ 0 };
}
