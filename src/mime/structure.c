/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks through a body piece by piece.  The body is read in blocks; open
 * multiparts are on a stack of frames.
 */
#include "mime/structure.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/message.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
/* The start of a line that decides what it is. */
#define LINE_LOOK ((size_t)1024)

enum state {
	AT_CONTENT,
	AT_HEADER,
	AT_PREAMBLE,
	AT_EPILOGUE,
	AT_DELIMITER,
	AT_END
};

/* Reading */

/*
 * Returns octets of the body from `at` on: at least LINE_LOOK, or up to its
 * end.  *len is 0 only at the end.
 */
static bool
peek(struct mime_walk *w, uint64_t at, const char **data, size_t *len,
    struct error *err)
{
	uint64_t end = w->block_at + w->block_len;
	bool known = at >= w->block_at && at <= end
	    && (end - at >= LINE_LOOK || end == w->body->size);

	if (!known) {
		w->block_at = at;
		if (!buffer_file_read(w->body, at, w->block, BLOCK_SIZE,
			&w->block_len, err))
			return false;
	}
	*data = w->block + (at - w->block_at);
	*len = w->block_len - (size_t)(at - w->block_at);
	return true;
}

/* Delimiters */

/*
 * delimiter := CRLF dash-boundary
 * dash-boundary := "--" boundary
 * close-delimiter := delimiter "--"
 * Both may be followed by transport-padding := *LWSP-char.  The line has no
 * line end.
 */
static bool
is_delimiter(const struct mime_frame *frame, const char *line, size_t len,
    bool *closes)
{
	const char *rest = line + 2 + frame->len, *end = line + len;

	if (len < 2 + frame->len
	    || memcmp(line + 2, frame->boundary, frame->len) != 0)
		return false;
	*closes = end - rest >= 2 && rest[0] == '-' && rest[1] == '-';
	if (*closes)
		rest += 2;
	while (rest < end && text_is_space(*rest))
		rest++;
	return rest == end;
}

/* Whether the delimiter counts.  Readers stop at a close-delimiter that comes
 * before all parts. */
static bool
accepts(struct mime_frame *frame, bool closes)
{
	frame->ended |= closes && frame->parts == 0;
	return !frame->ended;
}

/*
 * A delimiter also ends the multiparts inside.  Readers divide a multipart before
 * they divide its parts, so the outermost one with that boundary counts.
 */
static bool
find_delimiter(struct mime_walk *w, const char *line, size_t len)
{
	const char *lf;

	if (w->depth == 0 || len < 2 || line[0] != '-' || line[1] != '-')
		return false;
	lf = memchr(line, '\n', len);
	len = lf == NULL ? len : (size_t)(lf - line);
	if (len > LINE_LOOK / 2)
		return false;
	for (size_t i = 0; i < w->depth; i++) {
		if (is_delimiter(&w->frames[i], line, len, &w->closes)
		    && accepts(&w->frames[i], w->closes)) {
			w->found = i;
			return true;
		}
	}
	return false;
}

static void
push_frame(struct mime_walk *w)
{
	struct mime_entity *entity = &w->entity;
	struct mime_frame *frame = &w->frames[w->depth];

	*frame = (struct mime_frame){ .boundary = entity->boundary,
		.len = strlen(entity->boundary),
		.protected =
		    entity->protected || (w->depth > 0 && frame[-1].protected),
		.digest = entity->digest };
	entity->boundary = NULL;
	w->depth++;
}

static void
pop_frames(struct mime_walk *w, size_t depth)
{
	while (w->depth > depth)
		free(w->frames[--w->depth].boundary);
}

static bool
is_protected(const struct mime_walk *w, size_t depth)
{
	return depth > 0 && w->frames[depth - 1].protected;
}

/* Pieces */

static uint64_t
count_8bit(const char *data, size_t len)
{
	uint64_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += (unsigned char)data[i] >> 7;
	return count;
}

/* Reads text up to the next delimiter or the end of the body. */
static bool
read_text(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	uint64_t at = w->at, line = at;
	const char *data;
	size_t len;

	w->state = AT_END;
	for (;;) {
		const char *lf;

		if (!peek(w, at, &data, &len, err))
			return false;
		if (len == 0)
			break;
		if (at == line && find_delimiter(w, data, len)) {
			w->state = AT_DELIMITER;
			break;
		}
		lf = memchr(data, '\n', len);
		len = lf == NULL ? len : (size_t)(lf - data);
		piece->count_8bit += count_8bit(data, len);
		at += len;
		piece->long_lines |= at - line > MESSAGE_LINE_MAX;
		if (lf != NULL)
			line = ++at;
	}
	/* The line end before a delimiter belongs to the delimiter. */
	if (w->state == AT_DELIMITER && at > w->at)
		at--;
	w->at = piece->end = at;
	return true;
}

static bool
read_content(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	piece->kind = MIME_PIECE_CONTENT;
	piece->protected |= w->entity.protected;
	return read_text(w, piece, err);
}

static bool
read_epilogue(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	piece->kind = MIME_PIECE_IGNORED;
	return read_text(w, piece, err);
}

/* The preamble is outside of what a signature or encryption protects. */
static bool
read_preamble(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	if (!read_text(w, piece, err))
		return false;
	if (w->state == AT_DELIMITER && w->found == w->depth - 1) {
		piece->kind = MIME_PIECE_IGNORED;
		piece->protected = is_protected(w, w->depth - 1);
	} else {
		piece->kind = MIME_PIECE_UNDIVIDED;
	}
	return true;
}

