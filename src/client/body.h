/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message as it goes over the wire: CRLF line ends, and for DATA the
 * leading dots doubled (RFC 5321 section 4.5.2).  Knows no replies.
 */
#ifndef VEREDUS_CLIENT_BODY_H
#define VEREDUS_CLIENT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"
#include "net/stream.h"

/* Octets of the message that are encoded at a time. */
#define BODY_BLOCK 65536

struct body_encoder {
	bool stuff;   /* double leading dots (DATA, not BDAT) */
	bool in_line; /* the last octet was not a line end */
};

/*
 * Appends the wire form of len octets, whose line ends are LF alone, to out:
 * at most twice as many octets.  May be called with any division of the text.
 */
void body_encode(struct body_encoder *encoder, const char *text, size_t len,
    struct str *out);

/* Walks through a message; { .message = m } stands at its start. */
struct body_reader {
	const struct message *message;
	struct body_encoder encoder;
	size_t header_at;
	uint64_t body_at;
	char *block; /* NULL until the header section is over */
};

/*
 * Appends the wire form of the next block to out: of the header section, then
 * of the empty line and the body.  *more tells whether there is another one.
 * Errors: those of buffer_file_read().
 */
bool body_read(struct body_reader *reader, struct str *out, bool *more,
    struct error *err);
void body_reader_free(struct body_reader *reader);

/*
 * Writes header section, empty line, body and the final dot (RFC 5321 section
 * 4.1.1.4), in blocks of STREAM_GROUP_MAX octets; what is left in the flight
 * goes out as well.  Each block has `timeout` seconds, whatever the total.
 *
 * Stops before the final dot with false and no error set when the server says
 * something meanwhile: the reply is to be read and judged, and the session
 * cannot go on.  Errors: those of buffer_file_read() and stream_flush().
 */
bool body_write(struct stream *s, const struct message *message,
    unsigned timeout, struct error *err);

#endif
