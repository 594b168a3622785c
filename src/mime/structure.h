/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The structure of a body (RFC 2045, RFC 2046): splits it into header
 * sections and contents of parts, delimiters, preambles and epilogues.
 *
 * Makes one pass over the body with a limited depth, and keeps no more than
 * the header section of one part.  Nothing is a syntax error, because messages
 * break the rules in many ways: unknown structures are content.
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

/* Nested multiparts; a deeper one is content. */
#define MIME_DEPTH_MAX 64
/* Octets of the header section of a part; what follows them is content. */
#define MIME_HEADER_MAX ((size_t)256 * 1024)

enum mime_piece_kind {
	MIME_PIECE_HEADER,  /* described by walk.header and walk.entity */
	MIME_PIECE_CONTENT, /* the body of a part that is neither multipart nor
	                      * message; may be empty */
	MIME_PIECE_IGNORED, /* preamble or epilogue of a multipart, which
	                      * readers ignore (RFC 2046 section 5.1.1) */
	MIME_PIECE_UNDIVIDED, /* the body of a multipart without a delimiter,
	                       * which readers show as text */
	MIME_PIECE_DELIMITER  /* with the line end before it */
};

struct mime_piece {
	enum mime_piece_kind kind;
	uint64_t start; /* range in the body; the pieces are contiguous */
	uint64_t end;
	bool protected;  /* in a signed or encrypted part */
	bool closed;     /* of a header: an empty line ends it */
	bool of_message; /* of a header: of an enclosed message, not a part */
	uint64_t count_8bit; /* octets over 127; 0 for a header */
	bool long_lines; /* a line is over MESSAGE_LINE_MAX octets; false for
	                      * a header */
};

/* An open multipart. */
struct mime_frame {
	char *boundary;
	size_t len;
	bool protected;
	bool digest;
	size_t parts; /* that have begun */
	bool ended;   /* closed before the first part: it has none */
};

struct mime_walk {
	const struct buffer_file *body;
	struct mime_entity entity; /* of the last header section */
	struct str header;         /* the last one, without the empty line */
	uint64_t at;
	int state;
	struct mime_frame frames[MIME_DEPTH_MAX];
	size_t depth;
	size_t found; /* the frame of the delimiter at `at` */
	bool closes;  /* it is the close-delimiter of its frame */
	char *block;  /* block_len octets of the body from block_at on */
	uint64_t block_at;
	size_t block_len;
};

/* Starts at the body of the message; `header` is the message's. */
void mime_walk_begin(struct mime_walk *walk, const struct str *header,
    const struct buffer_file *body);
/*
 * Returns the next piece.  False with err unset at the end of the body.
 * Errors: ERROR_INPUT.
 */
bool mime_walk_next(struct mime_walk *walk, struct mime_piece *piece,
    struct error *err);
/*
 * Appends the name of the part to which the last piece belongs, such as "part
 * 2.1 of the message"; a multipart for text around its parts.
 */
void mime_walk_place(const struct mime_walk *walk, struct str *out);
void mime_walk_end(struct mime_walk *walk);

#endif