static bool
read_delimiter(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	const char *data, *lf;
	size_t len;

	piece->kind = MIME_PIECE_DELIMITER;
	if (!peek(w, w->at, &data, &len, err))
		return false;
	lf = memchr(data + 1, '\n', len - 1);
	w->at += lf == NULL ? len : (size_t)(lf + 1 - data);
	piece->end = w->at;
	pop_frames(w, w->closes ? w->found : w->found + 1);
	if (!w->closes)
		w->frames[w->found].parts++;
	w->state = w->closes ? AT_EPILOGUE : AT_HEADER;
	return true;
}

/* Octets of the "From " line of an mbox.  It cannot be folded, also not when its
 * octets over 127 are encoded. */
#define MBOX_LINE_MAX ((size_t)MESSAGE_LINE_MAX / 3)

/* An enclosed message may begin with the "From " line of an mbox. */
static bool
is_mbox_line(const struct str *header, const char *line, size_t len)
{
	size_t quote = len > 0 && *line == '>' ? 1 : 0;
	size_t most = len < MBOX_LINE_MAX ? len : MBOX_LINE_MAX;

	return header->len == 0 && len >= 5 + quote
	    && memcmp(line + quote, "From ", 5) == 0
	    && memchr(line, '\n', most) != NULL;
}

/* Whether the header section has no field yet that could be continued. */
static bool
is_mbox_line_only(const struct str *header)
{
	const struct str none = { 0 };

	return header->len > 0 && is_mbox_line(&none, header->data, header->len)
	    && memchr(header->data, '\n', header->len)
	    == header->data + header->len - 1;
}

static bool
belongs_to_header(const struct mime_walk *w, const char *line, size_t len)
{
	if (text_is_space(*line) && is_mbox_line_only(&w->header))
		return false;
	return w->header.len <= MIME_HEADER_MAX
	    && (header_accepts_line(&w->header, line, len)
		|| is_mbox_line(&w->header, line, len));
}

/* Adds the line at w->at to the header section. */
static bool
add_line(struct mime_walk *w, struct error *err)
{
	const char *data, *lf;
	size_t len;

	do {
		if (!peek(w, w->at, &data, &len, err))
			return false;
		lf = memchr(data, '\n', len);
		len = lf == NULL ? len : (size_t)(lf + 1 - data);
		str_append(&w->header, data, len);
		w->at += len;
	} while (lf == NULL && len > 0 && w->header.len <= MIME_HEADER_MAX);
	return true;
}

static bool
read_header(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	const char *data = NULL;
	size_t len = 0;
	bool in_digest;

	piece->kind = MIME_PIECE_HEADER;
	piece->of_message = w->entity.kind == MIME_MESSAGE;
	in_digest = w->depth > 0 && w->frames[w->depth - 1].digest
	    && !piece->of_message;
	str_truncate(&w->header, 0);
	for (;;) {
		if (!peek(w, w->at, &data, &len, err))
			return false;
		piece->closed = len > 0 && *data == '\n';
		if (len == 0 || piece->closed || find_delimiter(w, data, len)
		    || !belongs_to_header(w, data, len))
			break;
		if (!add_line(w, err))
			return false;
	}
	w->at += piece->closed ? 1 : 0;
	piece->end = w->at;
	mime_entity_free(&w->entity);
	mime_entity_read(&w->entity, &w->header, in_digest);
	if (w->header.len > MIME_HEADER_MAX)
		w->entity.kind = MIME_FIXED;
	w->state = AT_CONTENT;
	return true;
}

void
mime_walk_begin(struct mime_walk *w, const struct str *header,
    const struct buffer_file *body)
{
	*w = (struct mime_walk){ .body = body,
		.block = alloc_bytes(BLOCK_SIZE) };
	mime_entity_read(&w->entity, header, false);
}

/* Enters a multipart or an enclosed message. */
static void
enter_body(struct mime_walk *w)
{
	struct mime_entity *entity = &w->entity;

	if (entity->kind == MIME_MULTIPART && w->depth == MIME_DEPTH_MAX)
		entity->kind = MIME_FIXED;
	if (entity->kind == MIME_MULTIPART) {
		push_frame(w);
		w->state = AT_PREAMBLE;
	} else if (entity->kind == MIME_MESSAGE) {
		w->state = AT_HEADER;
	}
}

bool
mime_walk_next(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	static bool (*const read[])(struct mime_walk * w,
	    struct mime_piece * piece, struct error * err) = {
		[AT_CONTENT] = read_content,
		[AT_HEADER] = read_header,
		[AT_PREAMBLE] = read_preamble,
		[AT_EPILOGUE] = read_epilogue,
		[AT_DELIMITER] = read_delimiter,
	};

	if (w->state == AT_CONTENT)
		enter_body(w);
	if (w->state == AT_END)
		return false;
	*piece = (struct mime_piece){ .start = w->at,
		.protected = is_protected(w, w->depth) };
	return read[w->state](w, piece, err);
}

void
mime_walk_place(const struct mime_walk *w, struct str *out)
{
	const char *before = "part ";

	for (size_t i = 0; i < w->depth && w->frames[i].parts > 0; i++) {
		str_printf(out, "%s%zu", before, w->frames[i].parts);
		before = ".";
	}
	str_add(out, *before == '.' ? " of the message" : "the message");
}

void
mime_walk_end(struct mime_walk *w)
{
	pop_frames(w, 0);
	mime_entity_free(&w->entity);
	str_free(&w->header);
	free(w->block);
	*w = (struct mime_walk){ 0 };
}
