/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves a cursor from piece to piece, and counts what is special in them. */
#include "mime/octets.h"

#include <stdlib.h>

#include "base/alloc.h"

#define BLOCK_SIZE ((size_t)32 * 1024)

static void
count_octet(struct octets *o, char before, char octet)
{
	o->nuls += octet == '\0';
	o->bare_crs += before == '\r' && octet != '\n';
	o->bare_lfs += before != '\r' && octet == '\n';
	o->crlfs += before == '\r' && octet == '\n';
}

static bool
count_octets(const struct buffer_file *exact, struct octets *o,
    struct error *err)
{
	char *block = alloc_bytes(BLOCK_SIZE);
	char before = '\n';
	bool ok = true;
	size_t got = 0;

	for (uint64_t at = o->start; ok && at < o->end; at += got) {
		uint64_t left = o->end - at;

		ok = buffer_file_read(exact, at, block,
		    left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE, &got, err);
		for (size_t i = 0; ok && i < got; i++) {
			count_octet(o, before, block[i]);
			before = block[i];
		}
	}
	o->bare_crs += before == '\r';
	free(block);
	return ok;
}

/* Whether the line before the cursor ends in CRLF, as the delimiter after the
 * content then does. */
static bool
follows_crlf(const struct octet_finder *f, bool *follows, struct error *err)
{
	char end[2] = { 0 };
	uint64_t at = f->cursor.at;
	size_t got = 0;

	if (at >= 2
	    && !buffer_file_read(&f->message->exact, at - 2, end, 2, &got, err))
		return false;
	*follows = got == 2 && end[0] == '\r' && end[1] == '\n';
	return true;
}

void
octet_finder_begin(struct octet_finder *f, const struct message *m)
{
	*f = (struct octet_finder){ .message = m };
	exact_cursor_begin(&f->cursor, &m->exact);
}

bool
octet_finder_find(struct octet_finder *f, const struct mime_piece *piece,
    struct octets *o, struct error *err)
{
	uint64_t len = piece->end - piece->start;
	bool is_crlf = false;

	*o = (struct octets){ 0 };
	if (!exact_cursor_skip(&f->cursor, piece->start - f->normal, err)
	    || !follows_crlf(f, &is_crlf, err))
		return false;
	o->start = f->cursor.at;
	if (!exact_cursor_skip(&f->cursor, len, err)
	    || !exact_cursor_skip_rest(&f->cursor, is_crlf, err))
		return false;
	o->end = f->cursor.at;
	f->normal = piece->end;
	if (!count_octets(&f->message->exact, o, err))
		return false;
	o->ends_line = piece->end < f->message->body.size
	    || o->end - o->start == len + o->crlfs;
	return true;
}

void
octet_finder_end(struct octet_finder *f)
{
	exact_cursor_end(&f->cursor);
	*f = (struct octet_finder){ 0 };
}

bool
octets_change(const struct octets *o, bool exact)
{
	if (o->nuls > 0 || o->bare_crs > 0)
		return true;
	return exact ? o->bare_lfs > 0 || !o->ends_line
		     : o->bare_lfs > 0 && o->crlfs > 0;
}
