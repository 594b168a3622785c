/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buffers lines and data over a transport.  Output waits until the transport
 * accepts it; while it waits, input is collected, so that neither side blocks.
 */
#include "net/stream.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

/* The size of one read: the payload of a full TLS record. */
#define READ_SIZE 16384

/* The time limits of a write. */
struct limits {
	unsigned timeout; /* seconds without progress; 0: no limit */
	int64_t deadline;
};

static int64_t
limit_deadline(const struct stream *s, int64_t deadline)
{
	return s->deadline == 0 ? deadline
				: clock_earlier(deadline, s->deadline);
}

static void
trace(const struct stream *s, enum stream_direction direction, const char *line,
    size_t len)
{
	struct str shown = { 0 };

	if (s->trace == NULL)
		return;
	str_append(&shown, line, len);
	stream_redact(s, &shown);
	s->trace(s->trace_ctx, direction, str_text(&shown));
	str_wipe(&shown);
}

/* Input. */

static size_t
unread(const struct stream *s)
{
	return s->in.len - s->in_start;
}

static size_t
pending(const struct stream *s)
{
	const struct transport *t = &s->transport;

	return t->pending != NULL ? t->pending(t) : 0;
}

static bool
input_has_ended(const struct stream *s)
{
	return s->at_end || error_is_set(&s->fault);
}

/* Moves unread input to the start of the buffer, but only if it is not longer
 * than what was consumed before it: each octet moves once at most. */
static void
compact_input(struct stream *s)
{
	if (s->in_start < unread(s))
		return;
	str_consume(&s->in, s->in_start);
	s->in_start = 0;
}

/*
 * Reads once without waiting: returns a count, a TRANSPORT_WANT_, or 0 if there
 * will be no more input; report_end() makes an error of that.
 */
static ssize_t
receive(struct stream *s)
{
	struct transport *t = &s->transport;
	ssize_t got;

	if (input_has_ended(s))
		return 0;
	compact_input(s);
	got = t->read(t, str_reserve(&s->in, READ_SIZE), READ_SIZE, &s->fault);
	if (got > 0) {
		s->in.len += (size_t)got;
		s->in.data[s->in.len] = '\0';
		return got;
	}
	if (got == 0)
		s->at_end = true;
	if (got != TRANSPORT_FAILED)
		return got;
	if (!error_is_set(&s->fault))
		error_set(&s->fault, ERROR_NETWORK, "the connection was lost");
	return 0;
}

/* Reads what the socket has and what the layer below has buffered. */
static void
collect(struct stream *s)
{
	while (unread(s) < STREAM_INPUT_MAX && receive(s) > 0 && pending(s) > 0)
		continue;
}

/* Sets the error for the end of input; always returns false. */
static bool
report_end(const struct stream *s, struct error *err)
{
	if (!error_is_set(&s->fault))
		return error_set(err, ERROR_NETWORK,
		    "the server closed the connection");
	if (err != NULL)
		error_copy(err, &s->fault);
	return false;
}

static bool
receive_more(struct stream *s, int64_t deadline, struct error *err)
{
	ssize_t got;
	short ready;

	while ((got = receive(s)) < 0) {
		short event = got == TRANSPORT_WANT_WRITE ? POLLOUT : POLLIN;

		if (transport_wait(&s->transport, event, deadline, &ready, err))
			continue;
		if (err != NULL && err->kind == ERROR_TIMEOUT)
			error_set(err, ERROR_TIMEOUT,
			    "timed out waiting for a reply from the server");
		return false;
	}
	if (got > 0)
		return true;
	if (s->at_end && unread(s) > 0)
		return error_set(err, ERROR_NETWORK,
		    "the server closed the connection in the middle of a line");
	return report_end(s, err);
}

static bool
line_too_long(struct error *err)
{
	return error_set(err, ERROR_PROTOCOL,
	    "the server sent a line of more than %d octets", STREAM_LINE_MAX);
}

/* Copies a line of len octets, its line end included. */
static bool
copy_line(struct stream *s, size_t len, struct str *line, struct error *err)
{
	const char *start = s->in.data + s->in_start;
	size_t text = len - 1;

	if (len > STREAM_LINE_MAX)
		return line_too_long(err);
	if (text > 0 && start[text - 1] == '\r')
		text--;
	str_truncate(line, 0);
	str_append(line, start, text);
	s->in_start += len;
	trace(s, STREAM_RECEIVED, line->data, line->len);
	return true;
}

