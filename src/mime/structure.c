/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/structure.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/header.h"
#include "mail/message.h"

#define BLOCK_SIZE ((size_t)64 * 1024)
/* What is looked at to tell what a line is. */
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
 * Octets of the body from `at` on: LINE_LOOK at least, but at its end.
 * *len is 0 only there.
 */
static bool
look(struct mime_walk *w, uint64_t at, const char **data, size_t *len,
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

/* delimiter := "--" boundary ["--"] transport-padding LF */
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

/* Innermost first: a part without its end is ended by what is around it. */
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
	for (size_t i = w->depth; i > 0; i--) {
		if (is_delimiter(&w->frames[i - 1], line, len, &w->closes)) {
			w->found = i - 1;
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
		.sealed = entity->sealed || (w->depth > 0 && frame[-1].sealed),
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
is_sealed(const struct mime_walk *w, size_t depth)
{
	return depth > 0 && w->frames[depth - 1].sealed;
}

/* Pieces */

static uint64_t
count_high(const char *data, size_t len)
{
	uint64_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += (unsigned char)data[i] >> 7;
	return count;
}

/* Text up to the next delimiter or the end. */
static bool
take_text(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	uint64_t at = w->at, line = at;
	const char *data;
	size_t len;

	w->state = AT_END;
	for (;;) {
		const char *lf;

		if (!look(w, at, &data, &len, err))
			return false;
		if (len == 0)
			break;
		if (at == line && find_delimiter(w, data, len)) {
			w->state = AT_DELIMITER;
			break;
		}
		lf = memchr(data, '\n', len);
		len = lf == NULL ? len : (size_t)(lf - data);
		piece->high += count_high(data, len);
		at += len;
		piece->long_lines |= at - line > MESSAGE_LINE_MAX;
		if (lf != NULL)
			line = ++at;
	}
	/* The line end before a delimiter is part of it. */
	if (w->state == AT_DELIMITER && at > w->at)
		at--;
	w->at = piece->end = at;
	return true;
}

static bool
take_content(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	piece->kind = MIME_PIECE_CONTENT;
	piece->sealed |= w->entity.sealed;
	return take_text(w, piece, err);
}

/* A seal is on what stands between the delimiters. */
static bool
take_preamble(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	piece->kind = MIME_PIECE_IGNORED;
	piece->sealed = is_sealed(w, w->depth - 1);
	return take_text(w, piece, err);
}

static bool
take_epilogue(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	piece->kind = MIME_PIECE_IGNORED;
	return take_text(w, piece, err);
}

static bool
take_delimiter(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	const char *data, *lf;
	size_t len;

	piece->kind = MIME_PIECE_DELIMITER;
	if (!look(w, w->at, &data, &len, err))
		return false;
	lf = memchr(data + 1, '\n', len - 1);
	w->at += lf == NULL ? len : (size_t)(lf + 1 - data);
	piece->end = w->at;
	pop_frames(w, w->closes ? w->found : w->found + 1);
	w->state = w->closes ? AT_EPILOGUE : AT_HEADER;
	return true;
}

/* A message inside may begin as in an mbox file. */
static bool
is_mbox_line(const struct str *header, const char *line, size_t len)
{
	size_t quote = len > 0 && *line == '>' ? 1 : 0;

	return header->len == 0 && len >= 5 + quote
	    && memcmp(line + quote, "From ", 5) == 0;
}

/* Whether the header section goes on with this line. */
static bool
goes_on(const struct mime_walk *w, const char *line, size_t len)
{
	if (w->header.len > MIME_HEADER_MAX)
		return false;
	switch (header_line_kind(line, len)) {
	case HEADER_FIELD:
		return true;
	case HEADER_CONTINUATION:
		return w->header.len > 0;
	case HEADER_OTHER:
		break;
	}
	return is_mbox_line(&w->header, line, len);
}

/* Adds the line at w->at to the header section. */
static bool
add_line(struct mime_walk *w, struct error *err)
{
	const char *data, *lf;
	size_t len;

	do {
		if (!look(w, w->at, &data, &len, err))
			return false;
		lf = memchr(data, '\n', len);
		len = lf == NULL ? len : (size_t)(lf + 1 - data);
		str_append(&w->header, data, len);
		w->at += len;
	} while (lf == NULL && len > 0 && w->header.len <= MIME_HEADER_MAX);
	return true;
}

static bool
take_header(struct mime_walk *w, struct mime_piece *piece, struct error *err)
{
	const char *data = NULL;
	size_t len = 0;
	bool digest;

	piece->kind = MIME_PIECE_HEADER;
	piece->of_message = w->entity.kind == MIME_MESSAGE;
	digest = w->depth > 0 && w->frames[w->depth - 1].digest
	    && !piece->of_message;
	str_truncate(&w->header, 0);
	for (;;) {
		if (!look(w, w->at, &data, &len, err))
			return false;
		piece->closed = len > 0 && *data == '\n';
		if (len == 0 || piece->closed || find_delimiter(w, data, len)
		    || !goes_on(w, data, len))
			break;
		if (!add_line(w, err))
			return false;
	}
	w->at += piece->closed ? 1 : 0;
	piece->end = w->at;
	mime_entity_free(&w->entity);
	mime_entity_read(&w->entity, &w->header, digest);
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

/* What a body turns out to be when it begins. */
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
	static bool (*const take[])(struct mime_walk * w,
	    struct mime_piece * piece, struct error * err) = {
		[AT_CONTENT] = take_content,
		[AT_HEADER] = take_header,
		[AT_PREAMBLE] = take_preamble,
		[AT_EPILOGUE] = take_epilogue,
		[AT_DELIMITER] = take_delimiter,
	};

	if (w->state == AT_CONTENT)
		enter_body(w);
	if (w->state == AT_END)
		return false;
	*piece = (struct mime_piece){ .start = w->at,
		.sealed = is_sealed(w, w->depth) };
	return take[w->state](w, piece, err);
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
