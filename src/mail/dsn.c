/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and writes the parameters of RFC 3461: the one place that knows their
 * words.
 */
#include "mail/dsn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "mail/encode.h"

/* RFC 3461 section 4.4, as xtext. */
#define ENVELOPE_ID_MAX 100

static const struct notify_word {
	const char *word;
	enum dsn_notify bit;
} notify_words[] = {
	{ "NEVER", DSN_NOTIFY_NEVER },
	{ "SUCCESS", DSN_NOTIFY_SUCCESS },
	{ "FAILURE", DSN_NOTIFY_FAILURE },
	{ "DELAY", DSN_NOTIFY_DELAY },
};

static const char *const return_words[] = {
	[DSN_RETURN_DEFAULT] = NULL,
	[DSN_RETURN_FULL] = "FULL",
	[DSN_RETURN_HEADERS] = "HDRS",
};

void
dsn_free(struct dsn *dsn)
{
	free(dsn->envelope_id);
	*dsn = (struct dsn){ 0 };
}

/* Returns 0 for an unknown word. */
static unsigned
find_notify_bit(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(notify_words); i++)
		if (text_is_word(word, len, notify_words[i].word))
			return notify_words[i].bit;
	return 0;
}

/*
 *   notify-esmtp-value = "NEVER" / 1#notify-list-element
 *   notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
 *                                        (RFC 3461 section 4.1)
 */
bool
dsn_parse_notify(const char *value, unsigned *notify)
{
	unsigned all = 0;

	for (;; value++) {
		size_t len;
		unsigned bit;

		value += strspn(value, " \t");
		len = strcspn(value, ", \t");
		bit = find_notify_bit(value, len);
		all |= bit;
		value += len;
		value += strspn(value, " \t");
		if (bit == 0 || (*value != ',' && *value != '\0')
		    || ((all & DSN_NOTIFY_NEVER) != 0 && all != bit))
			return false;
		if (*value == '\0')
			break;
	}
	*notify = all;
	return true;
}

bool
dsn_parse_return(const char *value, enum dsn_return *wanted)
{
	for (size_t i = 0; i < COUNT_OF(return_words); i++)
		if (return_words[i] != NULL
		    && text_equal_nocase(value, return_words[i])) {
			*wanted = (enum dsn_return)i;
			return true;
		}
	return false;
}

/* Replaces *text by what the xtext stands for. */
static bool
decode_into(char **text, const char *xtext)
{
	struct str decoded = { 0 };

	if (!dsn_decode_xtext(&decoded, xtext)) {
		str_free(&decoded);
		return false;
	}
	free(*text);
	*text = str_steal(&decoded);
	return true;
}

bool
dsn_parse_envelope_id(const char *value, char **id)
{
	size_t len = strnlen(value, ENVELOPE_ID_MAX + 1);

	return len > 0 && len <= ENVELOPE_ID_MAX && decode_into(id, value);
}

/* The value of a capital hexadecimal digit, or -1. */
static int
hex_value(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *digit = c == '\0' ? NULL : strchr(digits, c);

	return digit == NULL ? -1 : (int)(digit - digits);
}

/*
 *   EmbeddedUnicodeChar = "\x{" HEXPOINT "}"    (RFC 6533 section 3)
 *
 * Returns what follows it, or NULL.
 */
static const char *
decode_point(const char *text, struct str *out)
{
	uint32_t point = 0;
	size_t digits = 0;
	int value;

	if (text[1] != 'x' || text[2] != '{')
		return NULL;
	for (text += 3; (value = hex_value(*text)) >= 0 && digits < 6; text++) {
		point = point << 4 | (uint32_t)value;
		digits++;
	}
	if (digits < 2 || *text != '}' || point < 0x20 || point == 0x7f
	    || point > 0x10ffff)
		return NULL;
	text_add_utf8_char(out, point);
	return text + 1;
}

/*
 *   utf-8-enc-addr = utf-8-addr-xtext / utf-8-addr-unitext / utf-8-address
 *
 * All three are printable characters, and EmbeddedUnicodeChar in place of
 * others.  A surrogate makes the result invalid.
 */
