/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Knows charsets by their names.  iconv() would load a shared object that the
 * message chooses, and only the lengths of characters are needed.
 */
#include "mail/charset.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"

/* Octets of a charset name; those of IANA have at most 45. */
#define NAME_MAX_OCTETS 45

/*
 * Whether the charset can explain octets over 127 that are not UTF-8.  The
 * others are UTF-8 itself, have only 7 bits, or are not a superset of ASCII.
 */
static bool
is_plausible(const char *name)
{
	static const char *const others[] = { "utf", "us-ascii", "ascii",
		"ansi_x3.4", "iso-2022", "iso-10646", "ucs-", "csucs", "hz-",
		"unicode", "unknown", "binary", "x-unknown" };

	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (text_starts_nocase(name, others[i]))
			return false;
	return true;
}

/*
 * charset = token
 * token = 1*<Any CHAR except SPACE, CTLs, and especials>
 * (RFC 2047 section 2).  Accepts only the characters that names of charsets
 * consist of.
 */
static bool
is_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		int c = text_lower((unsigned char)name[i]);

		if (!(c >= 'a' && c <= 'z') && !text_is_digit(c) && c != '-'
		    && c != '_' && c != '+')
			return false;
	}
	return len > 0 && len <= NAME_MAX_OCTETS;
}

char *
charset_named(const char *name, size_t len)
{
	char *copy = alloc_string_n(name, len);

	if (!is_name(copy) || !is_plausible(copy))
		alloc_replace(&copy, NULL);
	return copy;
}

const char *
charset_of(const char *text, size_t len, const char *declared)
{
	if (text_is_utf8(text, len))
		return "utf-8";
	return declared != NULL ? declared : "unknown-8bit";
}

/*
 * Charsets with characters of several octets, by the first octet of these.  All
 * other octets are characters of their own.
 */
static const struct multibyte {
	const char *name;
	unsigned char first, last;   /* of two octets */
	unsigned char first2, last2; /* the same, another range */
	unsigned char three;         /* of three octets, or 0 */
	bool four; /* four octets if the second one is a digit */
} multibytes[] = {
	{ "euc-jp", 0xa1, 0xfe, 0x8e, 0x8e, 0x8f, false },
	{ "euc-kr", 0xa1, 0xfe, 0, 0, 0, false },
	{ "ks_c_5601-1987", 0x81, 0xfe, 0, 0, 0, false },
	{ "cp949", 0x81, 0xfe, 0, 0, 0, false },
	{ "gb2312", 0x81, 0xfe, 0, 0, 0, false },
	{ "gbk", 0x81, 0xfe, 0, 0, 0, false },
	{ "cp936", 0x81, 0xfe, 0, 0, 0, false },
	{ "gb18030", 0x81, 0xfe, 0, 0, 0, true },
	{ "big5", 0x81, 0xfe, 0, 0, 0, false },
	{ "big5-hkscs", 0x81, 0xfe, 0, 0, 0, false },
	{ "shift_jis", 0x81, 0x9f, 0xe0, 0xfc, 0, false },
	{ "windows-31j", 0x81, 0x9f, 0xe0, 0xfc, 0, false },
	{ "cp932", 0x81, 0x9f, 0xe0, 0xfc, 0, false },
};

static size_t
multibyte_length(const struct multibyte *m, const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	if (m->three != 0 && c == m->three)
		return 3;
	if ((c >= m->first && c <= m->last)
	    || (m->first2 != 0 && c >= m->first2 && c <= m->last2))
		return m->four && len > 1 && text_is_digit(text[1]) ? 4 : 2;
	return 1;
}

size_t
charset_character(const char *charset, const char *text, size_t len)
{
	size_t count = 1;
	uint32_t point;

	if (text_equal_nocase(charset, "utf-8")) {
		count = text_utf8_char(text, len, &point);
		return count == 0 ? 1 : count;
	}
	for (size_t i = 0; i < COUNT_OF(multibytes); i++)
		if (text_equal_nocase(charset, multibytes[i].name))
			count = multibyte_length(&multibytes[i], text, len);
	return count < len ? count : len;
}

bool
charset_to_utf8(struct str *out, const char *text, size_t len,
    const char *declared)
{
	static const char *const latin[] = { "iso-8859-1", "iso-8859-15",
		"windows-1252", "latin1" };
	size_t start = out->len;
	bool is_latin = false;

	if (text_is_utf8(text, len)) {
		str_append(out, text, len);
		return true;
	}
	for (size_t i = 0; declared != NULL && i < COUNT_OF(latin); i++)
		is_latin |= text_equal_nocase(declared, latin[i]);
	for (size_t i = 0; i < len && is_latin; i++) {
		unsigned char c = (unsigned char)text[i];

		/* The charsets differ below the letters. */
		is_latin = c < 0x80 || c >= 0xc0;
		if (c >= 0x80)
			str_add_char(out, (char)(0xc0 | c >> 6));
		str_add_char(out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	if (!is_latin)
		str_truncate(out, start);
	return is_latin;
}
