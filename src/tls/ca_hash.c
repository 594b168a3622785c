/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Computes the hash that names a CA certificate in a trust store. */
#include "tls/ca_hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/attr.h"
#include "base/str.h"
#include "base/text.h"
#include "tls/der.h"

#define TAG_UTF8 0x0c
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define SHA1_SIZE 20

/* The text types that are converted to UTF-8 and folded. */
static const struct {
	unsigned tag;
	unsigned width; /* octets of a character; 0 for UTF-8 */
} text_types[] = {
	{ TAG_UTF8, 0 }, { 0x13, 1 }, /* PrintableString */
	{ 0x14, 1 },                  /* TeletexString, read as Latin-1 */
	{ 0x16, 1 },                  /* IA5String */
	{ 0x1a, 1 },                  /* VisibleString */
	{ 0x1c, 4 },                  /* UniversalString */
	{ 0x1e, 2 },                  /* BMPString */
};

static void
put_element(struct str *out, unsigned tag, const struct str *body)
{
	str_add_char(out, (char)tag);
	if (body->len > 0xff)
		str_add_char(out, (char)0x82);
	else if (body->len > 0x7f)
		str_add_char(out, (char)0x81);
	if (body->len > 0xff)
		str_add_char(out, (char)(body->len >> 8 & 0xff));
	str_add_char(out, (char)(body->len & 0xff));
	str_append(out, str_text(body), body->len);
}

static void
put_text(struct str *out, const struct octets *text, unsigned width)
{
	if (width == 0) {
		str_append(out, text->data, text->len);
		return;
	}
	for (size_t i = 0; i + width <= text->len; i += width) {
		uint32_t c = 0;

		for (size_t k = 0; k < width; k++)
			c = c << 8 | text->data[i + k];
		text_add_utf8_char(out, c);
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Removes blanks at both ends, replaces others by one, and folds case. */
static void
fold(const struct str *text, struct str *out)
{
	bool gap = false;

	for (size_t i = 0; i < text->len; i++) {
		char c = text->data[i];

		if (is_blank(c)) {
			gap = out->len > 0;
			continue;
		}
		if (gap)
			str_add_char(out, ' ');
		gap = false;
		str_add_char(out, (char)text_lower((unsigned char)c));
	}
}

static void
put_value(struct str *out, const struct element *value)
{
	for (size_t i = 0; i < COUNT_OF(text_types); i++) {
		struct str text = { 0 }, folded = { 0 };

		if (value->tag != text_types[i].tag)
			continue;
		put_text(&text, &value->body, text_types[i].width);
		fold(&text, &folded);
		put_element(out, TAG_UTF8, &folded);
		str_free(&text);
		str_free(&folded);
		return;
	}
	str_append(out, value->whole.data, value->whole.len);
}

/* AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY } */
static bool
put_attribute(struct str *out, struct octets in)
{
	struct element type, value;
	struct str body = { 0 };

	if (!tls_der_next(&in, &type) || !tls_der_next(&in, &value)
	    || in.len > 0)
		return false;
	str_append(&body, type.whole.data, type.whole.len);
	put_value(&body, &value);
	put_element(out, TAG_SEQUENCE, &body);
	str_free(&body);
	return true;
}

/* RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue */
static bool
put_rdn(struct str *out, struct octets in)
{
	struct str body = { 0 };
	struct octets attribute;
	bool ok = true;

	while (ok && in.len > 0)
		ok = tls_der_next_tag(&in, TAG_SEQUENCE, &attribute)
		    && put_attribute(&body, attribute);
	if (ok)
		put_element(out, TAG_SET, &body);
	str_free(&body);
	return ok;
}

/*
 * RDNSequence ::= SEQUENCE OF RelativeDistinguishedName (RFC 5280 section
 * 4.1.2.4).  The canonical form omits its tag and length.
 */
bool
ca_hash_name(const void *name, size_t len, uint32_t *hash)
{
	struct octets in = { name, len }, rdns, rdn;
	struct str canonical = { 0 };
	unsigned char digest[SHA1_SIZE];
	bool ok = tls_der_next_tag(&in, TAG_SEQUENCE, &rdns) && in.len == 0;

	while (ok && rdns.len > 0)
		ok = tls_der_next_tag(&rdns, TAG_SET, &rdn)
		    && put_rdn(&canonical, rdn);
	ok = ok
	    && gnutls_hash_fast(GNUTLS_DIG_SHA1, str_text(&canonical),
		   canonical.len, digest)
		== 0;
	if (ok)
		*hash = (uint32_t)digest[0] | (uint32_t)digest[1] << 8
		    | (uint32_t)digest[2] << 16 | (uint32_t)digest[3] << 24;
	str_free(&canonical);
	return ok;
}
