/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the octets of a binary message as lines with escapes, in which the
 * structure of the message can be found, and encodes the parts with escapes.
 */
#include "mime/binary.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/read_message.h"
#include "mime/fields.h"
#include "mime/structure.h"
#include "mime/transfer_encoding.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

/* Escapes: a NUL and one of these. */
#define ESCAPE '\0'
#define ESCAPED_NUL '0'
#define ESCAPED_CR 'r'
#define ESCAPED_LF 'n'
#define ESCAPED_END 'e' /* the line end after it is not in the message */

/* Receiving */

void
binary_message_begin(struct binary_message *b, const char *folder)
{
	*b = (struct binary_message){ .text.folder = folder,
		.line_start = true };
}

static void
add_escape(struct binary_message *b, struct str *out, char escaped)
{
	str_add_char(out, ESCAPE);
	str_add_char(out, escaped);
	b->has_escapes = true;
	b->line_start = false;
}

/* Adds an octet that is a CR, an LF or a NUL, or that follows a CR. */
static void
add_special(struct binary_message *b, struct str *out, char octet)
{
	bool after_cr = b->held_cr;

	b->held_cr = false;
	if (after_cr && octet != '\n')
		add_escape(b, out, ESCAPED_CR);
	if (octet == '\r') {
		b->held_cr = true;
	} else if (octet == '\0') {
		add_escape(b, out, ESCAPED_NUL);
	} else if (octet == '\n' && !after_cr) {
		add_escape(b, out, ESCAPED_LF);
	} else {
		str_add_char(out, octet);
		b->line_start = octet == '\n';
	}
}

static size_t
plain_length(const char *data, size_t len)
{
	size_t i = 0;

	while (i < len && data[i] != '\r' && data[i] != '\n' && data[i] != '\0')
		i++;
	return i;
}

bool
binary_message_add(struct binary_message *b, const char *data, size_t len,
    struct error *err)
{
	struct str out = { 0 };
	bool ok;

	if (b->text.size + len > MESSAGE_INPUT_MAX)
		return error_set(err, ERROR_TOO_BIG,
		    "the message has more than %llu octets",
		    (unsigned long long)MESSAGE_INPUT_MAX);
	while (len > 0) {
		size_t plain = b->held_cr ? 0 : plain_length(data, len);

		str_append(&out, data, plain);
		b->line_start = b->line_start && plain == 0;
		data += plain;
		len -= plain;
		if (len > 0) {
			add_special(b, &out, *data++);
			len--;
		}
	}
	ok = buffer_file_add(&b->text, str_text(&out), out.len, err);
	str_free(&out);
	return ok;
}

/* Ends the last line. */
static bool
finish_text(struct binary_message *b, struct error *err)
{
	struct str out = { 0 };
	bool ok;

	if (b->held_cr)
		add_escape(b, &out, ESCAPED_CR);
	if (!b->line_start) {
		add_escape(b, &out, ESCAPED_END);
		str_add_char(&out, '\n');
	}
	b->held_cr = false;
	b->line_start = true;
	ok = buffer_file_add(&b->text, str_text(&out), out.len, err);
	str_free(&out);
	return ok;
}

/* Decoding */

/* A position in text with escapes, which may be divided anywhere. */
struct decoder {
	bool exact; /* restore the octets that were received */
	bool escaped;
	bool at_end; /* drop the next line end */
};

static void
decode_escape(struct decoder *d, char c, struct str *out)
{
	d->escaped = false;
	d->at_end = c == ESCAPED_END && d->exact;
	if (c == ESCAPED_NUL && d->exact)
		str_add_char(out, '\0');
	else if (c == ESCAPED_CR)
		str_add_char(out, '\r');
	else if (c == ESCAPED_LF)
		str_add_char(out, '\n');
}

/* Appends the octets that were received, or the same without NULs and with
 * line ends as in a message that is read elsewhere. */
