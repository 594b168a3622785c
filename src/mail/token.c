/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Splits a structured header field into its tokens. */
#include "mail/token.h"

#include <string.h>

#include "base/text.h"

/*
 * specials = "(" / ")" / "<" / ">" / "[" / "]" / ":" / ";" / "@" / "\" /
 *            "," / "." / DQUOTE
 */
static const char specials[] = "()<>[]:;@\\,.\"";

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

bool
token_is_atext(char c)
{
	return !is_control(c) && c != ' ' && strchr(specials, c) == NULL;
}

static void
broken(struct tokens *t, const char *at, const char *problem)
{
	t->now.kind = TOKEN_BROKEN;
	t->now.text = at;
	t->now.len = (size_t)(t->end - at);
	t->now.problem = problem;
	t->at = t->end;
}

/*
 * FWS = ([*WSP CRLF] 1*WSP) / obs-FWS
 * Returns the length of the line end, or 0 if no blank follows it: it would
 * then end the field or command.
 */
static size_t
folding_length(const char *at, const char *end)
{
	size_t len = at < end && *at == '\r' ? 1 : 0;

	if ((size_t)(end - at) <= len + 1 || at[len] != '\n')
		return 0;
	return text_is_space(at[len + 1]) ? len + 1 : 0;
}

/*
 * comment = "(" *([FWS] ccontent) [FWS] ")"
 * quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE
 * domain-literal = "[" *([FWS] dtext) [FWS] "]"
 */
const char *
token_skip_delimited(const char *at, const char *end)
{
	char open = *at;
	char close = open == '(' ? ')' : open == '[' ? ']' : '"';
	size_t depth = 1;

	for (at++; at < end; at++) {
		if (*at == close && --depth == 0)
			return at + 1;
		if (*at == '\\')
			at++;
		else if (*at == '(' && open == '(')
			depth++;
	}
	return NULL;
}

/*
 * CFWS = (1*([FWS] comment) [FWS]) / FWS
 * Returns false if a comment is not closed.
 */
static bool
skip_blanks(struct tokens *t)
{
	while (t->at < t->end) {
		const char *start = t->at;

		if (text_is_space(*t->at))
			t->at++;
		else if (*t->at == '(')
			t->at = token_skip_delimited(t->at, t->end);
		else
			t->at += folding_length(t->at, t->end);
		if (t->at == NULL) {
			broken(t, start, "a comment is not closed");
			return false;
		}
		if (t->at == start)
			break;
	}
	return true;
}

static void
read_delimited(struct tokens *t, enum token_kind kind, const char *problem)
{
	const char *end = token_skip_delimited(t->at, t->end);

	if (end == NULL) {
		broken(t, t->at, problem);
		return;
	}
	t->now.kind = kind;
	t->now.len = (size_t)(end - t->at);
	t->at = end;
}

static void
read_atom(struct tokens *t)
{
	const char *start = t->at;

	while (t->at < t->end && token_is_atext(*t->at))
		t->at++;
	t->now.kind = TOKEN_ATOM;
	t->now.len = (size_t)(t->at - start);
}

static void
read_token(struct tokens *t)
{
	if (t->at == t->end) {
		t->now.kind = TOKEN_END;
	} else if (*t->at == '"') {
		read_delimited(t, TOKEN_QUOTED,
		    "a quoted string is not closed");
	} else if (*t->at == '[') {
		read_delimited(t, TOKEN_LITERAL, "a bracket is not closed");
	} else if (token_is_atext(*t->at)) {
		read_atom(t);
	} else if (is_control(*t->at)) {
		broken(t, t->at,
		    "line ends and other control characters are not allowed");
	} else {
		t->now.kind = TOKEN_SPECIAL;
		t->now.len = 1;
		t->at++;
	}
}

void
tokens_begin(struct tokens *t, const char *text, size_t len)
{
	*t = (struct tokens){ .text = text, .at = text, .end = text + len };
	t->now.kind = TOKEN_SPECIAL;
	tokens_next(t);
}

void
tokens_next(struct tokens *t)
{
	const char *before = t->at;

	if (t->now.kind == TOKEN_BROKEN || !skip_blanks(t))
		return;
	t->now = (struct token){ .text = t->at, .spaced = t->at > before };
	read_token(t);
}

bool
tokens_at(const struct tokens *t, char special)
{
	return t->now.kind == TOKEN_SPECIAL && *t->now.text == special;
}

bool
tokens_at_word(const struct tokens *t)
{
	return t->now.kind == TOKEN_ATOM || t->now.kind == TOKEN_QUOTED
	    || tokens_at(t, '.');
}

bool
token_value(const struct token *token, struct str *out)
{
	size_t quotes = token->kind == TOKEN_QUOTED ? 1 : 0;
	bool clean = true;

	for (size_t i = quotes; i < token->len - quotes; i++) {
		if (quotes == 1 && token->text[i] == '\\')
			i++;
		clean = clean && !is_control(token->text[i]);
		str_add_char(out, token->text[i]);
	}
	return clean;
}

void
token_add_quoted(struct str *out, const char *text)
{
	str_add_char(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			str_add_char(out, '\\');
		str_add_char(out, *text);
	}
	str_add_char(out, '"');
}
