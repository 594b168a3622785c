/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact octets (mail/exact.h) of the pieces of a body. */
#ifndef VEREDUS_MIME_OCTETS_H
#define VEREDUS_MIME_OCTETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/exact.h"
#include "mail/message.h"
#include "mime/structure.h"

/* A range of message.exact. */
struct octets {
	uint64_t start, end;
	uint64_t nuls, bare_crs, bare_lfs, crlfs;
	bool
	    ends_line; /* the last line has a line end, or a delimiter follows */
};

struct octet_finder {
	const struct message *message;
	struct exact_cursor cursor;
	uint64_t normal; /* octets of the normal body before the cursor */
};

/* The message must have exact octets, and must outlive the finder. */
void octet_finder_begin(struct octet_finder *f, const struct message *m);
/* Finds the octets of a piece; each must follow the last one.  Errors:
 * ERROR_INPUT. */
bool octet_finder_find(struct octet_finder *f, const struct mime_piece *piece,
    struct octets *octets, struct error *err);
void octet_finder_end(struct octet_finder *f);

/*
 * Whether the octets change if they are sent as lines that end in CRLF.  With
 * `exact`, LFs do; else not, if all line ends are LFs.
 */
bool octets_change(const struct octets *octets, bool exact);

#endif
