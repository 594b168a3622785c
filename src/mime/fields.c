/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes fields at their place, and repairs what folding and encoding break. */
#include "mime/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/header_encode.h"
#include "mime/entity.h"

static const char encoding_name[] = "Content-Transfer-Encoding";

/* Sets the field, in the place of the old one. */
static void
set_field(struct str *header, const char *name, const char *value)
{
	struct header_field field;
	size_t offset;

	if (!header_find(header, name, &field)) {
		header_add(header, name, value);
		return;
	}
	offset = (size_t)(field.start - header->data);
	header_remove(header, &name, 1);
	header_insert(header, offset, name, value);
}

void
mime_set_encoding(struct str *header, const char *encoding)
{
	set_field(header, encoding_name, encoding);
}

void
mime_declare_7bit(struct str *header)
{
	static const char name[] = "7bit";
	struct mime_entity entity;
	struct str value = { 0 };

	if (header_value(header, encoding_name, &value)
	    && !text_equal_nocase(str_text(&value), name)) {
		mime_entity_read(&entity, header, false);
		if (entity.encoding == MIME_IDENTITY)
			mime_set_encoding(header, name);
		mime_entity_free(&entity);
	}
	str_free(&value);
}

static const char *const text_types[] = {
	[CHARSET_ASCII] = "text/plain; charset=us-ascii",
	[CHARSET_UTF8] = "text/plain; charset=utf-8",
	[CHARSET_UNKNOWN] = "text/plain; charset=unknown-8bit",
};

void
mime_declare_text(struct str *header, enum charset charset)
{
	set_field(header, "Content-Type", text_types[charset]);
}

void
mime_declare_message(struct str *header, bool is_8bit)
{
	if (!header_has(header, "MIME-Version"))
		header_add(header, "MIME-Version", "1.0");
	if (!header_has(header, "Content-Type"))
		header_add(header, "Content-Type",
		    text_types[is_8bit ? CHARSET_UNKNOWN : CHARSET_ASCII]);
}

static bool
is_ascii(const struct str *text)
{
	return text_is_ascii(str_text(text), text->len);
}

/* The boundary that the header section declares, or NULL; the caller frees it. */
static char *
read_boundary(const struct str *header)
{
	struct mime_entity entity;
	char *boundary;

	mime_entity_read(&entity, header, false);
	boundary = entity.boundary;
	entity.boundary = NULL;
	mime_entity_free(&entity);
	return boundary;
}

/* Inserts the boundary as the first parameter of the Content-Type. */
static void
insert_boundary(struct str *header, const char *boundary)
{
	struct str old = { 0 }, value = { 0 };
	size_t len;

	header_value(header, "Content-Type", &old);
	len = strcspn(str_text(&old), ";");
	str_append(&value, str_text(&old), len);
	str_add(&value, "; boundary=\"");
	for (; *boundary != '\0'; boundary++) {
		if (*boundary == '"' || *boundary == '\\')
			str_add_char(&value, '\\');
		str_add_char(&value, *boundary);
	}
	str_add_char(&value, '"');
	str_add(&value, str_text(&old) + len);
	set_field(header, "Content-Type", str_text(&value));
	str_free(&old);
	str_free(&value);
}

/*
 * Restores the boundary, which a change of an invalid or very long field can
 * damage: the parts could not be found any more.  Frees `boundary`.
 */
static bool
keep_boundary(struct str *header, char *boundary)
{
	char *now = boundary != NULL ? read_boundary(header) : NULL;
	bool broken = false;

	if (boundary != NULL && (now == NULL || strcmp(now, boundary) != 0)) {
		insert_boundary(header, boundary);
		broken = header_fold(header);
	}
	free(now);
	free(boundary);
	return broken;
}

bool
mime_fold_header(struct str *header)
{
	char *boundary;
	bool broken;

	if (!header_is_long(header))
		return false;
	boundary = read_boundary(header);
	broken = header_fold(header);
	return keep_boundary(header, boundary) || broken;
}

/*
 * Cuts off the "From " line of an mbox, which an enclosed message can begin with
 * and which is no field: a line end in it would end the header section.  Its
 * octets over 127 become "=E4".
 */
static void
cut_mbox_line(struct str *header, struct str *line)
{
	struct header_field first;
	size_t offset = 0;

	if (!header_next(header, &offset, &first) || first.name_len > 0)
		return;
	for (size_t i = 0; i < first.len; i++) {
		if ((unsigned char)first.start[i] > 127)
			encode_hex(line, '=', first.start[i]);
		else
			str_add_char(line, first.start[i]);
	}
	str_consume(header, first.len);
}

static void
prepend(struct str *header, struct str *line)
{
	if (line->len > 0) {
		str_append(line, str_text(header), header->len);
		str_free(header);
		*header = *line;
		*line = (struct str){ 0 };
	}
	str_free(line);
}

bool
mime_encode_header(struct str *header, struct error *err)
{
	struct str mbox_line = { 0 };
	char *boundary;
	bool ok;

	if (is_ascii(header)) {
		mime_fold_header(header);
		return true;
	}
	boundary = read_boundary(header);
	cut_mbox_line(header, &mbox_line);
	ok = header_encode(header, HEADER_ASCII, err);
	if (ok)
		header_fold(header);
	prepend(header, &mbox_line);
	if (ok)
		keep_boundary(header, boundary);
	else
		free(boundary);
	return ok;
}

void
mime_declare_8bit(struct str *header)
{
	struct mime_entity entity;

	mime_entity_read(&entity, header, false);
	if (entity.binary)
		mime_set_encoding(header, "8bit");
	mime_entity_free(&entity);
}
