/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport in memory, whose peer plays a script, and what a referee needs
 * who listens to both sides.
 *
 * The script is what the peer sends.  A line "-N", N a digit, is a pause: what
 * stands behind it has not arrived yet when we look N times without writing,
 * but has when we wait.  With "-0" it is there at once; "-9" is the answer to
 * what we write next, or comes when we wait for it for good.
 *
 * Nothing ever waits here: the descriptor is one that poll() always calls
 * ready, or one that it never does, for a peer that has fallen silent.
 */
#ifndef VEREDUS_TESTS_WIRE_H
#define VEREDUS_TESTS_WIRE_H

#include <fcntl.h>
#include <sys/eventfd.h>

#include "fuzz.h"
#include "net/stream.h"
#include "net/transport.h"

/* What comes behind the script. */
enum wire_end { WIRE_CLOSED, WIRE_RESET, WIRE_SILENT };

/* How much had been heard when this was said. */
struct wire_mark {
	size_t said, heard;
};

struct wire {
	struct input script;
	enum wire_end end;
	size_t piece;      /* octets that are read or written at once; 0: all */
	bool reluctant;    /* each write has to wait once */
	bool breaks;       /* a write fails when the script is over */
	struct str saying; /* the part of the script between two pauses */
	size_t spoken;     /* octets of it */
	unsigned pause, looks;
	bool refused; /* the last write */
	struct str heard, said;
	struct wire_mark *marks;
	size_t mark_count;
	/* May change a part that is about to be said; or NULL. */
	void (*rewrite)(struct wire *w, struct str *saying);
	void *ctx;
};

static inline bool
wire_is_pause(const struct input *line)
{
	return line->left == 2 && line->at[0] == '-' && line->at[1] >= '0'
	    && line->at[1] <= '9';
}

/* Takes what stands before the next pause. */
static inline void
wire_next_part(struct wire *w)
{
	str_truncate(&w->saying, 0);
	w->spoken = 0;
	w->looks = 0;
	while (w->script.left > 0) {
		struct input before = w->script;
		struct input line = input_take(&w->script, '\n');

		if (wire_is_pause(&line)) {
			w->pause = (unsigned)(line.at[1] - '0');
			break;
		}
		str_append(&w->saying, before.at, before.left - w->script.left);
	}
	if (w->rewrite != NULL)
		w->rewrite(w, &w->saying);
}

static inline bool
wire_is_over(const struct wire *w)
{
	return w->spoken == w->saying.len && w->script.left == 0;
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
	if (w->spoken == w->saying.len) {
		if (w->looks++ < w->pause)
			return TRANSPORT_WANT_READ;
		wire_next_part(w);
		if (wire_is_over(w))
			return wire_finish(w, t, err);
	}
	count = w->saying.len - w->spoken;
	if (w->piece > 0 && count > w->piece)
		count = w->piece;
	if (count > len)
		count = len;
	if (count == 0)
		return TRANSPORT_WANT_READ;
	memcpy(buf, w->saying.data + w->spoken, count);
	str_append(&w->heard, buf, count);
	w->spoken += count;
	return (ssize_t)count;
}

static inline ssize_t
wire_write(struct transport *t, const void *buf, size_t len, struct error *err)
{
	struct wire *w = t->ctx;

	if (w->breaks && wire_is_over(w)) {
		error_set(err, ERROR_NETWORK, "the connection was lost");
		return TRANSPORT_FAILED;
	}
	w->refused = w->reluctant && !w->refused;
	if (w->refused && !(w->end == WIRE_SILENT && wire_is_over(w)))
		return TRANSPORT_WANT_WRITE;
	if (w->piece > 0 && len > w->piece)
		len = w->piece;
	w->marks = realloc(w->marks, (w->mark_count + 1) * sizeof(*w->marks));
	if (w->marks == NULL)
		abort();
	w->marks[w->mark_count++] =
	    (struct wire_mark){ w->said.len, w->heard.len };
	str_append(&w->said, buf, len);
	w->looks = 0;
	return (ssize_t)len;
}

static inline void
wire_close(struct transport *t)
{
	(void)t;
}

/* The wire is set up, but for its script. */
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

/* Letters that say how the transport behaves. */
static inline void
wire_set(struct wire *w, const struct input *letters)
{
	w->end = input_has(letters, 'r') ? WIRE_RESET
	    : input_has(letters, 's')    ? WIRE_SILENT
					 : WIRE_CLOSED;
	w->piece = input_has(letters, 'o') ? 1
	    : input_has(letters, 'p')      ? 7
					   : 0;
	w->reluctant = input_has(letters, 'w');
	w->breaks = input_has(letters, 'b');
}

static inline void
wire_free(struct wire *w)
{
	str_free(&w->saying);
	str_free(&w->heard);
	str_free(&w->said);
	free(w->marks);
	*w = (struct wire){ 0 };
}

/* How much we had heard when we said the octet at that place. */
static inline size_t
wire_heard_before(const struct wire *w, size_t said)
{
	size_t heard = 0;

	for (size_t i = 0; i < w->mark_count && w->marks[i].said <= said; i++)
		heard = w->marks[i].heard;
	return heard;
}

/* The referee's own reader of replies (RFC 5321 section 4.2). */

struct referee_reply {
	int code;     /* 0: there is none, or none that counts */
	size_t start; /* where it begins in what was heard */
	size_t end;   /* and where it ends */
};

static inline bool
referee_is_code(const struct input *line)
{
	for (size_t i = 0; i < 3; i++)
		if (line->left <= i || line->at[i] < '0' || line->at[i] > '9')
			return false;
	return line->at[0] >= '2' && line->at[0] <= '5'
	    && (line->left == 3 || line->at[3] == ' ' || line->at[3] == '-');
}

/* The reply that begins at that place: complete, with one code on all lines. */
static inline struct referee_reply
referee_read(const struct str *heard, size_t start)
{
	struct input in = { str_text(heard) + start, heard->len - start };
	struct referee_reply none = { 0, start, start }, reply = none;

	for (;;) {
		struct input line;
		int code;

		if (!input_has(&in, '\n'))
			return none;
		line = input_take(&in, '\n');
		if (line.left > 0 && line.at[line.left - 1] == '\r')
			line.left--;
		if (!referee_is_code(&line))
			return none;
		code = (line.at[0] - '0') * 100 + (line.at[1] - '0') * 10
		    + (line.at[2] - '0');
		if (reply.code != 0 && code != reply.code)
			return none;
		reply.code = code;
		reply.end = heard->len - in.left;
		if (line.left == 3 || line.at[3] == ' ')
			return reply;
	}
}

#endif
