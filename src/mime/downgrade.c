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

void
mime_set_encoding(struct str *header, const char *encoding)
{
	static const char *const names[] = { encoding_name };
	struct header_field field;
	size_t offset;

	if (!header_find(header, encoding_name, &field)) {
		header_add(header, encoding_name, encoding);
		return;
	}
	offset = (size_t)(field.start - header->data);
	header_remove(header, names, COUNT_OF(names));
	header_insert(header, offset, encoding_name, encoding);
}

/* Replaces the encodings "8bit" and "binary", which no longer apply. */
static void
declare_7bit(struct str *header)
{
	struct str value = { 0 };

	if (header_value(header, encoding_name, &value)
	    && (text_starts_nocase(str_text(&value), "8bit")
		|| text_starts_nocase(str_text(&value), "binary")))
		mime_set_encoding(header, "7bit");
	str_free(&value);
}

/* Adds the fields that make the message a MIME message. */
static void
declare_mime(struct str *header, bool is_8bit)
{
	if (!header_has(header, "MIME-Version"))
		header_add(header, "MIME-Version", "1.0");
	if (!header_has(header, "Content-Type"))
		header_add(header, "Content-Type",
		    is_8bit ? "text/plain; charset=unknown-8bit"
			    : "text/plain; charset=us-ascii");
}

/* Sets an error about 8-bit text that must not be encoded. */
static bool
fail_8bit(struct conversion *c, const char *what)
{
	return error_set(c->err, ERROR_UNSUPPORTED,
	    "the message has 8-bit text in %s, and the server does not offer "
	    "8BITMIME",
	    what);
}

static bool
is_ascii(const struct str *text)
{
	return text_is_ascii(str_text(text), text->len);
}

/* Encodes the header section, which may make lines too long. */
static bool
encode_header(struct str *header, struct error *err)
{
	if (!header_encode(header, err))
		return false;
	header_fold(header);
	return true;
}

/* Makes the held header section ASCII, or folds it. */
static bool
change_header(struct conversion *c)
{
	if (c->piece.protected && c->goal != GOAL_BREAK)
		c->long_lines |= header_is_long(&c->header);
	else if (c->goal != GOAL_7BIT)
		c->broken |= header_fold(&c->header);
	if (c->goal != GOAL_7BIT)
		return true;
	if (c->piece.protected)
		return is_ascii(&c->header)
		    || fail_8bit(c,
			"the header of a signed or encrypted part, which must "
			"not be changed");
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

/*
 * Chooses the shorter encoding; for text quoted-printable, which stays
 * readable, unless more than a third of the octets are over 127.
 */
static enum transfer_change
choose_encoding(const struct mime_entity *entity,
    const struct mime_piece *piece)
{
	uint64_t size = piece->end - piece->start;
	uint64_t weight = entity->kind == MIME_TEXT ? 3 : 6;

	return piece->count_8bit * weight > size ? TRANSFER_BASE64
						 : TRANSFER_QUOTED_PRINTABLE;
}

/*
 * Chooses the change of content that does not meet the goal.  Returns false if
 * it must be made ASCII but must not be encoded.
 */
static bool
choose_change(const struct conversion *c, const struct mime_piece *piece,
    enum transfer_change *change)
{
	const struct mime_entity *entity = &c->walk.entity;
	bool fixed = piece->protected || entity->encoding == MIME_UNKNOWN
	    || (entity->encoding == MIME_IDENTITY
		&& entity->kind == MIME_FIXED);

	if (fixed)
		*change = c->goal == GOAL_BREAK ? TRANSFER_BREAK_LINES
						: TRANSFER_KEEP;
	else if (entity->encoding == MIME_IDENTITY)
		*change = choose_encoding(entity, piece);
	else
		*change = entity->encoding == MIME_QUOTED_PRINTABLE
		    ? TRANSFER_REPAIR_QUOTED
		    : TRANSFER_REPAIR_BASE64;
	return !fixed || c->goal != GOAL_7BIT;
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

static bool
write_piece(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	bool keeps_lines =
	    change == TRANSFER_KEEP || change == TRANSFER_REPLACE_8BIT;

	c->long_lines |= keeps_lines && piece->long_lines;
	return write_header(c)
	    && write_range(c, piece->start, piece->end, change);
}

static bool
write_content(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && !choose_change(c, piece, &change))
		return fail_8bit(c,
		    piece->protected ? "a signed or encrypted part, which must "
				       "not be changed"
				     : "a part that cannot be encoded");
	c->broken |= change == TRANSFER_BREAK_LINES;
	declare_change(c, piece, change);
	return write_piece(c, piece, change);
}

static bool
write_ignored(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && c->goal == GOAL_7BIT && piece->protected)
		return fail_8bit(c,
		    "a signed or encrypted part, which must not "
		    "be changed");
	if (needs_change(c, piece) && c->goal == GOAL_7BIT)
		change = TRANSFER_REPLACE_8BIT;
	else if (needs_change(c, piece)
	    && (c->goal == GOAL_BREAK || !piece->protected))
		change = TRANSFER_BREAK_LINES;
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
	m->broken_lines |= header_fold(&m->header);
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
