/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a header section says of the body that belongs to it (RFC 2045
 * sections 5 and 6).
 */
#ifndef VEREDUS_MIME_ENTITY_H
#define VEREDUS_MIME_ENTITY_H

#include <stdbool.h>

#include "base/str.h"

/* RFC 2046 section 5.1.1 allows 70 octets; there are longer ones. */
#define MIME_BOUNDARY_MAX 250

enum mime_kind {
	MIME_TEXT,
	MIME_MULTIPART,
	MIME_MESSAGE, /* a message, with a header section of its own */
	MIME_FIXED,   /* may not be encoded (RFC 2046 section 5.2), or not
	               * understood */
	MIME_OTHER
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary, or nothing said */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64, /* base64 */
	MIME_UNKNOWN /* of no standard */
};

/* What a header section says of its body. */
struct mime_entity {
	enum mime_kind kind;
	enum mime_encoding encoding;
	bool sealed; /* the body is signed or encrypted: nothing may change */
	bool digest; /* parts without Content-Type are messages */
	char *boundary;
};

/* header is that of the message; digest: see struct mime_entity. */
void mime_entity_read(struct mime_entity *entity, const struct str *header,
    bool digest);
void mime_entity_free(struct mime_entity *entity);

#endif
