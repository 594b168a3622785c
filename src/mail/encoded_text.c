/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodes text word by word, and walks over comments and quoted strings in
 * structured values.
 */
#include "mail/encoded_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/idna.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/token.h"

static void
add_unfolded(struct str *out, const char *at, const char *end)
{
	for (; at < end; at++)
		if (*at != '\n')
			str_add_char(out, *at);
}

static const char *
skip_word(const char *at, const char *end)
{
	while (at < end && !header_is_blank(*at))
		at++;
	return at;
}

/* Encoded-words */

/* The parts of an encoded-word. */
struct encoded_word {
	const char *charset;
	size_t charset_len;
	char encoding;
	const char *text, *end; /* the encoded-text; "?=" follows */
};

static bool
is_token_char(char c)
{
	return text_is_vchar(c) && strchr("()<>@,;:\"/[]?.=", c) == NULL;
}

/*
 * encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
 * encoded-text = 1*<Any printable ASCII character other than "?" or SPACE>
 * The charset may have a language after a "*" (RFC 2231 section 5).  Accepts
 * octets over 127 in the encoded-text, which may also be empty.
 */
static bool
read_encoded_word(const char *at, const char *end, struct encoded_word *word)
{
	if (end - at < 7 || at[0] != '=' || at[1] != '?')
		return false;
	word->charset = at += 2;
	while (at < end && is_token_char(*at))
		at++;
	word->charset_len = (size_t)(at - word->charset);
	if (word->charset_len == 0 || end - at < 5 || at[0] != '?'
	    || strchr("BbQq", at[1]) == NULL || at[1] == '\0' || at[2] != '?')
		return false;
	word->encoding = (char)text_lower(at[1]);
	word->text = at += 3;
	word->end = memchr(at, '?', (size_t)(end - at));
	if (word->end == NULL || end - word->end < 2 || word->end[1] != '=')
		return false;
	while (at < word->end && (unsigned char)*at > ' ' && *at != 0x7f)
		at++;
	return at == word->end;
}

size_t
encoded_word_length(const char *at, const char *end)
{
	struct encoded_word word;

	if (!read_encoded_word(at, end, &word)
	    || text_has_high(word.text, word.end))
		return 0;
	return (size_t)(word.end + 2 - at);
}

/* Appends the text of Q encoding with octets over 127, which stand for
 * themselves. */
static void
decode_q(struct str *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		int high =
		    *at == '=' && end - at > 2 ? encode_hex_value(at[1]) : -1;
		int low = high >= 0 ? encode_hex_value(at[2]) : -1;

		if (low >= 0) {
			str_add_char(out, (char)(high << 4 | low));
			at += 2;
		} else {
			str_add_char(out, *at == '_' ? ' ' : *at);
		}
	}
}

/* What a word is in the sense of RFC 2047. */
enum word_kind {
	WORD_PLAIN,
	WORD_HIGH,    /* it has octets over 127 */
	WORD_ENCODED, /* an encoded-word */
	WORD_DAMAGED  /* a Q-encoded word with octets over 127 */
};

static enum word_kind
word_kind(const char *at, const char *end)
{
	struct encoded_word word;
	bool high = text_has_high(at, end);

	if (read_encoded_word(at, end, &word) && word.end + 2 == end
	    && (!high || word.encoding == 'q'))
		return high ? WORD_DAMAGED : WORD_ENCODED;
	return high ? WORD_HIGH : WORD_PLAIN;
}

/* Appends an encoded-word with octets over 127 as a valid one. */
static void
add_repaired(struct str *out, const char *at, const char *end,
    const char *declared)
{
	struct encoded_word word;
	struct str text = { 0 };
	char *charset;

	read_encoded_word(at, end, &word);
	decode_q(&text, word.text, word.end);
	charset = charset_named(word.charset, word.charset_len);
	encode_words(out, text.data, text.len,
	    charset != NULL ? charset : declared);
	free(charset);
	str_free(&text);
}

/* Text */

/* The end of consecutive words that must be encoded; *encoded: an encoded-word
 * follows. */
static const char *
run_end(const char *at, const char *end, bool all, bool *encoded)
{
	for (;;) {
		const char *word = header_skip_blanks(at, end);
		const char *stop = skip_word(word, end);
		enum word_kind kind = word_kind(word, stop);

		*encoded = kind == WORD_ENCODED || kind == WORD_DAMAGED;
		if (word == end || *encoded || (kind == WORD_PLAIN && !all))
			return at;
		at = stop;
	}
}

/*
 * Appends the words from `at` on that must be encoded, as one text.  The blanks
 * before them from `blanks` on, and those before an encoded-word that follows,
 * are part of it if a reader would drop them.
 */
