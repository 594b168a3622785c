/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport in memory with a scripted peer.  It records what both sides
 * send, and has an independent parser of SMTP replies.
 *
 * The script is what the peer sends.  A line "-N", N a digit, is a pause: N
 * reads without a write in between find no data, and the next one finds the
 * rest.  After "-0" the data is available at once; after "-9" it is the reply
 * to the next write, or arrives when the program waits long enough.
 *
 * No call blocks: poll() always reports the descriptor as ready, or never, if
 * the peer is silent.
 */
#ifndef VEREDUS_TESTS_WIRE_H
#define VEREDUS_TESTS_WIRE_H

#include <fcntl.h>
#include <sys/eventfd.h>

#include "fuzz.h"
#include "net/stream.h"
#include "net/transport.h"

/* What happens at the end of the script. */
enum wire_end { WIRE_CLOSED, WIRE_RESET, WIRE_SILENT };

/* The number of received octets at the time of a write. */
struct wire_mark {
	size_t sent, received;
};

struct wire {
	struct input script;
	enum wire_end end;
	size_t piece;      /* maximum of octets per read or write; 0: none */
	bool defer_writes; /* each write must be repeated once */
	bool fail_writes;  /* writes fail at the end of the script */
	struct str part;   /* the part of the script between two pauses */
	size_t part_sent;  /* octets of the part that the peer has sent */
	unsigned pause;    /* N of the current pause */
	unsigned reads;    /* reads since the last write or pause */
	bool deferred;     /* whether the last write was deferred */
	struct str received, sent; /* received and sent by the program */
	struct wire_mark *marks;
	size_t mark_count;
	/* Changes a part before the peer sends it; or NULL. */
	void (*rewrite)(struct wire *w, struct str *part);
	void *ctx;
};

static inline bool
wire_is_pause(const struct input *line)
{
	return line->left == 2 && line->at[0] == '-' && line->at[1] >= '0'
	    && line->at[1] <= '9';
}

/* Reads the part of the script before the next pause. */
static inline void
wire_next_part(struct wire *w)
{
	str_truncate(&w->part, 0);
	w->part_sent = 0;
	w->reads = 0;
	while (w->script.left > 0) {
		struct input before = w->script;
		struct input line = input_split(&w->script, '\n');

		if (wire_is_pause(&line)) {
			w->pause = (unsigned)(line.at[1] - '0');
			break;
		}
		str_append(&w->part, before.at, before.left - w->script.left);
	}
	if (w->rewrite != NULL)
		w->rewrite(w, &w->part);
}

static inline bool
wire_is_over(const struct wire *w)
{
	return w->part_sent == w->part.len && w->script.left == 0;
}

static inline ssize_t
wire_finish(struct wire *w, struct transport *t, struct error *err)
{
	static int never;

	switch (w->end) {
	case WIRE_CLOSED:
		return 0;
	case WIRE_RESET:
		error_set(err, ERROR_NETWORK, "the connection was lost");
		return TRANSPORT_FAILED;
	case WIRE_SILENT:
		break;
	}
	if (never == 0)
		never = eventfd(0, EFD_CLOEXEC);
	t->fd_plus_1 = never + 1;
	return TRANSPORT_WANT_READ;
}

static inline ssize_t
wire_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	struct wire *w = t->ctx;
	size_t count;

	if (wire_is_over(w))
		return wire_finish(w, t, err);
	if (w->part_sent == w->part.len) {
		if (w->reads++ < w->pause)
			return TRANSPORT_WANT_READ;
		wire_next_part(w);
		if (wire_is_over(w))
			return wire_finish(w, t, err);
	}
	count = w->part.len - w->part_sent;
	if (w->piece > 0 && count > w->piece)
		count = w->piece;
	if (count > len)
		count = len;
	if (count == 0)
		return TRANSPORT_WANT_READ;
	memcpy(buf, w->part.data + w->part_sent, count);
	str_append(&w->received, buf, count);
	w->part_sent += count;
	return (ssize_t)count;
}

