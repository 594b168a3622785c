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

/* When the client must have sent or read something. */
static int64_t
deadline_of(const struct server *s)
{
	return s->timeout == 0 ? CLOCK_NEVER : clock_after_seconds(s->timeout);
}

/* Says who was silent, if the error is a timeout.  Always returns false. */
static bool
name_silence(const struct server *s, const char *what, struct error *err)
{
	if (err != NULL && err->kind == ERROR_TIMEOUT)
		error_set(err, ERROR_TIMEOUT,
		    "the client has %s nothing for %u seconds", what,
		    s->timeout);
	return false;
}

static bool
flush(struct server *s, struct error *err)
{
	return stream_flush(&s->stream, s->timeout, CLOCK_NEVER, err)
	    || name_silence(s, "read", err);
}

bool
server_peek(struct server *s, size_t wanted, char **data, size_t *len,
    struct error *err)
{
	return stream_peek(&s->stream, wanted, data, len, deadline_of(s), err)
	    || name_silence(s, "sent", err);
}

bool
server_send_reply(struct server *s, struct server_reply *reply,
    struct error *err)
{
	struct str line = { 0 };
	bool ok;

	s->last_code = reply->status.code;
	server_reply_print(reply, s->smtputf8, &line);
	ok = stream_put_line(&s->stream, str_text(&line), NULL, err)
	    && flush(s, err);
	str_free(&line);
	server_reply_free(reply);
	return ok;
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
	return ok && flush(s, err);
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
		ok = flush(s, err);
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

bool
server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err)
{
	char *data, *end = NULL;
	size_t len, wanted = 1;

	*too_long = false;
	str_truncate(line, 0);
	while (end == NULL) {
		size_t used;

		if (!server_peek(s, wanted, &data, &len, err))
			return false;
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
	strip_line(s, line);
	return true;
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
