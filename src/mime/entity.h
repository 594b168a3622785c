/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a header section says about its content, by Content-Type and
 * Content-Transfer-Encoding (RFC 2045 sections 5 and 6).
 */
#ifndef VEREDUS_MIME_ENTITY_H
#define VEREDUS_MIME_ENTITY_H

#include <stdbool.h>

#include "base/str.h"

/* Octets of a boundary.  RFC 2046 section 5.1.1 allows 70, but programs use
 * longer ones. */
#define MIME_BOUNDARY_MAX 250

enum mime_kind {
	MIME_TEXT,
	MIME_MULTIPART,
	MIME_MESSAGE, /* a message with a header section of its own */
	MIME_FIXED,   /* must not be encoded (RFC 2046 section 5.2, RFC 3464
	               * section 2.1), or has an unknown structure */
	MIME_OTHER
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary and other names for them, or no
	                * field */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_UNKNOWN
};

struct mime_entity {
	enum mime_kind kind;
	enum mime_encoding encoding;
	bool protected; /* signed or encrypted: the body must not change */
	bool digest;    /* its parts are messages by default */
	bool binary;    /* the encoding is binary */
	char *boundary; /* of MIME_MULTIPART, else NULL */
};

/*
 * Reads the header section of a message or part.  in_digest: it is a part of a
 * multipart/digest, whose default type is message/rfc822 (RFC 2046 section
 * 5.1.5).
 */
void mime_entity_read(struct mime_entity *entity, const struct str *header,
    bool in_digest);
void mime_entity_free(struct mime_entity *entity);

#endif
