/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parses Content-Type and Content-Transfer-Encoding as tolerantly as mail
 * readers do.
 */
#include "mime/entity.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/header.h"

/* A type that ends with "/" matches all of its subtypes. */
static const struct type_row {
	const char *type;
	enum mime_kind kind;
	bool protected;
	bool digest;
} types[] = {
	{ "multipart/signed", MIME_MULTIPART, .protected = true },
	{ "multipart/encrypted", MIME_MULTIPART, .protected = true },
	{ "multipart/digest", MIME_MULTIPART, .digest = true },
	{ "multipart/", MIME_MULTIPART, .protected = false },
	{ "message/rfc822", MIME_MESSAGE, .protected = false },
	{ "message/global", MIME_MESSAGE, .protected = false },
	{ "message/news", MIME_MESSAGE, .protected = false },
	/* For servers without 8BITMIME, RFC 6533 section 6 allows an encoding
	 * of these, but of no other message/. */
	{ "message/global-delivery-status", MIME_TEXT, .protected = false },
	{ "message/global-disposition-notification", MIME_TEXT,
	    .protected = false },
	{ "message/global-headers", MIME_TEXT, .protected = false },
	/* Such as delivery-status, partial and external-body. */
	{ "message/", MIME_FIXED, .protected = false },
	{ "text/rfc822-headers", MIME_FIXED, .protected = false },
	{ "text/", MIME_TEXT, .protected = false },
	{ "application/pkcs7-mime", MIME_OTHER, .protected = true },
	{ "application/x-pkcs7-mime", MIME_OTHER, .protected = true },
};

static const struct encoding_row {
	const char *name;
	enum mime_encoding encoding;
	bool binary;
} encodings[] = {
	{ "quoted-printable", MIME_QUOTED_PRINTABLE, .binary = false },
	{ "base64", MIME_BASE64, .binary = false },
	{ "binary", MIME_IDENTITY, .binary = true },
	{ "7bit", MIME_IDENTITY, .binary = false },
	{ "8bit", MIME_IDENTITY, .binary = false },
	/* What programs write for content that they do not encode. */
	{ "7bits", MIME_IDENTITY, .binary = false },
	{ "8bits", MIME_IDENTITY, .binary = false },
	{ "8bitmime", MIME_IDENTITY, .binary = false },
	{ "ascii", MIME_IDENTITY, .binary = false },
	{ "identity", MIME_IDENTITY, .binary = false },
	{ "none", MIME_IDENTITY, .binary = false },
	{ "plain", MIME_IDENTITY, .binary = false },
	{ "text", MIME_IDENTITY, .binary = false },
	{ "us-ascii", MIME_IDENTITY, .binary = false },
	{ "utf-8", MIME_IDENTITY, .binary = false },
};

static const struct type_row *
find_type(const char *type, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const char *known = types[i].type;
		bool any = known[strlen(known) - 1] == '/';

		if (any ? len > strlen(known) && text_starts_nocase(type, known)
			: text_is_word(type, len, known))
			return &types[i];
	}
	return NULL;
}

/* Skips blanks and comments. */
static const char *
skip_space(const char *at)
{
	for (;;) {
		at += strspn(at, " \t");
		if (*at != '(')
			return at;
		for (size_t depth = 0; *at != '\0'; at++) {
			depth += *at == '(';
			if (*at == ')' && --depth == 0)
				break;
			if (*at == '\\' && at[1] != '\0')
				at++;
		}
		at += *at == ')';
	}
}

/* value := token / quoted-string; accepts any characters in a token. */
static const char *
read_value(const char *at, struct str *value)
{
	str_truncate(value, 0);
	if (*at != '"') {
		size_t len = strcspn(at, "; \t");

		str_append(value, at, len);
		return at + len;
	}
	for (at++; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		str_add_char(value, *at);
	}
	return at + (*at == '"');
}

/*
 * content := "Content-Type" ":" type "/" subtype *(";" parameter)
 * parameter := attribute "=" value
 * Stores the value of the first parameter of that name; nothing if it has an
 * extended value (RFC 2231), which not all readers decode.
 */
static bool
find_parameter(const char *text, const char *name, struct str *value)
{
	for (;;) {
		const char *attribute;
		size_t len, plain;

		text = skip_space(text);
		text += strcspn(text, ";");
		if (*text == '\0')
			return false;
		attribute = skip_space(text + 1);
		len = strcspn(attribute, "=; \t");
		text = skip_space(attribute + len);
		if (*text != '=')
			continue;
		text = read_value(skip_space(text + 1), value);
		plain = strcspn(attribute, "*=; \t");
		if (text_is_word(attribute, plain, name)) {
			str_truncate(value, plain == len ? value->len : 0);
			return true;
		}
	}
}

