/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Input and output of the SMTP server: command lines and replies. */
#include "server/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

/* A long reply is written in pieces of about this size. */
#define PIECE ((size_t)16384)

/* Milliseconds for which the server still waits for a message. */
static int64_t
patience(const struct server *s)
{
	return (int64_t)s->timeout * 1000 * SERVER_WAITS_MAX - s->waited;
}

/* When the client must have sent the whole line. */
static int64_t
line_deadline(const struct server *s)
{
	return s->timeout == 0 ? CLOCK_NEVER
			       : clock_earlier(clock_after_seconds(s->timeout),
				   clock_after(patience(s)));
}

/* Says what the client has done, if the error is a timeout.  Always returns
 * false. */
static bool
name_silence(const struct server *s, const char *what, struct error *err)
{
	if (err != NULL && err->kind == ERROR_TIMEOUT)
		error_set(err, ERROR_TIMEOUT,
		    "the client has %s for %u seconds", what, s->timeout);
	return false;
}

bool
server_flush(struct server *s, struct error *err)
{
	return stream_flush(&s->stream, s->timeout, CLOCK_NEVER, err)
	    || name_silence(s, "read nothing", err);
}

/* The wait ended within a line, or before it. */
static bool
name_slow_line(const struct server *s, bool within, struct error *err)
{
	if (err != NULL && err->kind == ERROR_TIMEOUT && patience(s) <= 0)
		return error_set(err, ERROR_TIMEOUT,
		    "the client has sent no message for %u seconds",
		    s->timeout * SERVER_WAITS_MAX);
	return name_silence(s, within ? "sent no whole line" : "sent nothing",
	    err);
}

void
server_begin_data(struct server *s)
{
	s->data_began = clock_now();
	s->data_left = SERVER_DATA_MIN;
}

void
server_end_data(struct server *s)
{
	s->waited += clock_now() - s->data_began;
}

void
server_consume(struct server *s, size_t len)
{
	stream_consume(&s->stream, len);
	if (len < s->data_left)
		s->data_left -= len;
	else
		server_begin_data(s);
}

bool
server_peek(struct server *s, size_t wanted, char **data, size_t *len,
    struct error *err)
{
	int64_t deadline = s->timeout == 0
	    ? CLOCK_NEVER
	    : s->data_began + (int64_t)s->timeout * 1000;

	return stream_peek(&s->stream, wanted, data, len, deadline, err)
	    || name_silence(s,
		s->data_left == SERVER_DATA_MIN
		    ? "sent nothing"
		    : "sent too little of its message",
		err);
}

bool
server_put_reply(struct server *s, struct server_reply *reply,
    struct error *err)
{
	struct str line = { 0 };
	bool ok;

	s->last_code = reply->status.code;
	server_reply_print(reply, s->smtputf8, &line);
	ok = stream_put_line(&s->stream, str_text(&line), NULL, err);
	str_free(&line);
	server_reply_free(reply);
	return ok;
}

bool
server_send_reply(struct server *s, struct server_reply *reply,
    struct error *err)
{
	return server_put_reply(s, reply, err) && server_flush(s, err);
}

bool
server_send_text(struct server *s, int code, const char *status,
    const char *text, struct error *err)
{
	struct server_reply reply = { 0 };

	server_reply_set(&reply, code, status, "%s", text);
	return server_send_reply(s, &reply, err);
}

bool
server_send_lines(struct server *s, int code, const struct strv *lines,
    struct error *err)
{
	struct str line = { 0 };
	bool ok = true;

	s->last_code = code;
	for (size_t i = 0; ok && i < lines->count; i++) {
		str_truncate(&line, 0);
		str_printf(&line, "%d%c%s", code,
		    i + 1 < lines->count ? '-' : ' ', lines->items[i]);
		ok = stream_put_line(&s->stream, str_text(&line), NULL, err);
	}
	str_free(&line);
	return ok && server_flush(s, err);
}

bool
server_send_line(struct server *s, int code, bool is_last, const char *status,
    const char *text, struct error *err)
{
	struct str line = { 0 };
	bool ok;

	s->last_code = code;
	str_printf(&line, "%d%c%s %s", code, is_last ? ' ' : '-', status, text);
	ok = stream_put_line(&s->stream, str_text(&line), NULL, err);
	str_free(&line);
	if (ok && (is_last || s->stream.out.len > PIECE))
		ok = server_flush(s, err);
	return ok;
}