bool
stream_read_line(struct stream *s, struct str *line, int64_t deadline,
    struct error *err)
{
	size_t searched = 0;

	deadline = limit_deadline(s, deadline);
	for (;;) {
		size_t len = unread(s);
		const char *start = str_text(&s->in) + s->in_start;
		const char *end =
		    memchr(start + searched, '\n', len - searched);

		if (end != NULL)
			return copy_line(s, (size_t)(end - start) + 1, line,
			    err);
		if (len >= STREAM_LINE_MAX)
			return line_too_long(err);
		searched = len;
		if (!receive_more(s, deadline, err))
			return false;
	}
}

bool
stream_peek(struct stream *s, size_t wanted, char **data, size_t *len,
    int64_t deadline, struct error *err)
{
	deadline = limit_deadline(s, deadline);
	while (unread(s) < wanted)
		if (!receive_more(s, deadline, err))
			return false;
	*data = s->in.data + s->in_start;
	*len = unread(s);
	return true;
}

void
stream_consume(struct stream *s, size_t len)
{
	s->in_start += len;
}

size_t
stream_buffered(struct stream *s)
{
	if (unread(s) == 0 && transport_is_open(&s->transport))
		collect(s);
	return unread(s) + pending(s);
}

bool
stream_has_line(struct stream *s)
{
	size_t searched = 0, len;

	do {
		len = unread(s);
		if (len > searched
		    && memchr(s->in.data + s->in_start + searched, '\n',
			   len - searched)
			!= NULL)
			return true;
		searched = len;
	} while (len < STREAM_LINE_MAX && receive(s) > 0);
	return false;
}

bool
stream_poll_input(struct stream *s)
{
	return stream_buffered(s) > 0 || input_has_ended(s);
}

/* Output. */

/* Reserves room for a whole group at once: growing would leave copies of a
 * secret in memory. */
static void
reserve_out(struct stream *s, size_t len)
{
	if (s->out.size == 0 && len < STREAM_GROUP_MAX)
		len = STREAM_GROUP_MAX;
	str_reserve(&s->out, len);
}

bool
stream_put_line(struct stream *s, const char *line, const char *shown,
    struct error *err)
{
	size_t len = strlen(line);

	if (!text_is_wire_safe(line, len))
		return error_set(err, ERROR_INTERNAL,
		    "a command contains a control character");
	reserve_out(s, len + 2);
	str_append(&s->out, line, len);
	str_append(&s->out, "\r\n", 2);
	if (shown != NULL)
		s->out_secret = true;
	else
		shown = line;
	trace(s, STREAM_SENT, shown, strlen(shown));
	return true;
}

bool
stream_fits(const struct stream *s, size_t len)
{
	return s->out.len <= STREAM_GROUP_MAX
	    && len <= STREAM_GROUP_MAX - s->out.len;
}

/* Earlier output was wiped when it was sent, so only this one can hold a
 * secret. */
static void
empty_out(struct stream *s)
{
	if (s->out_secret)
		secret_wipe(s->out.data, s->out.len);
	s->out_secret = false;
	str_truncate(&s->out, 0);
}

/* Whether a client has closed its side and still reads replies. */
static bool
client_still_reads(const struct stream *s)
{
	return s->serves && s->at_end;
}

/* Whether the input so far permits further output. */
static bool
check_input(struct stream *s, struct error *err)
{
	if (input_has_ended(s) && !client_still_reads(s))
		return report_end(s, err);
	if (unread(s) >= STREAM_INPUT_MAX)
		return error_set(err, ERROR_PROTOCOL,
		    "the server sent too much data (%zu octets) while the "
		    "message was being sent",
		    unread(s));
	if (s->stop_on_input && unread(s) > 0)
		return error_set(err, ERROR_NETWORK,
		    "the server replied before the message was complete");
	return true;
}

/* Waits until the transport can proceed.  Collects input meanwhile, because the
 * peer may read only after its own output has been read. */
