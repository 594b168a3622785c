/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads command lines from the client, and sends replies to it.  Does not
 * interpret commands.
 */
#ifndef VEREDUS_SERVER_IO_H
#define VEREDUS_SERVER_IO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "net/transport.h"
#include "server/reply.h"
#include "server/server.h"

/*
 * The maximum length of a command line, with its line end: 512 octets (RFC
 * 5321 section 4.5.3.1.4), and what parameters add to that; ORCPT alone adds
 * 500 (RFC 3461 section 4.2).
 */
#define SERVER_LINE_MAX 2048

/*
 * A client that has not read the reply, or has not sent what the functions
 * below wait for, within server.timeout seconds gets an ERROR_TIMEOUT that says
 * so.  It also gets one when it has let the server wait for SERVER_WAITS_MAX
 * times as long since its last message was accepted.  Other errors are those of
 * stream_flush() and stream_peek().
 */
/* Sends the reply, then frees it in any case. */
bool server_send_reply(struct server *s, struct server_reply *reply,
    struct error *err);
/* The two parts of it: buffers the reply, and sends what is buffered. */
bool server_put_reply(struct server *s, struct server_reply *reply,
    struct error *err);
bool server_flush(struct server *s, struct error *err);
/* Sends a reply of one line; status "" sends none. */
bool server_send_text(struct server *s, int code, const char *status,
    const char *text, struct error *err);
/* Sends a reply of several lines without a status (RFC 2034 section 4). */
bool server_send_lines(struct server *s, int code, const struct strv *lines,
    struct error *err);
/*
 * Sends one line of a reply of any length.  The line must have no control
 * characters, and with the codes at most SERVER_REPLY_LINE_MAX octets.
 */
bool server_send_line(struct server *s, int code, bool is_last,
    const char *status, const char *text, struct error *err);

/*
 * Reads one line without its line end.  Of a line over SERVER_LINE_MAX, reads
 * and drops all octets, and sets *too_long.
 */
bool server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err);

/* Whether the client has sent this command, without an argument, as the next one;
 * does not wait. */
bool server_next_is(struct server *s, const char *command);

/*
 * Message data: between these two calls, the client must send SERVER_DATA_MIN
 * octets within each timeout.
 */
void server_begin_data(struct server *s);
void server_end_data(struct server *s);
/* stream_consume() of message data. */
void server_consume(struct server *s, size_t len);
/* stream_peek() with the timeout for message data. */
bool server_peek(struct server *s, size_t wanted, char **data, size_t *len,
    struct error *err);

/*
 * Makes a transport that reads from one descriptor and writes to the other:
 * standard input and output, which may be pipes, a terminal, a file or a
 * socket.  Other processes may share the descriptors, so their flags are not
 * changed; poll() tells whether a read or a write would block.  Both are
 * borrowed: closing the transport leaves them open.  SIGPIPE must be
 * ignored (base/process.h).  Errors: ERROR_NETWORK if the client has
 * disconnected, ERROR_INPUT if a descriptor does not work.
 */
void server_transport_init(struct transport *t, int input, int output);

#endif
