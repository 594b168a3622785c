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
	{ "message/partial", MIME_FIXED, .protected = false },
	{ "message/external-body", MIME_FIXED, .protected = false },
	{ "message/", MIME_TEXT, .protected = false },
	{ "text/", MIME_TEXT, .protected = false },
	{ "application/pkcs7-mime", MIME_OTHER, .protected = true },
	{ "application/x-pkcs7-mime", MIME_OTHER, .protected = true },
};

static const struct {
	const char *name;
	enum mime_encoding encoding;
} encodings[] = {
	{ "", MIME_IDENTITY },
	{ "7bit", MIME_IDENTITY },
	{ "8bit", MIME_IDENTITY },
	{ "binary", MIME_IDENTITY },
	{ "quoted-printable", MIME_QUOTED_PRINTABLE },
	{ "base64", MIME_BASE64 },
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
 * Stores the value of the first parameter of that name.
 */
static bool
find_parameter(const char *text, const char *name, struct str *value)
{
	for (;;) {
		const char *attribute;
		size_t len;

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
		if (text_is_word(attribute, len, name))
			return true;
	}
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
		if (value.len > 0 && value.len <= MIME_BOUNDARY_MAX
		    && text_is_ascii(value.data, value.len))
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

static void
read_encoding(struct mime_entity *entity, const char *value)
{
	const char *word = skip_space(value);
	size_t len = strcspn(word, "; \t(");

	entity->encoding = MIME_UNKNOWN;
	for (size_t i = 0; i < COUNT_OF(encodings); i++)
		if (text_is_word(word, len, encodings[i].name))
			entity->encoding = encodings[i].encoding;
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
	/* RFC 2045 section 6.4 forbids an encoding of these types.  An encoded
	 * structure is not decoded. */
	if (entity->encoding != MIME_IDENTITY
	    && (entity->kind == MIME_MULTIPART || entity->kind == MIME_MESSAGE))
		entity->kind = MIME_FIXED;
	str_free(&value);
}

void
mime_entity_free(struct mime_entity *entity)
{
	free(entity->boundary);
	*entity = (struct mime_entity){ 0 };
}
