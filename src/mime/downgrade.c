/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks through the parts of a message and writes them to a new body.  The
 * header section of a part is held back until its content tells which encoding
 * the part needs.
 */
#include "mime/downgrade.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/header_encode.h"
#include "mail/scan.h"
#include "mime/change.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

enum goal {
	GOAL_7BIT,
	GOAL_SHORT, /* short lines where nothing is lost */
	GOAL_BREAK  /* short lines everywhere */
};

struct conversion {
	enum goal goal;
	const struct message *message;
	struct mime_walk walk;
	char *block;
	/* The header section that is held back. */
	struct str header;
	bool held;
	bool top; /* it is the message's own */
	struct mime_piece piece;
	/* The result. */
	struct str message_header;
	struct buffer_file body;
	struct str out;   /* the end of the body, not yet written to it */
	struct scan seen; /* of the body */
	bool broken;      /* a line was broken */
	bool long_lines;  /* a long line was kept */
	struct error *err;
};

/* Writing */

static bool
flush(struct conversion *c)
{
	bool ok = buffer_file_add(&c->body, c->out.data, c->out.len, c->err);

	scan_octets(&c->seen, str_text(&c->out), c->out.len);
	str_truncate(&c->out, 0);
	return ok;
}

static bool
flush_if_full(struct conversion *c)
{
	return c->out.len < BLOCK_SIZE || flush(c);
}

/* Writes the octets of the body from start to end with the change. */
static bool
write_range(struct conversion *c, uint64_t start, uint64_t end,
    enum transfer_change change)
{
	struct transfer t = { .change = change };

	while (start < end) {
		size_t want = end - start < BLOCK_SIZE ? (size_t)(end - start)
						       : BLOCK_SIZE;
		size_t got;

		if (!buffer_file_read(&c->message->body, start, c->block, want,
			&got, c->err))
			return false;
		start += transfer_feed(&t, c->block, got, start + got == end,
		    &c->out);
		if (!flush_if_full(c))
			return false;
	}
	return true;
}

/* Header sections */

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

/* Replaces encodings such as 8bit and binary, which no longer apply. */
static void
declare_7bit(struct str *header)
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

static const char type_ascii[] = "text/plain; charset=us-ascii";
static const char type_utf8[] = "text/plain; charset=utf-8";
static const char type_unknown[] = "text/plain; charset=unknown-8bit";