static void
decode(struct decoder *d, const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len;) {
		size_t plain = d->escaped ? 0 : plain_length(text + i, len - i);

		str_append(out, text + i, plain);
		i += plain;
		if (i == len)
			break;
		if (d->escaped)
			decode_escape(d, text[i], out);
		else if (text[i] == ESCAPE)
			d->escaped = true;
		else if (!d->at_end)
			str_add(out, d->exact ? "\r\n" : "\n");
		i++;
	}
}

/* Writing */

struct encoding {
	const struct buffer_file *text;
	struct mime_walk walk;
	struct message_reader *reader;
	char *block;
	struct str out;
	struct str header; /* of the next part, not written yet */
	bool has_header;
	struct mime_piece header_piece;
};

static bool
flush(struct encoding *e, struct error *err)
{
	bool ok = e->out.len == 0
	    || message_reader_feed(e->reader, e->out.data, e->out.len, err);

	str_truncate(&e->out, 0);
	return ok;
}

static bool
read_block(struct encoding *e, uint64_t start, uint64_t end, size_t *got,
    struct error *err)
{
	uint64_t left = end - start;

	return buffer_file_read(e->text, start, e->block,
	    left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE, got, err);
}

static bool
has_escapes(struct encoding *e, const struct mime_piece *piece, bool *found,
    struct error *err)
{
	size_t got;

	*found = false;
	for (uint64_t at = piece->start; at < piece->end && !*found;
	     at += got) {
		if (!read_block(e, at, piece->end, &got, err))
			return false;
		*found = memchr(e->block, ESCAPE, got) != NULL;
	}
	return true;
}

static bool
write_normal(struct encoding *e, const struct mime_piece *piece,
    struct error *err)
{
	struct decoder decoder = { 0 };
	size_t got;

	for (uint64_t at = piece->start; at < piece->end; at += got) {
		if (!read_block(e, at, piece->end, &got, err))
			return false;
		decode(&decoder, e->block, got, &e->out);
		if (!flush(e, err))
			return false;
	}
	return true;
}

static bool
write_base64(struct encoding *e, const struct mime_piece *piece,
    struct error *err)
{
	struct decoder decoder = { .exact = true };
	struct transfer transfer = { .change = TRANSFER_BASE64_OCTETS };
	struct str octets = { 0 };
	size_t got;
	bool ok = true;

	for (uint64_t at = piece->start; ok && at < piece->end; at += got) {
		ok = read_block(e, at, piece->end, &got, err);
		if (!ok)
			break;
		str_truncate(&octets, 0);
		decode(&decoder, e->block, got, &octets);
		transfer_feed(&transfer, str_text(&octets), octets.len,
		    at + got == piece->end, &e->out);
		ok = flush(e, err);
	}
	str_free(&octets);
	return ok;
}

/* Header sections */

static void
declare_base64(struct encoding *e)
{
	mime_set_encoding(&e->header, "base64");
	if (e->header_piece.of_message
	    && !header_has(&e->header, "MIME-Version"))
		header_add(&e->header, "MIME-Version", "1.0");
}

static bool
write_header(struct encoding *e, bool base64, struct error *err)
{
	struct decoder decoder = { 0 };

	if (!e->has_header)
		return true;
	e->has_header = false;
	if (base64)
		declare_base64(e);
	else if (!e->header_piece.protected)
		mime_declare_8bit(&e->header);
	decode(&decoder, str_text(&e->header), e->header.len, &e->out);
	if (e->header_piece.closed || base64)
		str_add_char(&e->out, '\n');
	return flush(e, err);
}

static bool
hold_header(struct encoding *e, const struct mime_piece *piece,
    struct error *err)
{
	e->header_piece.closed |= piece->of_message && !piece->protected;
	if (!write_header(e, false, err))
		return false;
	str_truncate(&e->header, 0);
	str_append(&e->header, str_text(&e->walk.header), e->walk.header.len);
	e->has_header = true;
	e->header_piece = *piece;
	return true;
}

/* Content */

/* Whether the part is in one that is signed or encrypted.  The part itself may
 * be encrypted: its encoding may change. */
