/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "client/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/body.h"

/* What goes along with the command itself: copied, so not much. */
#define FIRST_BLOCK ((size_t)4096)
/* Seconds that the reply to a QUIT which went along may take. */
#define CONFIRMATION_SECONDS 10

/* A message on its way, piece by piece. */
struct upload {
	struct session *s;
	struct body_reader reader;
	struct str piece;
	bool more;         /* behind this piece */
	size_t unanswered; /* pieces before this one */
};

static bool
fill_piece(struct upload *u, struct error *err)
{
	str_truncate(&u->piece, 0);
	while (u->more && u->piece.len < CHUNK_SIZE)
		if (!body_read(&u->reader, &u->piece, &u->more, err))
			return false;
	return true;
}

/* Reads the reply to the oldest piece that has none. */
static bool
read_answer(struct upload *u, struct error *err)
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
	return ok || session_failed(s, err);
}

/*
 * The refusal that a server gave before it had everything, or hung up, tells
 * more than that.
 */
static bool
write_failed(struct upload *u, struct error *err)
{
	struct error refusal = { 0 };

	if (stream_buffered(&u->s->stream) > 0 && !read_answer(u, &refusal)
	    && error_is_rejection(&refusal, STAGE_END_OF_DATA))
		error_move(err, &refusal);
	error_free(&refusal);
	return session_failed(u->s, err);
}

/* In blocks, so that a refusal of an earlier piece is heard in between. */
static bool
write_piece(struct upload *u, struct error *err)
{
	struct stream *stream = &u->s->stream;
	unsigned timeout = session_timeout(u->s, STAGE_BODY);
	size_t done = 0;

	while (done < u->piece.len) {
		size_t len = u->piece.len - done;
		size_t most = done == 0 ? FIRST_BLOCK : STREAM_GROUP_MAX;

		if (len > most)
			len = most;
		if (!stream_write(stream, u->piece.data + done, len, timeout,
			clock_after_seconds(timeout), err))
			return write_failed(u, err);
		done += len;
		if (u->unanswered > 0 && stream_buffered(stream) > 0
		    && !read_answer(u, err))
			return false;
	}
	return true;
}

/*
 * When no reply is due, one that is here is for something else.  That holds
 * above all before the last piece, whose reply is the final reply, and while
 * it is written, as with DATA.
 */
static bool
begin_piece(struct upload *u, struct error *err)
{
	if (stream_buffered(&u->s->stream) > 0) {
		error_set(err, ERROR_PROTOCOL,
		    "the server answered before it had everything");
		return write_failed(u, err);
	}
	u->s->stream.stop_on_input = !u->more;
	return true;
}

static bool
send_piece(struct upload *u, struct error *err)
{
	char *line =
	    alloc_printf("BDAT %zu%s", u->piece.len, u->more ? "" : " LAST");
	bool ok = stream_put_line(&u->s->stream, line, NULL, err)
	    && write_piece(u, err);

	free(line);
	return ok;
}

static bool
send_pieces(struct upload *u, struct error *err)
{
	bool pipelining =
	    capabilities_have(&u->s->capabilities, CAP_PIPELINING);
	size_t allowed = pipelining ? CHUNKS_UNANSWERED : 0;

	do {
		if (!fill_piece(u, err))
			return false;
		while (u->unanswered > (u->more ? allowed : 0))
			if (!read_answer(u, err))
				return false;
		if ((u->unanswered == 0 && !begin_piece(u, err))
		    || !send_piece(u, err))
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
	int64_t total = s->stream.deadline, start = clock_now();
	bool ok;

	/* As with DATA the upload does not count against the total. */
	s->stream.deadline = CLOCK_NEVER;
	ok = send_pieces(&u, err);
	s->stream.stop_on_input = false;
	s->stream.deadline = total == 0 || total == CLOCK_NEVER
	    ? total
	    : total + (clock_now() - start);
	s->broken = s->broken || !ok;
	body_reader_free(&u.reader);
	str_free(&u.piece);
	return ok;
}

bool
chunk_send_last(struct session *s, struct error *err)
{
	unsigned timeout = session_timeout(s, STAGE_BODY);
	struct upload u = { .s = s };
	bool ok = begin_piece(&u, err)
	    && stream_put_line(&s->stream, "BDAT 0 LAST", NULL, err)
	    && stream_flush(&s->stream, timeout, clock_after_seconds(timeout),
		err);

	s->stream.stop_on_input = false;
	s->broken = s->broken || !ok;
	return ok || session_failed(s, err);
}

bool
chunk_check_quit_reply(struct session *s, struct error *err)
{
	int64_t deadline = clock_earlier(s->stream.deadline,
	    clock_after_seconds(CONFIRMATION_SECONDS));
	struct str line = { 0 };
	struct error missing = { 0 };
	bool ok = stream_read_line(&s->stream, &line, deadline, &missing);

	if (ok) {
		ok = line.len >= 3 && memcmp(line.data, "221", 3) == 0;
		if (!ok)
			error_set(err, ERROR_PROTOCOL,
			    "the server sent a reply too many");
	} else {
		/* Half a line may be the beginning of a refusal. */
		ok = (missing.kind == ERROR_TIMEOUT || s->stream.at_end)
		    && stream_buffered(&s->stream) == 0;
		if (!ok)
			error_move(err, &missing);
	}
	error_free(&missing);
	str_free(&line);
	return ok;
}
