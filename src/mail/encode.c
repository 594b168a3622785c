/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses the shortest readable form for a display name or other text. */
#include "mail/encode.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/charset.h"
#include "mail/token.h"

/*
 * Octets of an encoded-word.  RFC 2047 section 2 allows 75 in a line of 76; a
 * few are left for the blank before it, and for a parenthesis and a comma after
 * it.  The first one follows "Resent-From: ".
 */
#define WORD_MAX 72
#define FIRST_WORD_MAX 60

/* Encoded-words */

void
encode_hex(struct str *out, char escape, char octet)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char c = (unsigned char)octet;

	str_add_char(out, escape);
	str_add_char(out, digits[c >> 4]);
	str_add_char(out, digits[c & 15]);
}

int
encode_hex_value(char c)
{
	int lower = text_lower((unsigned char)c);

	if (lower >= 'a' && lower <= 'f')
		return lower - 'a' + 10;
	return text_is_digit(lower) ? lower - '0' : -1;
}

void
encode_percent(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (text_is_vchar(c)
		    && strchr("*'%()<>@,;:\\\"/[]?=", c) == NULL)
			str_add_char(out, c);
		else
			encode_hex(out, '%', c);
	}
}

/* Whether Q encoding keeps the character in a phrase (RFC 2047 section 5). */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
	    || text_is_digit(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

/* The octets of the text in Q encoding. */
static size_t
q_length(const char *text, size_t len)
{
	size_t length = 0;

	for (size_t i = 0; i < len; i++)
		length += is_plain(text[i]) || text[i] == ' ' ? 1 : 3;
	return length;
}

static void
add_q(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_plain(text[i]) || text[i] == ' ')
			str_add_char(out, text[i] == ' ' ? '_' : text[i]);
		else
			encode_hex(out, '=', text[i]);
	}
}

/* The octets at the start of text that fit into room, in whole characters; at
 * least one character. */
static size_t
fitting_length(const char *text, size_t len, size_t room, const char *charset,
    bool use_q)
{
	size_t fitting = 0, length = 0;

	while (fitting < len) {
		size_t next =
		    charset_character(charset, text + fitting, len - fitting);

		length += use_q ? q_length(text + fitting, next) : 0;
		if ((use_q ? length : (fitting + next + 2) / 3 * 4) > room
		    && fitting > 0)
			break;
		fitting += next;
	}
	return fitting;
}

void
encode_words(struct str *out, const char *text, size_t len,
    const char *declared)
{
	/* Q is readable; B is shorter for non-Latin text. */
	bool use_q = q_length(text, len) <= len * 2;
	const char *charset = charset_of(text, len, declared);
	size_t frame =
	    strlen("=?") + strlen("?Q?") + strlen("?=") + strlen(charset);
	size_t room = FIRST_WORD_MAX - frame;

	while (len > 0) {
		size_t part = fitting_length(text, len, room, charset, use_q);

		str_printf(out, "=?%s?%c?", charset, use_q ? 'Q' : 'B');
		if (use_q)
			add_q(out, text, part);
		else
			base64_encode(out, text, part);
		str_add(out, "?=");
		text += part;
		len -= part;
		room = WORD_MAX - frame;
		if (len > 0)
			str_add(out, "\n ");
	}
}

/* Phrases */

/*
 * Drops control characters and the blanks at the ends, and cuts the name after
 * ENCODE_NAME_MAX octets or before the character there.
 */
static void
clean_name(struct str *out, const char *name)
{
	for (; *name != '\0' && out->len < ENCODE_NAME_MAX; name++) {
		char c = *name == '\t' ? ' ' : *name;

		if ((unsigned char)c >= 0x20 && c != 0x7f
		    && (c != ' ' || out->len > 0))
			str_add_char(out, c);
	}
	if (*name != '\0')
		while (out->len > 0 && text_is_utf8_tail(*name)) {
			str_truncate(out, out->len - 1);
			name--;
		}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		str_truncate(out, out->len - 1);
}

/*
 * phrase = 1*word
 * Whether atoms are enough.  "=?" could be read as an encoded-word.
 */
static bool
is_atoms(const char *text)
{
	if (strstr(text, "=?") != NULL || strstr(text, "  ") != NULL)
		return false;
	for (; *text != '\0'; text++)
		if (*text != ' ' && !token_is_atext(*text))
			return false;
	return true;
}

bool
encode_phrase(struct str *out, const char *name)
{
	struct str clean = { 0 };

	clean_name(&clean, name);
	if (clean.len == 0) {
		str_free(&clean);
		return false;
	}
	if (!text_is_ascii(clean.data, clean.len))
		encode_words(out, clean.data, clean.len, NULL);
	else if (is_atoms(clean.data))
		str_add(out, clean.data);
	else
		token_add_quoted(out, clean.data);
	str_free(&clean);
	return true;
}
