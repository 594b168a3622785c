/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends BDAT commands.  With PIPELINING a chunk is sent before the server has
 * replied to the one before it.
 */
#include "client/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/body.h"

/* Octets that are copied behind the command, to be sent in one write. */
#define FIRST_BLOCK ((size_t)4096)
/* Seconds for the reply to a QUIT that was sent together with the message. */
#define QUIT_REPLY_SECONDS 10

struct upload {
	struct session *s;
	struct body_reader reader;
	struct str chunk;
	bool more;         /* the chunk is not the last one */
	size_t unanswered; /* chunks before this one without a reply */
};

static bool
fill_chunk(struct upload *u, struct error *err)
{
	str_truncate(&u->chunk, 0);
	while (u->more && u->chunk.len < CHUNK_SIZE)
		if (!body_read(&u->reader, &u->chunk, &u->more, err))
			return false;
	return true;
}

/* Reads the reply to the oldest chunk that has none. */
static bool
read_chunk_reply(struct upload *u, struct error *err)
{
	struct session *s = u->s;
	struct reply reply = { 0 };
	bool ok = reply_read(&s->stream, &reply,
	    clock_after_seconds(session_timeout(s, STAGE_BODY)), err);

	if (ok && !reply_is(&reply, 2))
		ok =
		    session_rejected(s, &reply, STAGE_END_OF_DATA, "BDAT", err);
	reply_free(&reply);
	u->unanswered -= u->unanswered > 0 ? 1 : 0;
	return ok;
}

/*
 * If the server rejected the message before it had all of it, that rejection is
 * a better error than the failed write.  Always returns false.
 */
static bool
prefer_rejection(struct upload *u, struct error *err)
{
	struct error rejection = { 0 };

	if (stream_buffered(&u->s->stream) > 0
	    && !read_chunk_reply(u, &rejection)
	    && error_is_rejection(&rejection, STAGE_END_OF_DATA))
		error_move(err, &rejection);
	error_free(&rejection);
	return false;
}

/* Sends the chunk in blocks, to notice the rejection of an earlier chunk. */
static bool
write_chunk(struct upload *u, struct error *err)
{
	struct stream *stream = &u->s->stream;
	unsigned timeout = session_timeout(u->s, STAGE_BODY);
	size_t done = 0;

	while (done < u->chunk.len) {
		size_t len = u->chunk.len - done;
		size_t most = done == 0 ? FIRST_BLOCK : STREAM_GROUP_MAX;

		if (len > most)
			len = most;
		if (!stream_write(stream, u->chunk.data + done, len, timeout,
			clock_after_seconds(timeout), err))
			return prefer_rejection(u, err);
		done += len;
		if (u->unanswered > 0 && stream_buffered(stream) > 0
		    && !read_chunk_reply(u, err))
			return false;
	}
	return true;
}

/*
 * If no reply is outstanding, any input is unsolicited.  The client also stops
 * if input arrives while it sends the last chunk: only the reply to that chunk
 * is the final reply.
 */
static bool
check_no_input(struct upload *u, struct error *err)
{
	if (stream_buffered(&u->s->stream) > 0) {
		error_set(err, ERROR_PROTOCOL,
		    "the server sent a reply before it had the whole message");
		return prefer_rejection(u, err);
	}
	u->s->stream.stop_on_input = !u->more;
	return true;
}

static bool
send_chunk(struct upload *u, struct error *err)
{
	char *line =
	    alloc_printf("BDAT %zu%s", u->chunk.len, u->more ? "" : " LAST");
	bool ok = stream_put_line(&u->s->stream, line, NULL, err)
	    && write_chunk(u, err);

	free(line);
	return ok;
}

static bool
send_chunks(struct upload *u, struct error *err)
{
	bool pipelining =
	    capabilities_have(&u->s->capabilities, CAP_PIPELINING);
	size_t allowed = pipelining ? CHUNKS_UNANSWERED : 0;

	do {
		if (!fill_chunk(u, err))
			return false;
		while (u->unanswered > (u->more ? allowed : 0))
			if (!read_chunk_reply(u, err))
				return false;
		if ((u->unanswered == 0 && !check_no_input(u, err))
		    || !send_chunk(u, err))
			return false;
		u->unanswered++;
	} while (u->more);
	return true;
}

bool
chunk_write(struct session *s, const struct message *message, struct error *err)
{
	struct upload u = { .s = s,
		.reader = { .message = message },
		.more = true };
	bool ok = send_chunks(&u, err);

	s->stream.stop_on_input = false;
	body_reader_free(&u.reader);
	str_free(&u.chunk);
	return ok;
}

bool
chunk_send_last(struct session *s, struct error *err)
{
	unsigned timeout = session_timeout(s, STAGE_BODY);
	struct upload u = { .s = s };
	bool ok = check_no_input(&u, err)
	    && stream_put_line(&s->stream, "BDAT 0 LAST", NULL, err)
	    && stream_flush(&s->stream, timeout, clock_after_seconds(timeout),
		err);

	s->stream.stop_on_input = false;
	return ok;
}

bool
chunk_check_quit_reply(struct session *s, struct error *err)
{
	int64_t deadline = clock_earlier(s->stream.deadline,
	    clock_after_seconds(QUIT_REPLY_SECONDS));
	struct str line = { 0 };
	struct error missing = { 0 };
	bool ok = stream_read_line(&s->stream, &line, deadline, &missing);

	if (ok) {
		ok = line.len >= 3 && memcmp(line.data, "221", 3) == 0;
		if (!ok)
			error_set(err, ERROR_PROTOCOL,
			    "the server sent an unexpected extra reply");
	} else {
		/* An incomplete line may be the start of a rejection. */
		ok = (missing.kind == ERROR_TIMEOUT || s->stream.at_end)
		    && stream_buffered(&s->stream) == 0;
		if (!ok)
			error_move(err, &missing);
	}
	error_free(&missing);
	str_free(&line);
	return ok;
}