/* Octets over 127 and control characters could not be declared elsewhere. */
static bool
is_usable(const struct str *boundary)
{
	return boundary->len > 0 && boundary->len <= MIME_BOUNDARY_MAX
	    && text_is_ascii(boundary->data, boundary->len)
	    && text_is_wire_safe(boundary->data, boundary->len);
}

static char *
read_boundary(const char *content_type)
{
	struct str value = { 0 };
	char *boundary = NULL;

	if (find_parameter(content_type, "boundary", &value)) {
		while (
		    value.len > 0 && text_is_space(value.data[value.len - 1]))
			str_truncate(&value, value.len - 1);
		if (is_usable(&value))
			boundary = alloc_string(value.data);
	}
	str_free(&value);
	return boundary;
}

static void
read_type(struct mime_entity *entity, const char *value)
{
	const char *type = skip_space(value);
	size_t len = strcspn(type, "; \t(");
	const struct type_row *row = find_type(type, len);

	/* A value that is not a type means text/plain (RFC 2045 section 5.2). */
	entity->kind = row != NULL           ? row->kind
	    : memchr(type, '/', len) == NULL ? MIME_TEXT
					     : MIME_OTHER;
	if (row == NULL)
		return;
	entity->protected = row->protected;
	entity->digest = row->digest;
	if (row->kind != MIME_MULTIPART)
		return;
	entity->boundary = read_boundary(type + len);
	if (entity->boundary == NULL)
		entity->kind = MIME_FIXED;
}

/* The next letter or digit; skips what separates the words of a name. */
static const char *
skip_separators(const char *at, const char *end)
{
	while (at < end && strchr(" \t-_.,\"", *at) != NULL)
		at++;
	return at;
}

/* Whether the text is the name, or another spelling such as "8 bit". */
static bool
is_spelled(const char *text, size_t len, const char *name)
{
	const char *end = text + len, *name_end = name + strlen(name);

	for (;;) {
		text = skip_separators(text, end);
		name = skip_separators(name, name_end);
		if (text == end || name == name_end)
			return text == end && name == name_end;
		if (text_lower(*text++) != *name++)
			return false;
	}
}

/*
 * encoding := "Content-Transfer-Encoding" ":" mechanism
 * Returns the row of the mechanism, or NULL.  Readers decode only names that are
 * spelled right, so other spellings count only where nothing is decoded.
 */
static const struct encoding_row *
find_encoding(const char *value)
{
	const char *word = value + strspn(value, "\"");
	size_t len = strcspn(word, "; \t(\"");
	size_t all = strcspn(word, ";(");

	for (size_t i = 0; i < COUNT_OF(encodings); i++) {
		const struct encoding_row *row = &encodings[i];

		if (text_is_word(word, len, row->name)
		    || (row->encoding == MIME_IDENTITY
			&& (is_spelled(word, len, row->name)
			    || is_spelled(word, all, row->name))))
			return row;
	}
	return NULL;
}

static void
read_encoding(struct mime_entity *entity, const char *value)
{
	const struct encoding_row *row;

	value = skip_space(value);
	if (value[strspn(value, ";")] == '\0')
		return;
	row = find_encoding(value);
	entity->encoding = row != NULL ? row->encoding : MIME_UNKNOWN;
	entity->binary = row != NULL && row->binary;
}

void
mime_entity_read(struct mime_entity *entity, const struct str *header,
    bool in_digest)
{
	struct str value = { 0 };

	*entity = (struct mime_entity){
		.kind = in_digest ? MIME_MESSAGE : MIME_TEXT,
	};
	if (header_value(header, "Content-Type", &value))
		read_type(entity, str_text(&value));
	str_truncate(&value, 0);
	if (header_value(header, "Content-Transfer-Encoding", &value))
		read_encoding(entity, str_text(&value));
	/* RFC 2045 section 6.4 forbids an encoding of messages and multiparts.
	 * An encoded structure is not decoded; a multipart with delimiters is
	 * not encoded, whatever the field says. */
	if (entity->encoding != MIME_IDENTITY && entity->kind == MIME_MESSAGE)
		entity->kind = MIME_FIXED;
	str_free(&value);
}

void
mime_entity_free(struct mime_entity *entity)
{
	free(entity->boundary);
	*entity = (struct mime_entity){ 0 };
}