static const char *
add_run(struct str *out, const char *blanks, const char *at, const char *end,
    bool all, const char *declared)
{
	bool encoded;
	const char *stop = run_end(at, end, all, &encoded);
	struct str text = { 0 };

	add_unfolded(&text, blanks, stop);
	if (encoded)
		add_unfolded(&text, stop, header_skip_blanks(stop, end));
	encode_words(out, str_text(&text), text.len, declared);
	str_free(&text);
	return stop;
}

void
encoded_text_add(struct str *out, const char *at, const char *end, bool all,
    const char *declared)
{
	bool after_encoded = false;

	while (at < end) {
		const char *word = header_skip_blanks(at, end);
		const char *stop = skip_word(word, end);
		enum word_kind kind = word_kind(word, stop);

		str_add_range(out, at, word);
		if (word == end)
			break;
		if (kind == WORD_ENCODED || (kind == WORD_PLAIN && !all))
			str_add_range(out, word, stop);
		else if (kind == WORD_DAMAGED)
			add_repaired(out, word, stop, declared);
		else
			stop = add_run(out, after_encoded ? at : word, word,
			    end, all, declared);
		after_encoded = kind == WORD_ENCODED || kind == WORD_DAMAGED;
		at = stop;
	}
}

/* Appends the text of a comment without the backslashes of quoted pairs. */
static void
unquote_comment(struct str *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		if (*at != '\n')
			str_add_char(out, *at);
	}
}

void
encoded_text_add_comment(struct str *out, const char *at, const char *end,
    const char *declared)
{
	size_t len = (size_t)(end - at) - 2;
	struct str text = { 0 };

	if (!text_has_high(at, end)) {
		str_add_range(out, at, end);
		return;
	}
	str_add_char(out, '(');
	/* The parentheses of a comment inside are encoded as well. */
	if (memchr(at + 1, '(', len) != NULL
	    || memchr(at + 1, '\\', len) != NULL) {
		unquote_comment(&text, at + 1, end - 1);
		encode_words(out, str_text(&text), text.len, declared);
	} else {
		encoded_text_add(out, at + 1, end - 1, true, declared);
	}
	str_add_char(out, ')');
	str_free(&text);
}

/* Structured values */

static bool
is_high(char c)
{
	return (unsigned char)c > 127;
}

/* Walks over a structured value. */
struct walk {
	struct str *out;
	const char *end;
	const char *declared;
	bool ids; /* domains of msg-ids become A-labels */
	/* There is no comment or quoted string any more that is closed: to
	 * search for the end of each would take quadratic time. */
	bool no_comments, no_quotes;
	bool in_id;
};

/* The end of the comment or quoted string at `at`, or NULL. */
static const char *
delimited_end(struct walk *w, const char *at)
{
	bool *none = *at == '(' ? &w->no_comments : &w->no_quotes;
	const char *stop = *none ? NULL : token_skip_delimited(at, w->end);

	*none = stop == NULL;
	return stop;
}

static void
add_octets(struct str *out, const char *at, const char *end)
{
	for (; at < end; at++) {
		if (is_high(*at))
			encode_hex(out, '%', *at);
		else
			str_add_char(out, *at);
	}
}

/* Appends the domain of a msg-id, which begins at `at`; returns its end. */
static const char *
add_id_domain(struct walk *w, const char *at)
{
	struct str name = { 0 };
	const char *stop = at;
	char *ascii = NULL;

	while (stop < w->end && !header_is_blank(*stop)
	    && strchr("<>()@\"", *stop) == NULL)
		stop++;
	if (text_has_high(at, stop)
	    && charset_to_utf8(&name, at, (size_t)(stop - at), w->declared)
	    && idna_to_ascii(name.data, &ascii, NULL))
		str_add(w->out, ascii);
	else
		add_octets(w->out, at, stop);
	free(ascii);
	str_free(&name);
	return stop;
}

/* Appends the next element of the value; returns its end. */
static const char *
add_element(struct walk *w, const char *at)
{
	const char *stop =
	    *at == '(' || *at == '"' ? delimited_end(w, at) : NULL;

	if (stop != NULL && *at == '(') {
		encoded_text_add_comment(w->out, at, stop, w->declared);
		return stop;
	}
	w->in_id = *at != '>' && (w->in_id || *at == '<');
	stop = stop == NULL ? at + 1 : stop;
	add_octets(w->out, at, stop);
	return w->ids && w->in_id && *at == '@' ? add_id_domain(w, stop) : stop;
}

static void
add_structured(struct walk *w, const char *at)
{
	if (!text_has_high(at, w->end)) {
		str_add_range(w->out, at, w->end);
		return;
	}
	while (at < w->end)
		at = add_element(w, at);
}

void
encoded_text_add_tokens(struct str *out, const char *at, const char *end,
    const char *declared)
{
	struct walk w = { .out = out, .end = end, .declared = declared };

	add_structured(&w, at);
}

void
encoded_text_add_ids(struct str *out, const char *at, const char *end,
    const char *declared)
{
	struct walk w = { .out = out,
		.end = end,
		.declared = declared,
		.ids = true };

	add_structured(&w, at);
}