static bool
wait_to_write(struct stream *s, ssize_t want, const struct limits *limits,
    int64_t started, struct error *err)
{
	short ready, events = client_still_reads(s) ? 0 : POLLIN;
	int64_t end = limits->deadline;

	if (want != TRANSPORT_WANT_READ)
		events |= POLLOUT;
	if (limits->timeout > 0)
		end = clock_earlier(end,
		    started + (int64_t)limits->timeout * 1000);
	if (!transport_wait(&s->transport, events, end, &ready, err)) {
		if (err != NULL && err->kind == ERROR_TIMEOUT)
			error_set(err, ERROR_TIMEOUT,
			    "timed out: the server accepts no more data");
		return false;
	}
	if (!(ready & ~POLLOUT))
		return true;
	collect(s);
	return check_input(s, err);
}

/* Writes all data to the transport, and flushes that. */
static bool
write_all(struct stream *s, const char *data, size_t len,
    const struct limits *limits, struct error *err)
{
	struct transport *t = &s->transport;
	int64_t started = clock_now();

	for (;;) {
		ssize_t put = 1;

		if (len > 0)
			put = t->write(t, data, len, err);
		else if (t->flush != NULL)
			put = t->flush(t, err);
		if (put == TRANSPORT_FAILED)
			return false;
		if (put <= 0) {
			if (!wait_to_write(s, put, limits, started, err))
				return false;
			continue;
		}
		if (len == 0)
			return true;
		data += put;
		len -= (size_t)put;
		s->sent += (uint64_t)put;
		if (s->on_sent != NULL)
			s->on_sent(s->on_sent_ctx, (size_t)put);
		started = clock_now();
	}
}

/* Checks signals and input, since an upload may never have to wait. */
static bool
may_write(struct stream *s, struct error *err)
{
	if (s->write_failed || !transport_is_open(&s->transport))
		return error_set(err, ERROR_NETWORK,
		    "the connection has failed before");
	if (s->stop_on_input)
		stream_buffered(s);
	return (s->serves || transport_check_signal(err))
	    && check_input(s, err);
}

/* Keeps input from before the failure: a reply explains more than the error. */
static void
save_input(struct stream *s)
{
	s->write_failed = true;
	while (unread(s) < STREAM_INPUT_MAX && receive(s) > 0)
		continue;
}

bool
stream_write(struct stream *s, const void *data, size_t len, unsigned timeout,
    int64_t deadline, struct error *err)
{
	const struct limits limits = { timeout, limit_deadline(s, deadline) };
	bool ok;

	if (s->out.len > 0 && len <= STREAM_GROUP_MAX) {
		reserve_out(s, len);
		str_append(&s->out, data, len);
		len = 0;
	}
	ok = may_write(s, err)
	    && (s->out.len == 0
		|| write_all(s, s->out.data, s->out.len, &limits, err))
	    && (len == 0 || write_all(s, data, len, &limits, err));
	if (!ok && transport_is_open(&s->transport))
		save_input(s);
	empty_out(s);
	return ok;
}

bool
stream_flush(struct stream *s, unsigned timeout, int64_t deadline,
    struct error *err)
{
	return stream_write(s, NULL, 0, timeout, deadline, err);
}

void
stream_send_and_close(struct stream *s, const char *line)
{
	struct transport *t = &s->transport;

	if (may_write(s, NULL) && stream_put_line(s, line, NULL, NULL))
		t->write(t, s->out.data, s->out.len, NULL);
	stream_close(s);
}

/* Trace and redaction. */

void
stream_hide(struct stream *s, const char *secret)
{
	redact_add(&s->hidden, secret);
}

void
stream_redact(const struct stream *s, struct str *text)
{
	struct str clean = { 0 };

	redact_apply(&s->hidden, text);
	text_clean(&clean, str_text(text), text->len, text->len);
	str_wipe(text);
	*text = clean;
}

void
stream_remark(struct stream *s, const char *text)
{
	trace(s, STREAM_RECEIVED, text, strlen(text));
}

void
stream_close(struct stream *s)
{
	transport_close(&s->transport);
	/* Only an echoed secret has to be wiped from the input. */
	if (s->hidden.count > 0)
		str_wipe(&s->in);
	str_free(&s->in);
	empty_out(s);
	str_free(&s->out);
	redact_free(&s->hidden);
	error_free(&s->fault);
	*s = (struct stream){ 0 };
}
