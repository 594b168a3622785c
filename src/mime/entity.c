/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/entity.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/header.h"

/* A type that ends with "/" stands for all of its subtypes. */
static const struct type_row {
	const char *type;
	enum mime_kind kind;
	bool sealed;
	bool digest;
} types[] = {
	{ "multipart/signed", MIME_MULTIPART, .sealed = true },
	{ "multipart/encrypted", MIME_MULTIPART, .sealed = true },
	{ "multipart/digest", MIME_MULTIPART, .digest = true },
	{ "multipart/", MIME_MULTIPART, .sealed = false },
	{ "message/rfc822", MIME_MESSAGE, .sealed = false },
	{ "message/global", MIME_MESSAGE, .sealed = false },
	{ "message/news", MIME_MESSAGE, .sealed = false },
	{ "message/partial", MIME_FIXED, .sealed = false },
	{ "message/external-body", MIME_FIXED, .sealed = false },
	{ "message/", MIME_TEXT, .sealed = false },
	{ "text/", MIME_TEXT, .sealed = false },
	{ "application/pkcs7-mime", MIME_OTHER, .sealed = true },
	{ "application/x-pkcs7-mime", MIME_OTHER, .sealed = true },
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

static bool
is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && text_starts_nocase(text, word);
}

static const struct type_row *
find_type(const char *type, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		const char *known = types[i].type;
		bool any = known[strlen(known) - 1] == '/';

		if (any ? len > strlen(known) && text_starts_nocase(type, known)
			: is_word(type, len, known))
			return &types[i];
	}
	return NULL;
}

/* Skips what may stand between the words of a value. */
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

/* value := token / quoted-string; tokens are taken as loosely as they come. */
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
 * content := type "/" subtype *(";" parameter)
 * parameter := attribute "=" value
 * The first of that name counts.
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
		if (is_word(attribute, len, name))
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

	/* RFC 2045 section 5.2: what is no type at all is plain text. */
	entity->kind = row != NULL           ? row->kind
	    : memchr(type, '/', len) == NULL ? MIME_TEXT
					     : MIME_OTHER;
	if (row == NULL)
		return;
	entity->sealed = row->sealed;
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
		if (is_word(word, len, encodings[i].name))
			entity->encoding = encodings[i].encoding;
}

void
mime_entity_read(struct mime_entity *entity, const struct str *header,
    bool digest)
{
	struct header_field field;
	struct str value = { 0 };

	*entity = (struct mime_entity){
		.kind = digest ? MIME_MESSAGE : MIME_TEXT,
	};
	if (header_find(header, "Content-Type", &field)) {
		header_unfold(&field, &value);
		read_type(entity, str_text(&value));
		str_truncate(&value, 0);
	}
	if (header_find(header, "Content-Transfer-Encoding", &field)) {
		header_unfold(&field, &value);
		read_encoding(entity, str_text(&value));
	}
	/* RFC 2045 section 6.4 allows no encoding here.  Where there is one
	 * all the same, what stands in it cannot be seen. */
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