static inline ssize_t
wire_write(struct transport *t, const void *buf, size_t len, struct error *err)
{
	struct wire *w = t->ctx;

	if (w->fail_writes && wire_is_over(w)) {
		error_set(err, ERROR_NETWORK, "the connection was lost");
		return TRANSPORT_FAILED;
	}
	w->deferred = w->defer_writes && !w->deferred;
	if (w->deferred && !(w->end == WIRE_SILENT && wire_is_over(w)))
		return TRANSPORT_WANT_WRITE;
	if (w->piece > 0 && len > w->piece)
		len = w->piece;
	w->marks = realloc(w->marks, (w->mark_count + 1) * sizeof(*w->marks));
	if (w->marks == NULL)
		abort();
	w->marks[w->mark_count++] =
	    (struct wire_mark){ w->sent.len, w->received.len };
	str_append(&w->sent, buf, len);
	w->reads = 0;
	return (ssize_t)len;
}

static inline void
wire_close(struct transport *t)
{
	(void)t;
}

/* Opens the transport with a script; the other members are already set. */
static inline void
wire_open(struct wire *w, const struct input *script, struct transport *t)
{
	static int always;

	if (always == 0)
		always = open("/dev/null", O_RDWR | O_CLOEXEC);
	w->script = *script;
	wire_next_part(w);
	*t = (struct transport){ .fd_plus_1 = always + 1,
		.ctx = w,
		.read = wire_read,
		.write = wire_write,
		.close = wire_close };
}

/*
 * Sets the behaviour of the transport by letters: r, reset, or s, silence, at
 * the end of the script; o, one octet, or p, seven octets at a time; w, writes
 * are deferred; b, writes fail at the end of the script.
 */
static inline void
wire_set(struct wire *w, const struct input *letters)
{
	w->end = input_has(letters, 'r') ? WIRE_RESET
	    : input_has(letters, 's')    ? WIRE_SILENT
					 : WIRE_CLOSED;
	w->piece = input_has(letters, 'o') ? 1
	    : input_has(letters, 'p')      ? 7
					   : 0;
	w->defer_writes = input_has(letters, 'w');
	w->fail_writes = input_has(letters, 'b');
}

static inline void
wire_free(struct wire *w)
{
	str_free(&w->part);
	str_free(&w->received);
	str_free(&w->sent);
	free(w->marks);
	*w = (struct wire){ 0 };
}

/* The number of octets received before the octet at that offset was sent. */
static inline size_t
wire_received_before(const struct wire *w, size_t sent)
{
	size_t received = 0;

	for (size_t i = 0; i < w->mark_count && w->marks[i].sent <= sent; i++)
		received = w->marks[i].received;
	return received;
}

/* An independent parser of replies (RFC 5321 section 4.2). */

struct wire_reply {
	int code;     /* 0: no complete, valid reply */
	size_t start; /* offset of the reply in the received octets */
	size_t end;   /* offset of the end of the reply */
};

static inline bool
wire_is_code(const struct input *line)
{
	for (size_t i = 0; i < 3; i++)
		if (line->left <= i || line->at[i] < '0' || line->at[i] > '9')
			return false;
	return line->at[0] >= '2' && line->at[0] <= '5'
	    && (line->left == 3 || line->at[3] == ' ' || line->at[3] == '-');
}

/* Parses the reply at that offset; all lines must have the same code. */
static inline struct wire_reply
wire_read_reply(const struct str *received, size_t start)
{
	struct input in = { str_text(received) + start, received->len - start };
	struct wire_reply none = { 0, start, start }, reply = none;

	for (;;) {
		struct input line;
		int code;

		if (!input_has(&in, '\n'))
			return none;
		line = input_split(&in, '\n');
		if (line.left > 0 && line.at[line.left - 1] == '\r')
			line.left--;
		if (!wire_is_code(&line))
			return none;
		code = (line.at[0] - '0') * 100 + (line.at[1] - '0') * 10
		    + (line.at[2] - '0');
		if (reply.code != 0 && code != reply.code)
			return none;
		reply.code = code;
		reply.end = received->len - in.left;
		if (line.left == 3 || line.at[3] == ' ')
			return reply;
	}
}

#endif