/* Adds the fields that make the message a MIME message. */
static void
declare_mime(struct str *header, bool is_8bit)
{
	if (!header_has(header, "MIME-Version"))
		header_add(header, "MIME-Version", "1.0");
	if (!header_has(header, "Content-Type"))
		header_add(header, "Content-Type",
		    is_8bit ? type_unknown : type_ascii);
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

static bool
fold_header(struct str *header)
{
	char *boundary;
	bool broken;

	if (!header_is_long(header))
		return false;
	boundary = read_boundary(header);
	broken = header_fold(header);
	return keep_boundary(header, boundary) || broken;
}

/* Encodes the header section, which may make lines too long. */
static bool
encode_header(struct str *header, struct error *err)
{
	char *boundary;

	if (is_ascii(header)) {
		fold_header(header);
		return true;
	}
	boundary = read_boundary(header);
	if (!header_encode(header, HEADER_ASCII, err)) {
		free(boundary);
		return false;
	}
	header_fold(header);
	keep_boundary(header, boundary);
	return true;
}

/* Makes the held header section ASCII, or folds it. */
static bool
change_header(struct conversion *c)
{
	if (c->piece.protected && c->goal != GOAL_BREAK)
		c->long_lines |= header_is_long(&c->header);
	else if (c->goal != GOAL_7BIT)
		c->broken |= fold_header(&c->header);
	if (c->goal != GOAL_7BIT)
		return true;
	if (c->piece.protected)
		return is_ascii(&c->header)
		    || mime_fail(&c->walk, "the header of ", &c->header,
			OBSTACLE_PROTECTED, c->err);
	declare_7bit(&c->header);
	return encode_header(&c->header, c->err);
}

/* Writes the held header section, if there is one. */
static bool
write_header(struct conversion *c)
{
	if (!c->held)
		return true;
	c->held = false;
	if (!change_header(c))
		return false;
	if (c->top) {
		c->message_header = c->header;
		c->header = (struct str){ 0 };
		return true;
	}
	str_append(&c->out, str_text(&c->header), c->header.len);
	if (c->piece.closed)
		str_add_char(&c->out, '\n');
	return flush_if_full(c);
}

static bool
hold_header(struct conversion *c, const struct mime_piece *piece)
{
	if (!write_header(c))
		return false;
	str_truncate(&c->header, 0);
	str_append(&c->header, str_text(&c->walk.header), c->walk.header.len);
	c->held = true;
	c->top = false;
	c->piece = *piece;
	return true;
}

/* Content */

/* Chooses the change of content that does not meet the goal. */
static bool
choose_change(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change *change)
{
	enum obstacle obstacle;

	if (!mime_find_obstacle(&c->walk, piece, &c->header, &obstacle, c->err))
		return false;
	if (obstacle == OBSTACLE_NONE)
		*change = mime_choose_change(&c->walk.entity, piece);
	else if (c->goal == GOAL_7BIT)
		return mime_fail(&c->walk, "", &c->header, obstacle, c->err);
	else if (c->goal == GOAL_BREAK)
		*change = TRANSFER_BREAK_LINES;
	c->broken |= *change == TRANSFER_BREAK_LINES;
	return true;
}

static bool
needs_change(const struct conversion *c, const struct mime_piece *piece)
{
	return c->goal == GOAL_7BIT ? piece->count_8bit > 0 : piece->long_lines;
}

/* Declares the new encoding of the content in the held header section. */
static void
declare_change(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	if (change != TRANSFER_QUOTED_PRINTABLE && change != TRANSFER_BASE64)
		return;
	if (c->piece.of_message)
		declare_mime(&c->header, piece->count_8bit > 0);
	mime_set_encoding(&c->header,
	    change == TRANSFER_QUOTED_PRINTABLE ? "quoted-printable"
						: "base64");
	c->piece.closed = true;
}

/* A multipart that has no parts is text. */
static bool
declare_text(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	bool is_utf8 = true;

	if (change != TRANSFER_QUOTED_PRINTABLE && change != TRANSFER_BASE64)
		return true;
	if (!message_text_is_utf8(&c->message->body, piece->start, piece->end,
		&is_utf8, c->err))
		return false;
	set_field(&c->header, "Content-Type",
	    piece->count_8bit == 0 ? type_ascii
		: is_utf8          ? type_utf8
				   : type_unknown);
	return true;
}

static bool
write_piece(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	c->long_lines |= change == TRANSFER_KEEP && piece->long_lines;
	return write_header(c)
	    && write_range(c, piece->start, piece->end, change);
}

static bool
write_content(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && !choose_change(c, piece, &change))
		return false;
	if (piece->kind == MIME_PIECE_UNDIVIDED
	    && !declare_text(c, piece, change))
		return false;
	declare_change(c, piece, change);
	return write_piece(c, piece, change);
}

/*
 * Text around the parts has no header section that could declare an encoding.
 * Readers do not show it, so it is encoded nevertheless and not lost.
 */
static bool
write_ignored(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && !piece->protected) {
		change = TRANSFER_QUOTED_PRINTABLE;
		c->piece.closed = true;
	} else if (needs_change(c, piece) && c->goal == GOAL_7BIT) {
		return mime_fail(&c->walk, "text around the parts of ", NULL,
		    OBSTACLE_PROTECTED, c->err);
	} else if (needs_change(c, piece) && c->goal == GOAL_BREAK) {
		change = TRANSFER_BREAK_LINES;
	}
	/* It is the preamble, so the multipart is not encoded. */
	if (c->held && c->goal == GOAL_7BIT && !c->piece.protected
	    && c->walk.entity.encoding != MIME_IDENTITY)
		mime_set_encoding(&c->header, "7bit");
	return write_piece(c, piece, change);
}

static bool
write_delimiter(struct conversion *c, const struct mime_piece *piece)
{
	return write_header(c)
	    && write_range(c, piece->start, piece->end, TRANSFER_KEEP);
}

