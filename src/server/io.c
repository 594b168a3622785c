/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Input and output of the SMTP server: command lines, messages and replies. */
#include "server/io.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "mail/read_message.h"

/* Message data */

/* Decodes a dot at the start of a line: the end of the data, or an added dot.
 * Returns the number of octets used, or 0 if more are needed. */
static size_t
decode_dot(struct data_decoder *d, const char *data, size_t len)
{
	size_t end = 0;

	if (len < 2 || (data[1] == '\r' && len < 3))
		return 0;
	if (data[1] == '\n' && !d->crlf)
		end = 2;
	else if (data[1] == '\r' && data[2] == '\n')
		end = 3;
	d->crlf = d->crlf || end == 3;
	d->ended = end > 0;
	d->line_start = d->after_cr = false;
	return d->ended ? end : 1;
}

size_t
data_decoder_next(struct data_decoder *d, const char *data, size_t len,
    size_t *used)
{
	const char *at = data, *end = data + len, *lf;

	if (d->line_start && *data == '.') {
		*used = decode_dot(d, data, len);
		return 0;
	}
	while ((lf = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		bool after_cr = lf > data ? lf[-1] == '\r' : d->after_cr;

		d->crlf = d->crlf || after_cr;
		d->line_start = after_cr || !d->crlf;
		at = lf + 1;
		if (at == end || (d->line_start && *at == '.')) {
			d->after_cr = false;
			return *used = (size_t)(at - data);
		}
	}
	d->line_start = false;
	d->after_cr = end[-1] == '\r';
	return *used = len;
}

static bool
flush(struct server *s, struct error *err)
{
	return stream_flush(&s->stream, 0, CLOCK_NEVER, err);
}

bool
server_send_reply(struct server *s, struct server_reply *reply,
    struct error *err)
{
	struct str line = { 0 };
	bool ok;

	server_reply_print(reply, &line);
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
server_read_line(struct server *s, struct str *line, bool *too_long,
    struct error *err)
{
	char *data, *end = NULL;
	size_t len, wanted = 1;

	*too_long = false;
	str_truncate(line, 0);
	while (end == NULL) {
		size_t used;

		if (!stream_peek(&s->stream, wanted, &data, &len, CLOCK_NEVER,
			err))
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
	if (line->len > 0 && line->data[line->len - 1] == '\r')
		str_truncate(line, line->len - 1);
	return true;
}

/* Decodes the buffered octets; reads more when the decoder needs more. */
static bool
read_data(struct server *s, struct data_decoder *decoder,
    struct message_reader *reader, struct error *problem, struct error *err)
{
	size_t len = 0, used = 0;

	while (used == 0) {
		size_t text;
		char *data;

		if (!transport_check_signal(err)
		    || !stream_peek(&s->stream, len + 1, &data, &len,
			CLOCK_NEVER, err))
			return false;
		text = data_decoder_next(decoder, data, len, &used);
		if (text > 0 && !error_is_set(problem))
			message_reader_feed(reader, data, text, problem);
		stream_consume(&s->stream, used);
	}
	return true;
}

bool
server_read_message(struct server *s, struct message *m, struct error *problem,
    struct error *err)
{
	struct data_decoder decoder = { .crlf = s->crlf, .line_start = true };
	struct message_reader reader;
	bool ok = true;

	m->body.folder = s->folder;
	message_reader_begin(&reader, m, false);
	while (ok && !decoder.ended)
		ok = read_data(s, &decoder, &reader, problem, err);
	if (ok && !error_is_set(problem))
		message_reader_end(&reader, problem);
	message_reader_free(&reader);
	s->crlf = decoder.crlf;
	return ok;
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
	error_set(err, ERROR_INPUT, "cannot read from the client: %s",
	    strerror(errno));
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
	error_set(err, ERROR_NETWORK, "cannot write to the client: %s",
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
