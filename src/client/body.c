/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes the message and writes it with dot-stuffing, for DATA. */
#include "client/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/wide.h"

/* The slowest upload: an average of 1 KiB/s over five minutes. */
#define PACE_SECONDS 300U
#define PACE_OCTETS (PACE_SECONDS * 1024)

/* Encodes up to the next line end or the end of the text, and returns it. */
static const char *
encode_line(struct body_encoder *encoder, char **to, const char *text,
    const char *end)
{
	const char *newline = memchr(text, '\n', (size_t)(end - text));
	size_t count = (size_t)((newline == NULL ? end : newline) - text);
	char *out = *to;

	if (*text == '.' && encoder->stuff && !encoder->in_line)
		*out++ = '.';
	memcpy(out, text, count);
	out += count;
	encoder->in_line = newline == NULL;
	if (newline != NULL) {
		*out++ = '\r';
		*out++ = '\n';
	}
	*to = out;
	return newline == NULL ? end : newline + 1;
}

void
body_encode(struct body_encoder *encoder, const char *text, size_t len,
    struct str *out)
{
	const char *end = text + len;
	char *to = str_reserve(out, 2 * len);

	while (text < end) {
		if (!encoder->in_line)
			text += wide_encode(&to, text, (size_t)(end - text),
			    encoder->stuff);
		if (text < end)
			text = encode_line(encoder, &to, text, end);
	}
	out->len = (size_t)(to - out->data);
	*to = '\0';
}

bool
body_read(struct body_reader *r, struct str *out, bool *more, struct error *err)
{
	const struct str *header = &r->message->header;
	size_t left = header->len - r->header_at, got;

	*more = true;
	if (left > 0) {
		size_t len = left < BODY_BLOCK ? left : BODY_BLOCK;

		body_encode(&r->encoder, header->data + r->header_at, len, out);
		r->header_at += len;
		return true;
	}
	if (r->block == NULL) {
		r->block = alloc_bytes(BODY_BLOCK);
		body_encode(&r->encoder, "\n", 1, out);
	}
	if (!buffer_file_read(&r->message->body, r->body_at, r->block,
		BODY_BLOCK, &got, err))
		return false;
	body_encode(&r->encoder, r->block, got, out);
	r->body_at += got;
	*more = r->body_at < r->message->body.size;
	return true;
}

void
body_reader_free(struct body_reader *r)
{
	free(r->block);
	*r = (struct body_reader){ 0 };
}

struct body_writer {
	struct stream *stream;
	struct body_reader reader;
	unsigned timeout;
	uint64_t octets;     /* encoded so far */
	uint64_t size;       /* all octets, if the client has announced them */
	int64_t pace_end;    /* the time by which PACE_OCTETS must be written */
	uint64_t pace_start; /* stream->sent when pace_end was set */
};

static void
start_pace(struct body_writer *w)
{
	w->pace_start = w->stream->sent;
	w->pace_end = clock_after_seconds(PACE_SECONDS);
}

static bool
write_out(struct body_writer *w, struct error *err)
{
	struct error failure = { 0 };
	int64_t end = clock_after_seconds(w->timeout);

	if (w->stream->sent - w->pace_start >= PACE_OCTETS)
		start_pace(w);
	if (stream_flush(w->stream, w->timeout, clock_earlier(end, w->pace_end),
		&failure))
		return true;
	if (failure.kind == ERROR_TIMEOUT && clock_has_passed(w->pace_end))
		error_set(&failure, ERROR_TIMEOUT,
		    "timed out: the server accepts less than %u octets of the "
		    "message in %u seconds",
		    PACE_OCTETS, PACE_SECONDS);
	if (err != NULL)
		error_move(err, &failure);
	error_free(&failure);
	return false;
}

/* The server must get the number of octets that the client has announced. */
static bool
check_size(const struct body_writer *w, bool more, struct error *err)
{
	if (w->size == 0 || w->octets == w->size
	    || (more && w->octets < w->size))
		return true;
	return error_set(err, ERROR_INTERNAL,
	    "internal error: message size mismatch");
}

/* False without an error if the server has sent something. */
static bool
write_blocks(struct body_writer *w, struct error *err)
{
	struct stream *s = w->stream;
	bool more = true;

	while (more) {
		size_t before = s->out.len;

		if (!body_read(&w->reader, &s->out, &more, err))
			return false;
		w->octets += s->out.len - before;
		if (!check_size(w, more, err))
			return false;
		if (s->out.len >= STREAM_GROUP_MAX
		    && (!write_out(w, err) || stream_buffered(s) > 0))
			return false;
	}
	return stream_buffered(s) == 0;
}

bool
body_write(struct stream *s, const struct message *message, enum body_form form,
    unsigned timeout, struct error *err)
{
	struct body_writer w = { .stream = s,
		.reader = { .message = message },
		.timeout = timeout };
	bool ok;

	if (form == BODY_DOTTED)
		w.reader.encoder.stuff = true;
	else
		w.size = message_size(message);
	start_pace(&w);
	ok = write_blocks(&w, err);
	body_reader_free(&w.reader);
	if (!ok)
		return false;
	if (form == BODY_DOTTED)
		str_add(&s->out, ".\r\n");
	return write_out(&w, err);
}
