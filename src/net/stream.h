/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A buffered conversation in lines over a transport, with deadlines.
 *
 * Two rules live here: every byte passes the one trace point, where secrets
 * are masked; and what is written never blocks while the peer has something
 * to say (RFC 2920 section 3.1): both directions are polled.
 */
#ifndef VEREDUS_NET_STREAM_H
#define VEREDUS_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "net/transport.h"

/* The longest line that is taken from a peer, its end included. */
#define STREAM_LINE_MAX 16384
/* A flight: what is gathered before one write. */
#define STREAM_FLIGHT_MAX 65536
/* What a peer may say while we write.  The replies to one flight of the
 * shortest RCPT commands, 512 octets each, are half of that: a peer that
 * reads our flight only while we read its replies is never kept waiting. */
#define STREAM_INPUT_MAX ((size_t)4 * 1024 * 1024)

enum stream_direction { STREAM_SENT, STREAM_RECEIVED };

/* Gets each line once, clean and masked, without its line end. */
typedef void stream_trace_fn(void *ctx, enum stream_direction direction,
    const char *line);

/* Gets how many octets were written. */
typedef void stream_sent_fn(const void *ctx, size_t octets);

struct stream {
	struct transport transport;
	struct str in;      /* received, not yet taken */
	size_t in_start;    /* where in `in` the next line begins */
	struct str out;     /* put, not yet written */
	bool out_secret;    /* it holds a line that must not be shown */
	int64_t deadline;   /* total; 0 or CLOCK_NEVER: none */
	bool at_end;        /* the peer has closed its side in an orderly way */
	struct error fault; /* else why nothing more can be read, if so */
	bool write_failed;  /* a write broke off: nothing is written any more */
	bool stop_on_input; /* no reply is due: one that comes ends a write */
	bool serves; /* we are the server: a peer that has closed its side still
	              * reads ours, and hears us out after a signal */
	uint64_t sent;           /* octets written so far */
	stream_sent_fn *on_sent; /* is told of each write, or NULL */
	const void *on_sent_ctx;
	struct strv hidden; /* secrets that must not be shown when they echo */
	stream_trace_fn *trace; /* or NULL */
	void *trace_ctx;
};

/*
 * Adds a line to the flight; CRLF is appended.  `shown` is what the trace
 * gets, NULL: the line itself.  The line must be wire safe (ERROR_INTERNAL).
 */
bool stream_put_line(struct stream *s, const char *line, const char *shown,
    struct error *err);
/* Whether another len octets fit into this flight. */
bool stream_fits(const struct stream *s, size_t len);

/*
 * Writes the flight.  While it waits, input is collected.  `timeout` is in
 * seconds in which nothing could be written (0: no such limit), `deadline`
 * ends it in any case.
 * Errors: ERROR_NETWORK (also when the peer has closed, and, with
 * stop_on_input, when it speaks), ERROR_PROTOCOL when it floods us,
 * ERROR_TIMEOUT, ERROR_INTERRUPTED.  After a failure nothing can be written
 * any more, but what the peer had said before is kept: when stream_buffered()
 * is not 0, read that; a "552 too big" tells more than "broken pipe".
 */
bool stream_flush(struct stream *s, unsigned timeout, int64_t deadline,
    struct error *err);
/*
 * The same with data behind the flight, without copying what is large.  For
 * the body: blocks of STREAM_FLIGHT_MAX go out in one write each.
 */
bool stream_write(struct stream *s, const void *data, size_t len,
    unsigned timeout, int64_t deadline, struct error *err);

/*
 * Says a line that nobody waits for, as far as that needs no waiting either,
 * and closes; a goodbye of TLS goes along in the same write.
 */
void stream_send_and_close(struct stream *s, const char *line);

/*
 * Takes one line without its end (CRLF, or LF alone) into line.  A line that
 * is longer than STREAM_LINE_MAX is ERROR_PROTOCOL; the end of the connection
 * is ERROR_NETWORK, also in the middle of a line: an unfinished line is never
 * returned.
 */
bool stream_read_line(struct stream *s, struct str *line, int64_t deadline,
    struct error *err);

/*
 * Waits until at least `wanted` octets are there, and shows all of them; they
 * may be changed in place.  What was made use of is then taken with
 * stream_consume(); it is not traced.  Errors as stream_read_line().
 */
bool stream_peek(struct stream *s, size_t wanted, char **data, size_t *len,
    int64_t deadline, struct error *err);
void stream_consume(struct stream *s, size_t len);

/*
 * Octets that have arrived and were not taken.  Looks at the socket when the
 * buffer is empty, but does not wait.
 */
size_t stream_buffered(struct stream *s);
/* Looks, without waiting, whether the peer has sent something or closed. */
bool stream_poll_input(struct stream *s);

/*
 * Registers a secret: wherever it or its base64 form echoes, "[hidden]" is
 * shown.  What it is only a part of (the response of AUTH PLAIN in base64)
 * has to be registered as well.
 */
void stream_hide(struct stream *s, const char *secret);
/*
 * Replaces every hidden secret in text; text is clean afterwards, too.  Mask
 * before text is cut: half a secret is not recognised.
 */
void stream_mask(const struct stream *s, struct str *text);
/* Sends a remark such as "TLS 1.3 ..." through the trace as received. */
void stream_remark(struct stream *s, const char *text);

/* Closes the transport, wipes and releases everything; s is { 0 } then. */
void stream_close(struct stream *s);

#endif
