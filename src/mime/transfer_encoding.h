/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done to the octets of a part so that they can travel: transfer
 * encodings (RFC 2045 section 6) and lesser changes.  Works on pieces of any
 * size, keeps next to nothing, and knows nothing of parts and headers.
 *
 * Lines end in LF here; what is encoded is the form with CRLF.
 */
#ifndef VEREDUS_MIME_TRANSFER_ENCODING_H
#define VEREDUS_MIME_TRANSFER_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum transfer_change {
	TRANSFER_KEEP,
	TRANSFER_QUOTED_PRINTABLE, /* to quoted-printable */
	TRANSFER_BASE64,           /* to base64 */
	/* What calls itself encoded, but has octets over 127 or long lines: */
	TRANSFER_REPAIR_QUOTED,
	TRANSFER_REPAIR_BASE64,
	TRANSFER_BREAK_LINES, /* line ends are put into long lines: not reversible */
	TRANSFER_REPLACE_8BIT /* octets over 127 become "?": not reversible */
};

/* Octets that a base64 line stands for (RFC 2045 section 6.8). */
#define TRANSFER_LINE_OCTETS 57

struct transfer {
	enum transfer_change change;
	size_t column; /* of the line that is being written */
	bool any;      /* a line of base64 was written */
	char
	    held[TRANSFER_LINE_OCTETS]; /* octets that do not yet make a line */
	size_t held_len;
};

/* So many octets must be given at least, but at the end. */
#define TRANSFER_LOOKAHEAD 1024

/*
 * Appends what becomes of the octets to out; `last` says that no others will
 * follow.  Returns how many of them were taken: with TRANSFER_LOOKAHEAD or
 * more at least one, with `last` all.  The others must be given again.
 */
size_t transfer_feed(struct transfer *t, const char *data, size_t len,
    bool last, struct str *out);

#endif
