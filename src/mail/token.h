/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tokens of a structured header field (RFC 5322 section 3.2): atoms,
 * quoted strings, domain literals and specials.  Comments and folding white
 * space between them are skipped.
 *
 * The tokenizer makes one pass, allocates nothing and does not recurse, so
 * that deeply nested comments cannot exhaust the stack.
 */
#ifndef VEREDUS_MAIL_TOKEN_H
#define VEREDUS_MAIL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum token_kind {
	TOKEN_END,
	TOKEN_ATOM,    /* 1*atext, including octets over 127 (RFC 6532) */
	TOKEN_QUOTED,  /* quoted-string with its quotes */
	TOKEN_LITERAL, /* domain-literal with its brackets */
	TOKEN_SPECIAL, /* one of ()<>[]:;@\,. */
	TOKEN_BROKEN   /* a syntax error: see problem */
};

struct token {
	enum token_kind kind;
	const char *text; /* points into the input */
	size_t len;
	bool spaced;         /* blanks, folding or comments come before it */
	const char *problem; /* of TOKEN_BROKEN */
};

struct tokens {
	const char *text;
	const char *at; /* the end of the current token */
	const char *end;
	bool no_literals; /* the rest has no domain literal that is closed */
	struct token now;
};

/* Starts with the first token of len octets, which must outlive `t`. */
void tokens_begin(struct tokens *t, const char *text, size_t len);
/* Moves to the next token; stays at TOKEN_END and at TOKEN_BROKEN. */
void tokens_next(struct tokens *t);
/* Whether the current token is this special. */
bool tokens_at(const struct tokens *t, char special);
/* Whether the current token is part of a phrase or local part: an atom, a quoted
 * string or a dot. */
bool tokens_at_word(const struct tokens *t);
/* Continues at a place in the input, even after TOKEN_BROKEN. */
void tokens_seek(struct tokens *t, const char *at);
/*
 * Returns the "<" that ends a display name which begins at the current token
 * and is not a phrase, such as "[Team] Bob" or "bob@x.example", or NULL.  The
 * name has no comma and semicolon outside of quotes and comments, which must
 * be closed.
 */
const char *tokens_find_angle(const struct tokens *t);
/*
 * Returns the end of the comment, quoted string or domain literal at `at`, or
 * NULL if it is not closed.  Comments can be nested.
 */
const char *token_skip_delimited(const char *at, const char *end);
/* Whether c is atext (RFC 5322 section 3.2.3, RFC 6532 section 3.2). */
bool token_is_atext(char c);
/*
 * Appends the value of an atom or a quoted string, without the quotes and the
 * backslashes of quoted pairs.  Returns false if it contains a control
 * character or folding; the value is appended in that case, too.
 */
bool token_value(const struct token *token, struct str *out);
/* Appends the text as a quoted-string (RFC 5322 section 3.2.4). */
void token_add_quoted(struct str *out, const char *text);
/*
 * Appends text that is used as a display name as a phrase (RFC 5322 section
 * 3.2.5), unfolded: quotes what a phrase cannot contain otherwise, and keeps
 * encoded words, which must not be quoted (RFC 2047 section 5).
 */
void token_add_name(struct str *out, const char *text, size_t len);
/* Whether the text is meant as an encoded word (RFC 2047 section 2). */
bool token_is_encoded_word(const char *text, size_t len);

#endif
