/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodes the content of a part for transfer (RFC 2045 section 6), or repairs
 * one that is encoded badly.  Accepts pieces of any size and keeps at most one
 * line.
 *
 * Lines end with LF here, but the encodings represent CRLF.  No line of
 * quoted-printable that was encoded here begins like a delimiter, so it cannot
 * end its part.
 */
#ifndef VEREDUS_MIME_TRANSFER_ENCODING_H
#define VEREDUS_MIME_TRANSFER_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum transfer_change {
	TRANSFER_KEEP,
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_BASE64,        /* of text: a line end is CRLF */
	TRANSFER_BASE64_OCTETS, /* of the octets as they are */
	TRANSFER_REPAIR_QUOTED, /* of octets over 127 and long lines */
	TRANSFER_REPAIR_BASE64, /* of long lines */
	TRANSFER_BREAK_LINES    /* of long lines; adds line ends */
};

/* Octets in a line of base64 (RFC 2045 section 6.8). */
#define TRANSFER_LINE_OCTETS 57

struct transfer {
	enum transfer_change change;
	size_t column;                   /* of the current output line */
	bool written_line;               /* a line of base64 was written */
	char held[TRANSFER_LINE_OCTETS]; /* an incomplete line of base64 */
	size_t held_len;
};

/* The smallest piece, except for the last one. */
#define TRANSFER_LOOKAHEAD 1024

/*
 * Encodes octets and appends the result to out.  `last` means that no more
 * octets follow.  Returns the number of octets used: all if `last`, else at
 * least one of TRANSFER_LOOKAHEAD octets.  The next call starts with the
 * unused ones.
 */
size_t transfer_feed(struct transfer *t, const char *data, size_t len,
    bool last, struct str *out);

#endif
