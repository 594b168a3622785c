/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words of a structured header field (RFC 5322 section 3.2): atoms,
 * quoted strings, domain literals and specials, with comments and folding
 * between them left out.  Knows octets, not what the words mean.
 *
 * One pass, no memory of its own, no recursion: comments are counted, so a
 * hundred thousand of them inside one another are only slow to type.
 */
#ifndef VEREDUS_MAIL_TOKEN_H
#define VEREDUS_MAIL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum token_kind {
	TOKEN_END,
	TOKEN_ATOM,    /* atext, octets over 127 included (RFC 6532) */
	TOKEN_QUOTED,  /* with its quotes */
	TOKEN_LITERAL, /* a domain literal with its brackets */
	TOKEN_SPECIAL, /* one of ()<>[]:;@\,. */
	TOKEN_BROKEN   /* problem says why */
};

struct token {
	enum token_kind kind;
	const char *text; /* as it stands; points into what is read */
	size_t len;
	bool spaced; /* blanks, folding or comments stand before it */
	const char *problem;
};

struct tokens {
	const char *text;
	const char *at; /* behind the current token */
	const char *end;
	struct token now;
};

/* Begins to read len octets, which must outlive it; now is the first token. */
void tokens_begin(struct tokens *t, const char *text, size_t len);
/* Goes on to the next token; stays at TOKEN_END and at TOKEN_BROKEN. */
void tokens_next(struct tokens *t);
/* Whether the current token is this special. */
bool tokens_at(const struct tokens *t, char special);
/* Whether c may stand in an atom. */
bool token_is_atext(char c);
/*
 * Appends the value of an atom or a quoted string: without its quotes and
 * the backslashes of quoted pairs.  Returns false, with the value appended
 * all the same, if there is a control character or folding in it.
 */
bool token_value(const struct token *token, struct str *out);

#endif
