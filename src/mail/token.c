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
	bool skips = kind == TOKEN_LITERAL && t->no_literals;
	const char *end = skips ? NULL : token_skip_delimited(t->at, t->end);

	if (end == NULL) {
		/* The names of a list may have one bracket each. */
		t->no_literals |= kind == TOKEN_LITERAL;
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

void
tokens_seek(struct tokens *t, const char *at)
{
	t->at = at;
	t->now.kind = TOKEN_SPECIAL;
	tokens_next(t);
}

/* The length of one character of a display name outside of quotes and comments,
 * or 0 if the character cannot be part of a name. */
static size_t
name_step(const char *at, const char *end)
{
	/* A backslash before these could hide the end of the name. */
	if (*at == '\\' && (at + 1 == end || strchr("\"(\\,;<", at[1]) != NULL))
		return 0;
	if (*at == ',' || *at == ';' || *at == '\0')
		return 0;
	if (text_is_space(*at) || !is_control(*at))
		return 1;
	return folding_length(at, end);
}

const char *
tokens_find_angle(const struct tokens *t)
{
	const char *at = t->now.text;

	while (at != NULL && at < t->end && *at != '<') {
		size_t step = name_step(at, t->end);

		if (*at == '"' || *at == '(')
			at = token_skip_delimited(at, t->end);
		else
			at = step == 0 ? NULL : at + step;
	}
	return at == t->end ? NULL : at;
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

bool
token_is_encoded_word(const char *text, size_t len)
{
	if (len <= 4 || memcmp(text, "=?", 2) != 0
	    || memcmp(text + len - 2, "?=", 2) != 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (is_control(text[i])
		    || strchr("()<>\\\",;", text[i]) != NULL)
			return false;
	return true;
}

static bool
is_blank(char c)
{
	return text_is_space(c) || c == '\n' || c == '\r';
}

/*
 * The end of the word, which is a quoted string or ends before a blank.  Clears
 * *quotes after a quote that is not closed: to search for the end of each of
 * them would take quadratic time.
 */
static const char *
name_word_end(const char *at, const char *end, bool *quotes)
{
	const char *stop = NULL;

	if (*at == '"' && *quotes) {
		stop = token_skip_delimited(at, end);
		*quotes = stop != NULL;
	}
	if (stop != NULL)
		return stop;
	for (stop = at + 1; stop < end && !is_blank(*stop) && *stop != '"';)
		stop++;
	return stop;
}

/* Consecutive words of a name that are not encoded words. */
struct run {
	struct str text;
	bool quoted; /* a word is a quoted string, or must be part of one */
};

/* Appends the run to the name; empties the run. */
static void
add_run(struct str *name, struct run *run)
{
	if (run->text.len > 0) {
		str_add(name, name->len > 0 ? " " : "");
		if (run->quoted)
			token_add_quoted(name, run->text.data);
		else
			str_append(name, run->text.data, run->text.len);
	}
	str_truncate(&run->text, 0);
	run->quoted = false;
}

/* Appends the value of a word without line ends and control characters. */
static void
add_word(struct run *run, const char *at, const char *stop, bool blank)
{
	struct token token = { .kind = TOKEN_ATOM, .text = at };
	struct str value = { 0 };

	token.len = (size_t)(stop - at);
	if (*at == '"' && token_skip_delimited(at, stop) == stop)
		token.kind = TOKEN_QUOTED;
	run->quoted |= *at == '"';
	token_value(&token, &value);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.data[i];

		if (is_control(c))
			continue;
		if (blank && run->text.len > 0)
			str_add_char(&run->text, ' ');
		blank = false;
		run->quoted |= !token_is_atext(c);
		str_add_char(&run->text, c);
	}
	str_free(&value);
}

void
token_add_name(struct str *out, const char *text, size_t len)
{
	const char *end = text + len, *stop;
	struct str name = { 0 };
	struct run run = { 0 };
	bool blank = false, quotes = true;

	for (const char *at = text; at < end; at = stop) {
		stop = at + 1;
		if (is_blank(*at)) {
			blank = true;
			continue;
		}
		stop = name_word_end(at, end, &quotes);
		if (token_is_encoded_word(at, (size_t)(stop - at))) {
			add_run(&name, &run);
			str_add(&name, name.len > 0 ? " " : "");
			str_append(&name, at, (size_t)(stop - at));
		} else {
			add_word(&run, at, stop, blank);
		}
		blank = false;
	}
	add_run(&name, &run);
	str_append(out, str_text(&name), name.len);
	str_free(&name);
	str_free(&run.text);
}