static bool
convert_pieces(struct conversion *c)
{
	static bool (*const write[])(struct conversion * c,
	    const struct mime_piece *piece) = {
		[MIME_PIECE_HEADER] = hold_header,
		[MIME_PIECE_CONTENT] = write_content,
		[MIME_PIECE_IGNORED] = write_ignored,
		[MIME_PIECE_UNDIVIDED] = write_content,
		[MIME_PIECE_DELIMITER] = write_delimiter,
	};
	struct mime_piece piece;

	while (mime_walk_next(&c->walk, &piece, c->err))
		if (!write[piece.kind](c, &piece))
			return false;
	return !error_is_set(c->err) && write_header(c);
}

/* Adds the last line end of the body, which base64 leaves out. */
static bool
finish_body(struct conversion *c)
{
	uint64_t size = c->body.size + c->out.len;
	char last = '\n';
	size_t got;

	if (c->out.len > 0)
		last = c->out.data[c->out.len - 1];
	else if (size > 0
	    && !buffer_file_read(&c->body, size - 1, &last, 1, &got, c->err))
		return false;
	if (last != '\n')
		str_add_char(&c->out, '\n');
	return flush(c);
}

static void
store_result(struct message *m, struct conversion *c)
{
	str_free(&m->header);
	buffer_file_free(&m->body);
	m->header = c->message_header;
	m->body = c->body;
	m->body_lines = c->seen.lines;
	m->has_8bit_header = !is_ascii(&m->header);
	m->has_8bit_body = c->seen.has_8bit;
	m->has_long_lines = c->long_lines;
	m->broken_lines |= c->broken;
	c->message_header = (struct str){ 0 };
	c->body = (struct buffer_file){ 0 };
}

static bool
convert(struct message *m, enum goal goal, struct error *err)
{
	struct error inner = { 0 };
	struct conversion c = { .goal = goal,
		.message = m,
		.block = alloc_bytes(BLOCK_SIZE),
		.body = { .folder = m->body.folder },
		.held = true,
		.top = true,
		.piece.of_message = true,
		.err = &inner };
	bool ok;

	str_append(&c.header, str_text(&m->header), m->header.len);
	mime_walk_begin(&c.walk, &m->header, &m->body);
	ok = convert_pieces(&c) && finish_body(&c);
	if (ok)
		store_result(m, &c);
	else if (err != NULL)
		error_move(err, &inner);
	mime_walk_end(&c.walk);
	buffer_file_free(&c.body);
	str_free(&c.header);
	str_free(&c.message_header);
	str_free(&c.out);
	free(c.block);
	error_free(&inner);
	return ok;
}

static bool
make_header_7bit(struct message *m, struct error *err)
{
	if (!encode_header(&m->header, err))
		return false;
	m->has_8bit_header = false;
	return true;
}

bool
message_make_7bit(struct message *m, struct error *err)
{
	return m->has_8bit_body ? convert(m, GOAL_7BIT, err)
				: make_header_7bit(m, err);
}

bool
message_shorten_lines(struct message *m, struct error *err)
{
	if (m->has_long_lines)
		return convert(m, GOAL_SHORT, err);
	m->broken_lines |= fold_header(&m->header);
	return true;
}

bool
message_break_lines(struct message *m, struct error *err)
{
	return !m->has_long_lines || convert(m, GOAL_BREAK, err);
}

bool
message_fits(const struct message *m, const struct message_form *form)
{
	return !(form->ascii_header && m->has_8bit_header)
	    && !(form->ascii && message_is_8bit(m))
	    && !(form->short_lines && m->has_long_lines);
}

bool
message_downgrade(const struct message *m, const struct message_form *form,
    struct message *copy, struct error *err)
{
	bool needs_header = form->ascii_header && m->has_8bit_header;
	bool needs_ascii = form->ascii && message_is_8bit(m);
	bool ok;

	message_share(copy, m);
	ok = (!needs_header || make_header_7bit(copy, err))
	    && (!needs_ascii || message_make_7bit(copy, err))
	    && (!form->short_lines || message_break_lines(copy, err));
	if (!ok)
		message_free(copy);
	return ok;
}