static bool
is_enclosed_in_protected(const struct encoding *e)
{
	const struct mime_walk *w = &e->walk;

	return w->depth > 0 && w->frames[w->depth - 1].protected;
}

static bool
may_be_encoded(const struct encoding *e)
{
	enum mime_kind kind = e->walk.entity.kind;

	return e->has_header && (kind == MIME_TEXT || kind == MIME_OTHER)
	    && !is_enclosed_in_protected(e);
}

/* Whether the octets of the content count, and not only its lines. */
static bool
is_binary(const struct encoding *e)
{
	const struct mime_entity *entity = &e->walk.entity;

	return entity->encoding == MIME_IDENTITY
	    && (entity->kind == MIME_OTHER || entity->binary);
}

static bool
write_content(struct encoding *e, const struct mime_piece *piece,
    struct error *err)
{
	bool found = false;

	if (!has_escapes(e, piece, &found, err))
		return false;
	if (!found || !is_binary(e))
		return write_header(e, false, err)
		    && write_normal(e, piece, err);
	if (may_be_encoded(e))
		return write_header(e, true, err)
		    && write_base64(e, piece, err);
	error_set(err, ERROR_UNSUPPORTED,
	    "the message has binary data in a part that must not be encoded");
	return error_status(err, "5.6.1");
}

static bool
write_piece(struct encoding *e, const struct mime_piece *piece,
    struct error *err)
{
	if (piece->kind == MIME_PIECE_HEADER)
		return hold_header(e, piece, err);
	if (piece->kind == MIME_PIECE_CONTENT
	    || piece->kind == MIME_PIECE_UNDIVIDED)
		return write_content(e, piece, err);
	return write_header(e, false, err) && write_normal(e, piece, err);
}

static bool
write_pieces(struct encoding *e, struct error *err)
{
	struct mime_piece piece;
	struct error end = { 0 };

	while (mime_walk_next(&e->walk, &piece, &end))
		if (!write_piece(e, &piece, err))
			return false;
	if (error_is_set(&end)) {
		error_move(err, &end);
		return false;
	}
	return write_header(e, false, err);
}

/* The whole text is an enclosed message to the walk. */
static bool
encode_parts(const struct binary_message *b, struct message_reader *reader,
    struct error *err)
{
	char type[] = "Content-Type: message/rfc822\n";
	const struct str header = { type, strlen(type), 0 };
	struct encoding e = { .text = &b->text,
		.reader = reader,
		.block = alloc_bytes(BLOCK_SIZE) };
	bool ok;

	mime_walk_begin(&e.walk, &header, &b->text);
	ok = write_pieces(&e, err);
	mime_walk_end(&e.walk);
	str_free(&e.header);
	str_free(&e.out);
	free(e.block);
	return ok;
}

/* Without escapes the text is in normal form. */
static bool
copy_text(const struct binary_message *b, struct message_reader *reader,
    struct error *err)
{
	char *block = alloc_bytes(BLOCK_SIZE);
	uint64_t at = 0;
	size_t got = 0;
	bool ok = true;

	while (ok && at < b->text.size) {
		ok =
		    buffer_file_read(&b->text, at, block, BLOCK_SIZE, &got, err)
		    && message_reader_feed(reader, block, got, err);
		at += got;
	}
	free(block);
	return ok;
}

bool
binary_message_end(struct binary_message *b, struct message *m,
    struct error *err)
{
	struct message_reader reader;
	bool ok;

	if (!finish_text(b, err))
		return false;
	m->body.folder = b->text.folder;
	message_reader_begin(&reader, m, false);
	ok = (b->has_escapes ? encode_parts(b, &reader, err)
			     : copy_text(b, &reader, err))
	    && message_reader_end(&reader, err);
	message_reader_free(&reader);
	return ok;
}

void
binary_message_free(struct binary_message *b)
{
	buffer_file_free(&b->text);
	*b = (struct binary_message){ 0 };
}