/* Removes a CR at the end, and from the first line a byte order mark, which
 * Windows PowerShell writes into a pipe. */
static void
strip_line(struct server *s, struct str *line)
{
	if (line->len > 0 && line->data[line->len - 1] == '\r')
		str_truncate(line, line->len - 1);
	if (!s->has_line)
		str_consume(line, text_mark_length(str_text(line), line->len));
	s->has_line = true;
}

/* A client that always has more to send has a deadline, too. */
static bool
peek_line(struct server *s, size_t wanted, char **data, size_t *len,
    int64_t deadline, struct error *err)
{
	if (clock_has_passed(deadline)) {
		error_set(err, ERROR_TIMEOUT, "no whole line");
		return false;
	}
	return stream_peek(&s->stream, wanted, data, len, deadline, err);
}

static bool
read_line(struct server *s, struct str *line, bool *too_long, struct error *err)
{
	const int64_t began = clock_now(), deadline = line_deadline(s);
	char *data, *end = NULL;
	size_t len, wanted = 1;

	while (end == NULL) {
		size_t used;

		if (!peek_line(s, wanted, &data, &len, deadline, err)) {
			s->waited += clock_now() - began;
			return name_slow_line(s, *too_long || wanted > 1, err);
		}
		end = memchr(data, '\n', len);
		used = end == NULL ? len : (size_t)(end + 1 - data);
		if (used > SERVER_LINE_MAX)
			*too_long = true;
		wanted = *too_long ? 1 : len + 1;
		if (end != NULL && end > data && end[-1] == '\r')
			s->crlf = true;
		if (end != NULL && !*too_long)
			str_append(line, data, used - 1);
		if (end != NULL || *too_long)
			stream_consume(&s->stream, used);
	}
	s->waited += clock_now() - began;
	return true;
}

bool
server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err)
{
	*too_long = false;
	str_truncate(line, 0);
	if (!read_line(s, line, too_long, err))
		return false;
	strip_line(s, line);
	return true;
}

bool
server_next_is(struct server *s, const char *command)
{
	const size_t name = strlen(command);
	char *data;
	size_t len, end;

	if (!stream_has_line(&s->stream)
	    || !stream_peek(&s->stream, 1, &data, &len, CLOCK_NEVER, NULL)
	    || len <= name || !text_starts_nocase(data, command))
		return false;
	for (end = name; data[end] == ' ' || data[end] == '\r'; end++)
		continue;
	return data[end] == '\n';
}

/* The descriptors of the client */

/* Also true for a broken descriptor: the read or write then fails. */
static bool
is_ready(int fd, short event)
{
	struct pollfd pfd = { .fd = fd, .events = event };

	return poll(&pfd, 1, 0) > 0;
}

static bool
is_temporary(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

/* Tells a client that has disconnected from a descriptor that does not work. */
static enum error_kind
kind_of_failure(int number)
{
	return number == EPIPE || number == ECONNRESET ? ERROR_NETWORK
						       : ERROR_INPUT;
}

static ssize_t
client_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	int fd = t->fd_plus_1 - 1;
	ssize_t got;

	if (!is_ready(fd, POLLIN))
		return TRANSPORT_WANT_READ;
	got = read(fd, buf, len);
	if (got >= 0)
		return got;
	if (is_temporary(errno))
		return TRANSPORT_WANT_READ;
	error_set(err, kind_of_failure(errno),
	    "cannot read from the client: %s", strerror(errno));
	return TRANSPORT_FAILED;
}

/* When poll() reports that a pipe is writable, it has room for PIPE_BUF octets;
 * a longer write could block. */
static ssize_t
client_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	int fd = t->out_plus_1 - 1;
	ssize_t sent;

	if (!is_ready(fd, POLLOUT))
		return TRANSPORT_WANT_WRITE;
	sent = write(fd, buf, len < PIPE_BUF ? len : PIPE_BUF);
	if (sent > 0)
		return sent;
	if (sent == 0 || is_temporary(errno))
		return TRANSPORT_WANT_WRITE;
	error_set(err, kind_of_failure(errno), "cannot write to the client: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

void
server_transport_init(struct transport *t, int input, int output)
{
	*t = (struct transport){ .fd_plus_1 = input + 1,
		.out_plus_1 = output + 1,
		.read = client_read,
		.write = client_write };
}