static bool
decode_utf8_address(const char *text, char **address)
{
	struct str decoded = { 0 };

	while (text != NULL && *text != '\0') {
		unsigned char c = (unsigned char)*text;

		if (c == '\\') {
			text = decode_point(text, &decoded);
		} else if (c <= ' ' || c == 0x7f) {
			text = NULL;
		} else {
			str_add_char(&decoded, *text++);
		}
	}
	if (text == NULL || decoded.len == 0
	    || !text_is_utf8(decoded.data, decoded.len)) {
		str_free(&decoded);
		return false;
	}
	free(*address);
	*address = str_steal(&decoded);
	return true;
}

/* original-recipient-address = addr-type ";" xtext */
bool
dsn_parse_original(const char *value, char **address)
{
	static const char type[] = "rfc822;";
	static const char utf8_type[] = "utf-8;";

	if (text_starts_nocase(value, type))
		return decode_into(address, value + strlen(type));
	if (text_starts_nocase(value, utf8_type))
		return decode_utf8_address(value + strlen(utf8_type), address);
	if (strchr(value, ';') == NULL)
		return false;
	free(*address);
	*address = NULL;
	return true;
}

void
dsn_add_notify(struct str *out, unsigned notify, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < COUNT_OF(notify_words); i++) {
		if ((notify & (unsigned)notify_words[i].bit) == 0)
			continue;
		str_add(out, before);
		str_add(out, notify_words[i].word);
		before = separator;
	}
}

void
dsn_add_mail_parameters(struct str *out, const struct dsn *dsn)
{
	if (dsn->wanted != DSN_RETURN_DEFAULT)
		str_printf(out, " RET=%s", return_words[dsn->wanted]);
	if (dsn->envelope_id != NULL) {
		str_add(out, " ENVID=");
		dsn_encode_xtext(out, dsn->envelope_id,
		    strlen(dsn->envelope_id));
	}
}

/* Appends utf-8-addr-xtext, which is ASCII. */
static void
encode_utf8_address(struct str *out, const char *text, size_t len)
{
	while (len > 0) {
		uint32_t point;
		size_t used = text_utf8_char(text, len, &point);

		if (used == 0)
			return;
		if (point <= ' ' || point >= 0x7f
		    || strchr("+=\\", *text) != NULL)
			str_printf(out, "\\x{%02" PRIX32 "}", point);
		else
			str_add_char(out, *text);
		text += used;
		len -= used;
	}
}

void
dsn_add_rcpt_parameters(struct str *out, unsigned notify, const char *original,
    bool smtputf8)
{
	size_t len = strlen(original);

	if (notify == DSN_NOTIFY_DEFAULT)
		return;
	str_add(out, " NOTIFY=");
	dsn_add_notify(out, notify, ",");
	if (text_is_ascii(original, len)) {
		str_add(out, " ORCPT=rfc822;");
		dsn_encode_xtext(out, original, len);
	} else if (smtputf8 && text_is_utf8(original, len)) {
		str_add(out, " ORCPT=utf-8;");
		encode_utf8_address(out, original, len);
	}
}

void
dsn_encode_xtext(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const char c = text[i];

		if (text_is_vchar(c) && c != '+' && c != '=')
			str_add_char(out, c);
		else
			encode_hex(out, '+', c);
	}
}

/* Reads one character of xtext and moves behind it; '\0' if it is malformed. */
static char
decode_character(const char **xtext)
{
	const char *p = *xtext;
	int high, low;

	if (*p != '+') {
		*xtext = p + 1;
		return text_is_vchar(*p) && *p != '=' ? *p : '\0';
	}
	high = hex_value(p[1]);
	low = high < 0 ? -1 : hex_value(p[2]);
	if (low < 0 || high * 16 + low < 32 || high * 16 + low > 126)
		return '\0';
	*xtext = p + 3;
	return (char)(high * 16 + low);
}

bool
dsn_decode_xtext(struct str *out, const char *xtext)
{
	size_t before = out->len;

	while (*xtext != '\0') {
		char c = decode_character(&xtext);

		if (c == '\0') {
			str_truncate(out, before);
			return false;
		}
		str_add_char(out, c);
	}
	return true;
}
