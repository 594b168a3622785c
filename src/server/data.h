/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads message data from the client: after DATA up to the final dot, and after
 * BDAT in chunks of known size.
 *
 * If a message cannot be stored, the functions set *problem (see
 * mail/read_message.h), and read the rest of the data all the same, so that it
 * is not taken for commands.  Errors: those of server_peek().
 */
#ifndef VEREDUS_SERVER_DATA_H
#define VEREDUS_SERVER_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/message.h"
#include "server/server.h"

/*
 * Decodes the message data that a client sends after DATA: finds its end and
 * removes the dots that the client added to lines (RFC 5321 section 4.5.2).
 *
 * All programs on the path of a message must agree on its end; otherwise text
 * that one of them accepts as part of the message is a command for the next
 * (SMTP smuggling).  Once the client has sent a CRLF, only CRLF "." CRLF ends
 * the data.  A client that has never sent a CRLF ends its lines with LF alone,
 * and the data with LF "." LF.
 */
struct data_decoder {
	bool crlf;       /* the client has sent a CRLF */
	bool line_start; /* the next octet begins a line; initially true */
	bool after_cr;   /* the last octet was a CR */
	bool ended;      /* the end of the data was read */
};

/*
 * Decodes the next len octets of the input; len must not be 0.  Returns how
 * many octets at the start of data belong to the message, and sets *used to
 * the number of octets to remove from the input: these and an added dot or
 * the end of the data.  When *used is 0, more octets are needed.
 */
size_t data_decoder_next(struct data_decoder *d, const char *data, size_t len,
    size_t *used);

/* Reads the data after DATA to its end. */
bool server_read_data(struct server *s, struct message *m,
    struct error *problem, struct error *err);

/*
 * Reads one chunk (RFC 3030 section 2) and adds it to s->chunks, which the
 * first chunk creates.  With BODY=BINARYMIME every octet counts (see
 * mime/binary.h).
 */
bool server_read_chunk(struct server *s, uint64_t size, struct error *problem,
    struct error *err);
/* Reads a chunk of a message that is rejected, and drops it. */
bool server_skip_chunk(struct server *s, uint64_t size, struct error *err);
/* Makes a message of all chunks, after the last one, and frees them. */
bool server_end_chunks(struct server *s, struct message *m,
    struct error *problem);
void server_free_chunks(struct server *s);

#endif
