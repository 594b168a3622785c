/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks for obstacles in the order of their weight, and describes them. */
#include "mime/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/header.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

static bool
is_base64_octet(char c)
{
	return text_is_digit(c)
	    || (text_lower(c) >= 'a' && text_lower(c) <= 'z')
	    || (c != '\0' && strchr("+/= \t\n", c) != NULL);
}

/* Whether the content can be base64; other octets could be text. */
static bool
check_base64(const struct mime_walk *walk, const struct mime_piece *piece,
    bool *is_base64, struct error *err)
{
	char *block = alloc_bytes(BLOCK_SIZE);
	bool ok = true;
	size_t got = 0;

	*is_base64 = true;
	for (uint64_t at = piece->start; ok && *is_base64 && at < piece->end;
	     at += got) {
		uint64_t left = piece->end - at;

		ok = buffer_file_read(walk->body, at, block,
		    left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE, &got, err);
		for (size_t i = 0; ok && i < got; i++)
			*is_base64 = *is_base64 && is_base64_octet(block[i]);
	}
	free(block);
	return ok;
}

/* The type without its parameters. */
static void
read_type_name(const struct str *header, struct str *name)
{
	if (!header_value(header, "Content-Type", name))
		str_add(name, "text/plain");
	str_truncate(name, strcspn(str_text(name), "; \t("));
}

static bool
is_multipart(const struct str *header)
{
	struct str name = { 0 };
	bool is;

	read_type_name(header, &name);
	is = text_starts_nocase(str_text(&name), "multipart/");
	str_free(&name);
	return is;
}

/* The obstacle that the header section shows. */
static enum obstacle
declared_obstacle(const struct mime_entity *entity, const struct str *header)
{
	bool has_parts =
	    entity->kind == MIME_MULTIPART || entity->kind == MIME_FIXED;

	if (entity->encoding == MIME_UNKNOWN)
		return OBSTACLE_ENCODING;
	if (has_parts && entity->encoding == MIME_QUOTED_PRINTABLE)
		return OBSTACLE_LABEL;
	if (entity->kind != MIME_FIXED || entity->encoding == MIME_BASE64)
		return OBSTACLE_NONE;
	return is_multipart(header) ? OBSTACLE_BOUNDARY : OBSTACLE_TYPE;
}

bool
mime_find_obstacle(const struct mime_walk *walk, const struct mime_piece *piece,
    const struct str *header, enum obstacle *obstacle, struct error *err)
{
	bool is_base64 = true;

	*obstacle = piece->protected ? OBSTACLE_PROTECTED
				     : declared_obstacle(&walk->entity, header);
	if (*obstacle != OBSTACLE_NONE || walk->entity.encoding != MIME_BASE64)
		return true;
	if (!check_base64(walk, piece, &is_base64, err))
		return false;
	*obstacle = is_base64 ? OBSTACLE_NONE : OBSTACLE_BASE64;
	return true;
}

/*
 * Chooses the shorter encoding; for text quoted-printable, which stays
 * readable, unless more than a third of the octets are over 127.
 */
static enum transfer_change
choose_encoding(const struct mime_entity *entity,
    const struct mime_piece *piece)
{
	bool is_text =
	    entity->kind == MIME_TEXT || piece->kind == MIME_PIECE_UNDIVIDED;
	uint64_t size = piece->end - piece->start;
	uint64_t weight = is_text ? 3 : 6;

	return piece->count_8bit * weight > size ? TRANSFER_BASE64
						 : TRANSFER_QUOTED_PRINTABLE;
}

enum transfer_change
mime_choose_change(const struct mime_entity *entity,
    const struct mime_piece *piece)
{
	if (entity->encoding == MIME_IDENTITY)
		return choose_encoding(entity, piece);
	return entity->encoding == MIME_QUOTED_PRINTABLE
	    ? TRANSFER_REPAIR_QUOTED
	    : TRANSFER_REPAIR_BASE64;
}

/* Errors */

/* What it is, and what the sender can do. */
static const struct {
	const char *is, *advice;
} texts[OBSTACLES] = {
	[OBSTACLE_PROTECTED] = { "it is signed or encrypted and must not be "
				 "changed",
	    "encode the text as quoted-printable before it is signed" },
	[OBSTACLE_ENCODING] = { "its Content-Transfer-Encoding is unknown",
	    "declare 8bit, quoted-printable or base64" },
	[OBSTACLE_BASE64] = { "it is declared as base64, but is not",
	    "declare the encoding that it has" },
	[OBSTACLE_LABEL] = { "it is declared as quoted-printable, which its "
			     "type forbids",
	    "declare it as 8bit" },
	[OBSTACLE_BOUNDARY] = { "it cannot be divided into parts",
	    "give its Content-Type a boundary of up to 250 ASCII characters" },
	[OBSTACLE_TYPE] = { "its type forbids an encoding",
	    "write it in ASCII" },
};

bool
mime_fail(const struct mime_walk *walk, const char *where,
    const struct str *header, enum obstacle obstacle, struct error *err)
{
	struct str place = { 0 }, type = { 0 };

	mime_walk_place(walk, &place);
	if (header != NULL) {
		read_type_name(header, &type);
		str_printf(&place, " (%s)", str_text(&type));
	}
	error_set(err, ERROR_UNSUPPORTED,
	    "%s%s has 8-bit text, the server does not offer 8BITMIME, and %s: "
	    "%s",
	    where, str_text(&place), texts[obstacle].is,
	    texts[obstacle].advice);
	str_free(&place);
	str_free(&type);
	return false;
}
