/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wire form of a message: CRLF line ends, and for DATA with leading dots
 * doubled (RFC 5321 section 4.5.2).
 */
#ifndef VEREDUS_CLIENT_BODY_H
#define VEREDUS_CLIENT_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"
#include "net/stream.h"

/* The most octets of the message that are encoded at once. */
#define BODY_BLOCK 65536

struct body_encoder {
	bool stuff;   /* double leading dots (DATA, not BDAT) */
	bool in_line; /* the last octet was no line end */
};

/*
 * Appends the wire form of len octets, whose line ends are LF, to out: at most
 * twice as many octets.  The text may be divided anywhere between calls.
 */
void body_encode(struct body_encoder *encoder, const char *text, size_t len,
    struct str *out);

/* The position in a message; { .message = m } is its start. */
struct body_reader {
	const struct message *message;
	struct body_encoder encoder;
	size_t header_at;
	uint64_t body_at;
	char *block; /* NULL until the end of the header section */
};

/*
 * Appends the wire form of the next block to out: of the header section, then
 * of the empty line and the body.  *more is whether another block follows.
 * Errors: those of buffer_file_read().
 */
bool body_read(struct body_reader *reader, struct str *out, bool *more,
    struct error *err);
void body_reader_free(struct body_reader *reader);

enum body_form {
	BODY_DOTTED, /* for DATA: dots are doubled, and a lone dot is the end */
	BODY_COUNTED /* for BDAT: message_size() octets */
};

/*
 * Writes what the output of the stream has, and then header section, empty line
 * and body, in blocks of about STREAM_GROUP_MAX octets.  Each block has
 * `timeout` seconds, and the whole message the time that 1 KiB/s takes, measured
 * over five minutes.
 *
 * If the server sends a reply meanwhile, the call stops before the end of the
 * message and returns false, perhaps without an error: the caller reads the
 * reply.  Errors: those of buffer_file_read() and stream_flush().
 */
bool body_write(struct stream *s, const struct message *message,
    enum body_form form, unsigned timeout, struct error *err);

#endif
