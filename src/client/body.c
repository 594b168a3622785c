/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Encodes the message and writes it with dot-stuffing, for DATA. */
#include "client/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/wide.h"

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

/* False without an error if the server has sent something. */
static bool
flush(struct stream *s, unsigned timeout, struct error *err)
{
	return stream_flush(s, timeout, clock_after_seconds(timeout), err)
	    && stream_buffered(s) == 0;
}

static bool
write_blocks(struct stream *s, struct body_reader *r, unsigned timeout,
    struct error *err)
{
	bool more = true;

	while (more) {
		if (!body_read(r, &s->out, &more, err))
			return false;
		if (s->out.len >= STREAM_GROUP_MAX && !flush(s, timeout, err))
			return false;
	}
	return stream_buffered(s) == 0;
}

bool
body_write(struct stream *s, const struct message *message, unsigned timeout,
    struct error *err)
{
	struct body_reader reader = { .message = message,
		.encoder = { .stuff = true } };
	bool ok = write_blocks(s, &reader, timeout, err);

	body_reader_free(&reader);
	if (!ok)
		return false;
	str_add(&s->out, ".\r\n");
	return stream_flush(s, timeout, clock_after_seconds(timeout), err);
}
