/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buffered lines over a transport, with deadlines.
 *
 * All lines pass one trace function, in which secrets are redacted.  Output
 * never blocks while the peer sends (RFC 2920 section 3.1): both directions are
 * polled.
 */
#ifndef VEREDUS_NET_STREAM_H
#define VEREDUS_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "net/redact.h"
#include "net/transport.h"

/* The longest line that is accepted from a peer, its line end included. */
#define STREAM_LINE_MAX 16384
/* The longest group of commands (RFC 2920) that is sent in one write. */
#define STREAM_GROUP_MAX 65536
/* The most input that is buffered while output waits: twice the replies, of 512
 * octets each, to a group of the shortest RCPT commands.  So a peer that reads
 * only while its replies are read is never blocked. */
#define STREAM_INPUT_MAX ((size_t)4 * 1024 * 1024)

enum stream_direction { STREAM_SENT, STREAM_RECEIVED };

/* Receives each line once, cleaned and redacted, without its line end. */
typedef void stream_trace_fn(void *ctx, enum stream_direction direction,
    const char *line);

/* Receives the number of octets of each write. */
typedef void stream_sent_fn(const void *ctx, size_t octets);

struct stream {
	struct transport transport;
	struct str in;      /* received */
	size_t in_start;    /* offset of the first octet not consumed */
	struct str out;     /* not written yet */
	bool out_secret;    /* `out` contains a secret */
	int64_t deadline;   /* for everything; 0 or CLOCK_NEVER: none */
	bool at_end;        /* the peer has closed its side of the connection */
	struct error fault; /* why reading has failed, if it has */
	bool write_failed;  /* no further output is possible */
	bool stop_on_input; /* no reply is due: input makes a write fail */
	bool serves;   /* the peer is a client: it may close its side and still
	              * read replies, also after a signal */
	uint64_t sent; /* octets written so far */
	stream_sent_fn *on_sent; /* called after each write, or NULL */
	const void *on_sent_ctx;
	struct redact_forms
	    hidden; /* of secrets, in case that the peer echoes them */
	stream_trace_fn *trace; /* or NULL */
	void *trace_ctx;
};

/*
 * Adds a line and CRLF to the output.  The trace receives `shown`; NULL: the
 * line itself.  ERROR_INTERNAL if the line contains a control character.
 */
bool stream_put_line(struct stream *s, const char *line, const char *shown,
    struct error *err);
/* Whether len more octets fit into this group. */
bool stream_fits(const struct stream *s, size_t len);

/*
 * Writes the output, and collects input while it waits.  Fails after `timeout`
 * seconds without progress (0: no limit), and at the deadline.
 * Errors: ERROR_NETWORK (also if the peer has closed the connection or, with
 * stop_on_input, sent something), ERROR_PROTOCOL if the peer sends more than
 * STREAM_INPUT_MAX, ERROR_TIMEOUT, ERROR_INTERRUPTED.  After a failure nothing
 * more can be written, but input can be read if stream_buffered() is not 0: a
 * reply such as "552 too big" explains more than "broken pipe".
 */
bool stream_flush(struct stream *s, unsigned timeout, int64_t deadline,
    struct error *err);
/*
 * Writes the output and then the data, as stream_flush() does.  The data is not
 * traced, and copied only if both fit into one write.
 */
bool stream_write(struct stream *s, const void *data, size_t len,
    unsigned timeout, int64_t deadline, struct error *err);

/*
 * Sends a line as far as that is possible without waiting, and closes the
 * stream.  With TLS the close alert is sent in the same write.
 */
void stream_send_and_close(struct stream *s, const char *line);

/*
 * Reads one line, and stores it without its line end (CRLF, or LF alone).
 * Errors: ERROR_PROTOCOL if it is longer than STREAM_LINE_MAX, ERROR_NETWORK at
 * the end of the connection (an incomplete line is never returned),
 * ERROR_TIMEOUT, ERROR_INTERRUPTED.
 */
bool stream_read_line(struct stream *s, struct str *line, int64_t deadline,
    struct error *err);

/*
 * Waits until at least `wanted` octets have arrived, and points *data at all
 * that have; the caller may change them in place, and removes those that it has
 * used with stream_consume().  They are not traced.  Errors as
 * stream_read_line().
 */
bool stream_peek(struct stream *s, size_t wanted, char **data, size_t *len,
    int64_t deadline, struct error *err);
void stream_consume(struct stream *s, size_t len);

/*
 * The number of octets that have arrived and were not consumed.  Reads from the
 * socket if the buffer is empty, without waiting.
 */
size_t stream_buffered(struct stream *s);
/* Whether a whole line has arrived, of STREAM_LINE_MAX octets at most; does not
 * wait. */
bool stream_has_line(struct stream *s);
/* Whether the peer has sent something or closed; does not wait. */
bool stream_poll_input(struct stream *s);

/*
 * Registers a secret: the trace shows "[hidden]" in place of it and of its
 * base64 form.  A text that contains it in base64 (the response of AUTH PLAIN)
 * must be registered as well.
 */
void stream_hide(struct stream *s, const char *secret);
/*
 * Replaces registered secrets in the text, and cleans it (text_clean()).  Must
 * be called before the text is shortened: part of a secret is not recognized.
 */
void stream_redact(const struct stream *s, struct str *text);
/* Adds a remark such as "TLS 1.3 ..." to the trace, as a received line. */
void stream_remark(struct stream *s, const char *text);

/* Closes the transport, wipes secrets, releases all memory; s is { 0 } then. */
void stream_close(struct stream *s);

#endif
