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
#include "mime/fields.h"
#include "mime/octets.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

enum goal {
	GOAL_OCTETS, /* the octets of binary parts, which m->exact has */
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
	struct octet_finder finder;
	uint64_t nuls;   /* that were encoded */
	bool broken;     /* a line was broken */
	bool long_lines; /* a long line was kept */
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

/* Writes the octets from start to end with the change. */
static bool
write_octets(struct conversion *c, const struct buffer_file *from,
    uint64_t start, uint64_t end, enum transfer_change change)
{
	struct transfer t = { .change = change };

	while (start < end) {
		size_t want = end - start < BLOCK_SIZE ? (size_t)(end - start)
						       : BLOCK_SIZE;
		size_t got;

		if (!buffer_file_read(from, start, c->block, want, &got,
			c->err))
			return false;
		start += transfer_feed(&t, c->block, got, start + got == end,
		    &c->out);
		if (!flush_if_full(c))
			return false;
	}
	return true;
}

static bool
write_range(struct conversion *c, uint64_t start, uint64_t end,
    enum transfer_change change)
{
	return write_octets(c, &c->message->body, start, end, change);
}

/* Header sections */

static bool
is_ascii(const struct str *text)
{
	return text_is_ascii(str_text(text), text->len);
}

/* Makes the held header section ASCII, or folds it. */
static bool
change_header(struct conversion *c)
{
	if (c->goal == GOAL_OCTETS) {
		if (!c->piece.protected)
			mime_declare_8bit(&c->header);
		c->long_lines |= !c->top && header_is_long(&c->header);
		return true;
	}
	if (c->piece.protected && c->goal != GOAL_BREAK)
		c->long_lines |= header_is_long(&c->header);
	else if (c->goal != GOAL_7BIT)
		c->broken |= mime_fold_header(&c->header);
	if (c->goal != GOAL_7BIT)
		return true;
	if (c->piece.protected)
		return is_ascii(&c->header)
		    || mime_fail(&c->walk, "the header of ", &c->header,
			OBSTACLE_PROTECTED, c->err);
	mime_declare_7bit(&c->header);
	return mime_encode_header(&c->header, c->err);
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

/* Without an empty line before it, the header section of an enclosed message
 * would get its new fields in the one around it. */
static bool
hold_header(struct conversion *c, const struct mime_piece *piece)
{
	c->piece.closed |= piece->of_message && !piece->protected;
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
	if (c->goal == GOAL_OCTETS)
		return false;
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
		mime_declare_message(&c->header, piece->count_8bit > 0);
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
	mime_declare_text(&c->header,
	    piece->count_8bit == 0 ? CHARSET_ASCII
		: is_utf8          ? CHARSET_UTF8
				   : CHARSET_UNKNOWN);
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

/* Binary content */

/* A part itself may be encrypted: its encoding may change. */
static bool
may_be_encoded(const struct conversion *c)
{
	const struct mime_walk *w = &c->walk;
	enum mime_kind kind = w->entity.kind;

	return (kind == MIME_TEXT || kind == MIME_OTHER)
	    && !(w->depth > 0 && w->frames[w->depth - 1].protected);
}

static bool
fail_binary(struct conversion *c)
{
	struct str place = { 0 };

	mime_walk_place(&c->walk, &place);
	error_set(c->err, ERROR_UNSUPPORTED,
	    "%s is declared as binary, and its NULs, CRs and LFs cannot be "
	    "kept: encode it as base64",
	    str_text(&place));
	str_free(&place);
	return error_status(c->err, "5.6.1");
}

static bool
write_base64(struct conversion *c, const struct octets *o)
{
	if (c->piece.of_message)
		mime_declare_message(&c->header, true);
	mime_set_encoding(&c->header, "base64");
	c->piece.closed = true;
	c->nuls += o->nuls;
	return write_header(c)
	    && write_octets(c, &c->message->exact, o->start, o->end,
		TRANSFER_BASE64_OCTETS);
}

static bool
write_binary(struct conversion *c, const struct mime_piece *piece)
{
	struct octets o = { 0 };

	if (!c->message->has_exact)
		return fail_binary(c);
	if (!octet_finder_find(&c->finder, piece, &o, c->err))
		return false;
	if (!octets_change(&o, c->walk.entity.kind == MIME_OTHER))
		return write_piece(c, piece, TRANSFER_KEEP);
	return may_be_encoded(c) ? write_base64(c, &o) : fail_binary(c);
}

static bool
write_content(struct conversion *c, const struct mime_piece *piece)
{
	enum transfer_change change = TRANSFER_KEEP;

	if (c->goal == GOAL_OCTETS && c->walk.entity.binary)
		return write_binary(c, piece);
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
	m->nuls -= c->nuls;
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
	if (goal == GOAL_OCTETS)
		octet_finder_begin(&c.finder, m);
	ok = convert_pieces(&c) && finish_body(&c);
	if (ok)
		store_result(m, &c);
	else if (err != NULL)
		error_move(err, &inner);
	mime_walk_end(&c.walk);
	octet_finder_end(&c.finder);
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
	if (!mime_encode_header(&m->header, err))
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
	m->broken_lines |= mime_fold_header(&m->header);
	/* What is folded can become encoded words. */
	m->has_8bit_header = m->has_8bit_header && !is_ascii(&m->header);
	return true;
}

bool
message_break_lines(struct message *m, struct error *err)
{
	return !m->has_long_lines || convert(m, GOAL_BREAK, err);
}

bool
message_encode_binary(struct message *m, struct error *err)
{
	bool ok = !(m->has_exact || m->inexact) || convert(m, GOAL_OCTETS, err);

	buffer_file_free(&m->exact);
	m->has_exact = false;
	return ok;
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
