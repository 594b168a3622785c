/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/downgrade.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/header_encode.h"
#include "mail/header_fold.h"
#include "mail/scan.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

enum goal {
	GOAL_7BIT,
	GOAL_SHORT, /* lines, where that loses nothing */
	GOAL_BREAK  /* lines, whatever it costs */
};

struct conversion {
	enum goal goal;
	const struct message *message;
	struct mime_walk walk;
	char *block;
	/* A header section that waits for what its content will need. */
	struct str header;
	bool waiting;
	bool top; /* it is that of the whole message */
	bool of_message;
	bool sealed; /* it must stay as it is */
	bool closed;
	struct str message_header; /* the result */
	struct buffer_file body;   /* the result */
	struct str out;            /* of the body, not yet there */
	struct scan seen;          /* in the body */
	bool broken;
	bool long_lines; /* that were left */
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

/* Writes the octets of the body from start to end, changed. */
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

/* Says how the body is encoded, where the old word for it stood. */
static void
set_encoding(struct str *header, const char *encoding)
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

/* "8bit" and "binary" are no longer true of anything inside. */
static void
withdraw_8bit(struct str *header)
{
	struct header_field field;
	struct str value = { 0 };

	if (!header_find(header, encoding_name, &field))
		return;
	header_unfold(&field, &value);
	if (text_starts_nocase(str_text(&value), "8bit")
	    || text_starts_nocase(str_text(&value), "binary"))
		set_encoding(header, "7bit");
	str_free(&value);
}

/* What a message must say of itself before it may be encoded. */
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

static bool
refuse(struct conversion *c, const char *what)
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

/* What is encoded is longer. */
static bool
encode_header(struct str *header, struct error *err)
{
	if (!header_encode(header, err))
		return false;
	header_fold(header);
	return true;
}

/* Changes the waiting header section itself, not what it says. */
static bool
change_header(struct conversion *c)
{
	if (c->sealed && c->goal != GOAL_BREAK)
		c->long_lines |= header_is_long(&c->header);
	else if (c->goal != GOAL_7BIT)
		c->broken |= header_fold(&c->header);
	if (c->goal != GOAL_7BIT)
		return true;
	if (c->sealed)
		return is_ascii(&c->header)
		    || refuse(c,
			"the header of a signed or encrypted part, which must "
			"not be changed");
	withdraw_8bit(&c->header);
	return encode_header(&c->header, c->err);
}

/* Writes the waiting header section. */
static bool
release_header(struct conversion *c)
{
	if (!c->waiting)
		return true;
	c->waiting = false;
	if (!change_header(c))
		return false;
	if (c->top) {
		c->message_header = c->header;
		c->header = (struct str){ 0 };
		return true;
	}
	str_append(&c->out, str_text(&c->header), c->header.len);
	if (c->closed)
		str_add_char(&c->out, '\n');
	return flush_if_full(c);
}

static bool
take_header(struct conversion *c, const struct mime_piece *piece)
{
	if (!release_header(c))
		return false;
	str_truncate(&c->header, 0);
	str_append(&c->header, str_text(&c->walk.header), c->walk.header.len);
	c->waiting = true;
	c->top = false;
	c->of_message = piece->of_message;
	c->sealed = piece->sealed;
	c->closed = piece->closed;
	return true;
}

/* Content */

/*
 * The shorter encoding; text stays readable unless a third of it and more
 * must be quoted.
 */
static enum transfer_change
choose_encoding(const struct mime_entity *entity,
    const struct mime_piece *piece)
{
	uint64_t size = piece->end - piece->start;
	uint64_t weight = entity->kind == MIME_TEXT ? 3 : 6;

	return piece->high * weight > size ? TRANSFER_BASE64
					   : TRANSFER_QUOTED_PRINTABLE;
}

/* What is done to content that should not stay; false: nothing can be. */
static bool
choose_change(const struct conversion *c, const struct mime_piece *piece,
    enum transfer_change *change)
{
	const struct mime_entity *entity = &c->walk.entity;
	bool fixed = piece->sealed || entity->encoding == MIME_UNKNOWN
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
	return c->goal == GOAL_7BIT ? piece->high > 0 : piece->long_lines;
}

/* Makes the waiting header section say what becomes of the content. */
static void
tell_change(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	if (change != TRANSFER_QUOTED_PRINTABLE && change != TRANSFER_BASE64)
		return;
	if (c->of_message)
		declare_mime(&c->header, piece->high > 0);
	set_encoding(&c->header,
	    change == TRANSFER_QUOTED_PRINTABLE ? "quoted-printable"
						: "base64");
	c->closed = true;
}

static bool
write_piece(struct conversion *c, const struct mime_piece *piece,
    enum transfer_change change)
{
	bool stays = change == TRANSFER_KEEP || change == TRANSFER_REPLACE_8BIT;

