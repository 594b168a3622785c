/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The structure of a body (RFC 2045, RFC 2046): which octets are the header
 * section of a part, the content of a part, a delimiter, or what nobody
 * reads before and after the parts.
 *
 * One pass over the body, in order, with a bounded depth and without keeping
 * more than the header section of one part.  Real messages break the rules in
 * many ways, so nothing is an error: what is not understood is content.
 */
#ifndef VEREDUS_MIME_STRUCTURE_H
#define VEREDUS_MIME_STRUCTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer_file.h"
#include "base/error.h"
#include "base/str.h"
#include "mime/entity.h"

/* Multiparts inside one another; those deeper are not looked into. */
#define MIME_DEPTH_MAX 64
/* What is longer than this is no header section. */
#define MIME_HEADER_MAX ((size_t)256 * 1024)

enum mime_piece_kind {
	MIME_PIECE_HEADER,   /* walk.header and walk.entity are about it */
	MIME_PIECE_CONTENT,  /* of a part that is neither multipart nor message;
	                     * may be empty */
	MIME_PIECE_IGNORED,  /* before the first and behind the last part */
	MIME_PIECE_DELIMITER /* with the line end before it, which belongs to
	                      * it */
};

struct mime_piece {
	enum mime_piece_kind kind;
	uint64_t start; /* in the body; each begins where the last one ended */
	uint64_t end;
	bool sealed;     /* inside something sealed */
	bool closed;     /* of a header: by an empty line */
	bool of_message; /* a header: of a message inside, not of a part */
	uint64_t high;   /* octets over 127, not of headers */
	bool long_lines; /* over MESSAGE_LINE_MAX, not of headers */
};

struct mime_frame {
	char *boundary;
	size_t len;
	bool sealed;
	bool digest;
};

struct mime_walk {
	const struct buffer_file *body;
	struct mime_entity entity; /* of the header section seen last */
	struct str header;         /* lines with LF, no empty line */
	uint64_t at;
	int state;
	struct mime_frame frames[MIME_DEPTH_MAX]; /* open multiparts */
	size_t depth;
	size_t found; /* the frame of the delimiter at `at` */
	bool closes;  /* that delimiter is the last one of its frame */
	char *block;  /* of the body, block_len octets from block_at on */
	uint64_t block_at;
	size_t block_len;
};

/* Begins with the body's content: the message's header is known. */
void mime_walk_begin(struct mime_walk *walk, const struct str *header,
    const struct buffer_file *body);
/* The next piece; false with err unset is the end.  Errors: ERROR_INPUT. */
bool mime_walk_next(struct mime_walk *walk, struct mime_piece *piece,
    struct error *err);
void mime_walk_end(struct mime_walk *walk);

#endif
