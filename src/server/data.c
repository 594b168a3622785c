/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes the data of DATA, and collects the chunks of BDAT. */
#include "server/data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/read_message.h"
#include "mime/binary.h"
#include "mime/downgrade.h"
#include "server/io.h"

/* DATA */

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

/* Keeps what a client sends beyond the limit off the disk. */
static bool
has_room(struct server *s, size_t len, struct error *problem)
{
	s->octets += len;
	if (s->size_max == 0 || s->octets <= s->size_max)
		return true;
	return error_set(problem, ERROR_TOO_BIG,
	    "the message has more than %" PRIu64 " octets", s->size_max);
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
		    || !server_peek(s, len + 1, &data, &len, err))
			return false;
		text = data_decoder_next(decoder, data, len, &used);
		if (text > 0 && !error_is_set(problem)
		    && has_room(s, text, problem))
			message_reader_feed(reader, data, text, problem);
		server_consume(s, used);
	}
	return true;
}

bool
server_read_data(struct server *s, struct message *m, struct error *problem,
    struct error *err)
{
	struct data_decoder decoder = { .crlf = s->crlf, .line_start = true };
	struct message_reader reader;
	bool ok = true;

	s->octets = 0;
	m->body.folder = s->folder;
	message_reader_begin(&reader, m, false);
	reader.exact = EXACT_IF_NEEDED;
	server_begin_data(s);
	while (ok && !decoder.ended)
		ok = read_data(s, &decoder, &reader, problem, err);
	server_end_data(s);
	if (ok && !error_is_set(problem)
	    && message_reader_end(&reader, problem))
		message_encode_binary(m, problem);
	message_reader_free(&reader);
	s->crlf = decoder.crlf;
	return ok;
}

/* BDAT */

struct chunks {
	struct message message;
	struct message_reader reader;
	bool is_binary; /* the octets go to `binary`, not to the reader */
	struct binary_message binary;
};

static struct chunks *
begin_chunks(struct server *s)
{
	struct chunks *c = alloc_zeroed(1, sizeof(*c));

	s->octets = 0;
	c->message.body.folder = s->folder;
	message_reader_begin(&c->reader, &c->message, false);
	c->reader.exact = EXACT_IF_NEEDED;
	c->is_binary = s->binarymime;
	binary_message_begin(&c->binary, s->folder);
	return c;
}

static void
feed_chunk(struct chunks *c, char *data, size_t len, struct error *problem)
{
	if (c->is_binary)
		binary_message_add(&c->binary, data, len, problem);
	else
		message_reader_feed(&c->reader, data, len, problem);
}

/* Reads the octets of a chunk; c is NULL if they are not wanted. */
static bool
read_all_octets(struct server *s, uint64_t size, struct chunks *c,
    struct error *problem, struct error *err)
{
	while (size > 0) {
		char *data;
		size_t len;

		if (!transport_check_signal(err)
		    || !server_peek(s, 1, &data, &len, err))
			return false;
		if (len > size)
			len = (size_t)size;
		if (c != NULL && problem != NULL && !error_is_set(problem)
		    && has_room(s, len, problem))
			feed_chunk(c, data, len, problem);
		server_consume(s, len);
		size -= len;
	}
	return true;
}

static bool
read_octets(struct server *s, uint64_t size, struct chunks *c,
    struct error *problem, struct error *err)
{
	bool ok;

	server_begin_data(s);
	ok = read_all_octets(s, size, c, problem, err);
	server_end_data(s);
	return ok;
}

bool
server_read_chunk(struct server *s, uint64_t size, struct error *problem,
    struct error *err)
{
	if (s->chunks == NULL)
		s->chunks = begin_chunks(s);
	return read_octets(s, size, s->chunks, problem, err);
}

bool
server_skip_chunk(struct server *s, uint64_t size, struct error *err)
{
	return read_octets(s, size, NULL, NULL, err);
}

bool
server_end_chunks(struct server *s, struct message *m, struct error *problem)
{
	struct chunks *c = s->chunks;
	bool ok = c->is_binary
	    ? binary_message_end(&c->binary, &c->message, problem)
	    : message_reader_end(&c->reader, problem)
		&& message_encode_binary(&c->message, problem);

	if (ok) {
		*m = c->message;
		c->message = (struct message){ 0 };
	}
	server_free_chunks(s);
	return ok;
}

void
server_free_chunks(struct server *s)
{
	if (s->chunks == NULL)
		return;
	message_reader_free(&s->chunks->reader);
	binary_message_free(&s->chunks->binary);
	message_free(&s->chunks->message);
	free(s->chunks);
	s->chunks = NULL;
}