	c->long_lines |= stays && piece->long_lines;
	return release_header(c)
	    && write_range(c, piece->start, piece->end, change);
}

static bool
take_content(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && !choose_change(c, piece, &change))
		return refuse(c,
		    piece->sealed ? "a signed or encrypted part, which must "
				    "not be changed"
				  : "a part that cannot be encoded");
	c->broken |= change == TRANSFER_BREAK_LINES;
	tell_change(c, piece, change);
	return write_piece(c, piece, change);
}

static bool
take_padding(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (needs_change(c, piece) && c->goal == GOAL_7BIT && piece->sealed)
		return refuse(c,
		    "a signed or encrypted part, which must not "
		    "be changed");
	if (needs_change(c, piece) && c->goal == GOAL_7BIT)
		change = TRANSFER_REPLACE_8BIT;
	else if (needs_change(c, piece)
	    && (c->goal == GOAL_BREAK || !piece->sealed))
		change = TRANSFER_BREAK_LINES;
	return write_piece(c, piece, change);
}

static bool
take_delimiter(struct conversion *c, const struct mime_piece *piece)
{
	return release_header(c)
	    && write_range(c, piece->start, piece->end, TRANSFER_KEEP);
}

static bool
take_pieces(struct conversion *c)
{
	static bool (*const take[])(struct conversion * c,
	    const struct mime_piece *piece) = {
		[MIME_PIECE_HEADER] = take_header,
		[MIME_PIECE_CONTENT] = take_content,
		[MIME_PIECE_IGNORED] = take_padding,
		[MIME_PIECE_DELIMITER] = take_delimiter,
	};
	struct mime_piece piece;

	while (mime_walk_next(&c->walk, &piece, c->err))
		if (!take[piece.kind](c, &piece))
			return false;
	return !error_is_set(c->err) && release_header(c);
}

/* Base64 ends without a line end, every body with one. */
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
take_result(struct message *m, struct conversion *c)
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
		.waiting = true,
		.top = true,
		.of_message = true,
		.err = &inner };
	bool ok;

	str_append(&c.header, str_text(&m->header), m->header.len);
	mime_walk_begin(&c.walk, &m->header, &m->body);
	ok = take_pieces(&c) && finish_body(&c);
	if (ok)
		take_result(m, &c);
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

bool
message_make_7bit(struct message *m, struct error *err)
{
	if (m->has_8bit_body)
		return convert(m, GOAL_7BIT, err);
	if (!encode_header(&m->header, err))
		return false;
	m->has_8bit_header = false;
	return true;
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

static bool
encode_8bit_header(struct message *m, struct error *err)
{
	if (!header_encode(&m->header, err))
		return false;
	m->has_8bit_header = false;
	return true;
}

bool
message_downgrade(const struct message *m, const struct message_form *form,
    struct message *copy, struct error *err)
{
	bool needs_header = form->ascii_header && m->has_8bit_header;
	bool needs_ascii = form->ascii && message_is_8bit(m);
	bool ok;

	message_share(copy, m);
	ok = (!needs_header || encode_8bit_header(copy, err))
	    && (!needs_ascii || message_make_7bit(copy, err))
	    && (!form->short_lines || message_break_lines(copy, err));
	if (!ok)
		message_free(copy);
	return ok;
}
