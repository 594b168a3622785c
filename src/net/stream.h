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

enum stream_direction { STREAM_SENT, STREAM_RECEIVED };

/* Gets each line once, clean and masked, without its line end. */
typedef void stream_trace_fn(void *ctx, enum stream_direction direction,
    const char *line);

struct stream {
	struct transport transport;
	struct str in;     /* received, not yet taken */
	size_t in_start;   /* where in `in` the next line begins */
	struct str out;    /* put, not yet written */
	int64_t deadline;  /* total, CLOCK_NEVER until it is set */
	bool at_end;       /* the peer has closed its side */
	uint64_t sent;     /* octets written so far */
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
/* Adds octets that are no line (the body); not traced. */
void stream_put(struct stream *s, const void *data, size_t len);

/*
 * Writes the flight.  While it waits, input is collected.  `timeout` is in
 * seconds without any progress, `deadline` ends it in any case.
 * Errors: ERROR_NETWORK (also when the peer has closed), ERROR_TIMEOUT,
 * ERROR_INTERRUPTED.
 */
bool stream_flush(struct stream *s, unsigned timeout, int64_t deadline,
    struct error *err);

/*
 * Takes one line without its end (CRLF, or LF alone) into line.  A line that
 * is longer than STREAM_LINE_MAX is ERROR_PROTOCOL; the end of the connection
 * is ERROR_NETWORK, also in the middle of a line: an unfinished line is never
 * returned.
 */
bool stream_read_line(struct stream *s, struct str *line, int64_t deadline,
    struct error *err);

/* Octets that have arrived and were not taken, without waiting for more. */
size_t stream_buffered(struct stream *s);
/* Looks, without waiting, whether the peer has sent something or closed. */
bool stream_poll_input(struct stream *s);

/* Registers a secret: wherever it echoes it is shown as "[hidden]". */
void stream_hide(struct stream *s, const char *secret);
/* Replaces every hidden secret in text; text is clean afterwards, too. */
void stream_mask(const struct stream *s, struct str *text);
/* Sends a remark such as "TLS 1.3 ..." through the trace as received. */
void stream_remark(struct stream *s, const char *text);

/* Closes the transport, wipes and releases everything. */
void stream_close(struct stream *s);

#endif
