/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads command lines and messages from the client, and sends replies to it.
 * Does not interpret commands.
 */
#ifndef VEREDUS_SERVER_IO_H
#define VEREDUS_SERVER_IO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "mail/message.h"
#include "net/transport.h"
#include "server/reply.h"
#include "server/session.h"

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

/*
 * The maximum length of a command line, with its line end: 512 octets (RFC
 * 5321 section 4.5.3.1.4), and what parameters add to that; ORCPT alone adds
 * 500 (RFC 3461 section 4.2).
 */
#define SERVER_LINE_MAX 2048

/*
 * The functions that send a reply wait without limit until the client has
 * read it.  Errors: those of stream_flush().
 */
/* Sends the reply, then frees it in any case. */
bool server_send_reply(struct server *s, struct server_reply *reply,
    struct error *err);
/* Sends a reply of one line; status "" sends none. */
bool server_send_text(struct server *s, int code, const char *status,
    const char *text, struct error *err);
/* Sends a reply of several lines without a status (RFC 2034 section 4). */
bool server_send_lines(struct server *s, int code, const struct strv *lines,
    struct error *err);

/*
 * Reads one line without its line end.  Of a line over SERVER_LINE_MAX, reads
 * and drops all octets, and sets *too_long.  Errors: those of stream_peek().
 */
bool server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err);

/*
 * Reads the message data to its end.  If the message cannot be stored, sets
 * *problem (see mail/read_message.h), and reads the rest of the data all the
 * same, so that it is not taken for commands.  Errors: those of stream_peek().
 */
bool server_read_message(struct server *s, struct message *m,
    struct error *problem, struct error *err);

/*
 * Makes a transport that reads from one descriptor and writes to the other:
 * standard input and output, which may be pipes, a terminal, a file or a
 * socket.  Other processes may share the descriptors, so their flags are not
 * changed; poll() tells whether a read or a write would block.  Both are
 * borrowed: closing the transport leaves them open.  SIGPIPE must be
 * ignored (base/process.h).  Errors: ERROR_INPUT for the input, ERROR_NETWORK
 * for the output.
 */
void server_transport_init(struct transport *t, int input, int output);

#endif
