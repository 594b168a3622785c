/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/encode.h"

#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/token.h"

/* RFC 2047 section 2, and what is left of a line behind "Resent-From: ". */
#define WORD_MAX 75
#define FIRST_WORD_MAX 60

static const char hex_digits[] = "0123456789ABCDEF";

/* Encoded words */

/* Octets of the character at text, which is valid UTF-8 if is_utf8. */
static size_t
character_length(const char *text, bool is_utf8)
{
	unsigned char c = (unsigned char)*text;

	if (!is_utf8 || c < 0xc0)
		return 1;
	return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* RFC 2047 section 5 (3): what may stand for itself in a phrase. */
static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
	    || text_is_digit(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t
q_length(const char *text, size_t len)
{
	size_t length = 0;

	for (size_t i = 0; i < len; i++)
		length += is_plain(text[i]) || text[i] == ' ' ? 1 : 3;
	return length;
}

static size_t
b_length(size_t len)
{
	return (len + 2) / 3 * 4;
}

static void
add_q(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_plain(text[i]) || c == ' ') {
			str_add_char(out, c == ' ' ? '_' : (char)c);
			continue;
		}
		str_add_char(out, '=');
		str_add_char(out, hex_digits[c >> 4]);
		str_add_char(out, hex_digits[c & 15]);
	}
}

/* How many octets of whole characters fit into room when encoded. */
static size_t
fitting(const char *text, size_t len, size_t room, bool is_utf8, bool use_q)
{
	size_t taken = 0;

	while (taken < len) {
		size_t next = taken + character_length(text + taken, is_utf8);

		if ((use_q ? q_length(text, next) : b_length(next)) > room)
			break;
		taken = next;
	}
	return taken;
}

void
encode_words(struct str *out, const char *text, size_t len)
{
	bool is_utf8 = text_is_utf8(text, len);
	/* Q can be read by people; B is what non-Latin text needs. */
	bool use_q = q_length(text, len) <= len * 2;
	const char *charset = is_utf8 ? "utf-8" : "unknown-8bit";
	size_t frame =
	    strlen("=?") + strlen("?Q?") + strlen("?=") + strlen(charset);
	size_t room = FIRST_WORD_MAX - frame;

	while (len > 0) {
		size_t part = fitting(text, len, room, is_utf8, use_q);

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

/* Leaves out controls and blanks at the ends; cuts at a whole character. */
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
		while (out->len > 0 && ((unsigned char)*name & 0xc0) == 0x80) {
			str_truncate(out, out->len - 1);
			name--;
		}
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		str_truncate(out, out->len - 1);
}

/* phrase = 1*word, of atoms alone; "=?" would read as an encoded word. */
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

static void
add_quoted(struct str *out, const char *text)
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
encode_phrase(struct str *out, const char *name)
{
	struct str clean = { 0 };

	clean_name(&clean, name);
	if (clean.len == 0) {
		str_free(&clean);
		return false;
	}
	if (!text_is_ascii(clean.data, clean.len))
		encode_words(out, clean.data, clean.len);
	else if (is_atoms(clean.data))
		str_add(out, clean.data);
	else
		add_quoted(out, clean.data);
	str_free(&clean);
	return true;
}
