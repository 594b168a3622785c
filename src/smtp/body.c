/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

void
body_encode(struct body_encoder *encoder, const char *text, size_t len,
    struct str *out)
{
	const char *end = text + len;
	char *to = str_reserve(out, 2 * len);

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t count =
		    (size_t)((newline == NULL ? end : newline) - text);

		if (*text == '.' && encoder->stuff && !encoder->in_line)
			*to++ = '.';
		memcpy(to, text, count);
		to += count;
		text += count;
		encoder->in_line = newline == NULL;
		if (newline != NULL) {
			*to++ = '\r';
			*to++ = '\n';
			text++;
		}
	}
	out->len = (size_t)(to - out->data);
	*to = '\0';
}

/* Writes when a flight is full; false without an error: the server spoke. */
static bool
flush(struct stream *s, size_t limit, unsigned timeout, struct error *err)
{
	if (s->out.len <= limit)
		return true;
	return stream_flush(s, timeout, clock_after_seconds(timeout), err)
	    && stream_buffered(s) == 0;
}

static bool
write_header(struct stream *s, struct body_encoder *encoder,
    const struct str *header, unsigned timeout, struct error *err)
{
	for (size_t at = 0; at < header->len; at += BODY_BLOCK) {
		size_t left = header->len - at;

		body_encode(encoder, header->data + at,
		    left < BODY_BLOCK ? left : BODY_BLOCK, &s->out);
		if (!flush(s, STREAM_FLIGHT_MAX - 1, timeout, err))
			return false;
	}
	body_encode(encoder, "\n", 1, &s->out);
	return true;
}

static bool
write_blocks(struct stream *s, struct body_encoder *encoder,
    const struct store *body, char *block, unsigned timeout, struct error *err)
{
	uint64_t at = 0;
	size_t got;

	do {
		if (!store_read(body, at, block, BODY_BLOCK, &got, err))
			return false;
		body_encode(encoder, block, got, &s->out);
		at += got;
		if (!flush(s, STREAM_FLIGHT_MAX - 1, timeout, err))
			return false;
	} while (got > 0);
	return true;
}

bool
body_write(struct stream *s, const struct message *message, unsigned timeout,
    struct error *err)
{
	struct body_encoder encoder = { .stuff = true };
	char *block = alloc_bytes(BODY_BLOCK);
	bool ok = write_header(s, &encoder, &message->header, timeout, err)
	    && write_blocks(s, &encoder, &message->body, block, timeout, err);

	free(block);
	if (!ok || stream_buffered(s) > 0)
		return false;
	str_add(&s->out, ".\r\n");
	return stream_flush(s, timeout, clock_after_seconds(timeout), err);
}
