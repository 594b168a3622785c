/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends XQUEUE, and reads its reply line by line, however long it is. */
#include "client/xqueue.h"

#include "base/clock.h"

/* The seconds for all lines. */
#define LISTING_SECONDS 600

struct reader {
	reply_visitor *visit;
	void *ctx;
};

/* Every line begins with a status (RFC 2034 section 4). */
static bool
pass_line(void *ctx, const char *text, struct error *err)
{
	const struct reader *reader = ctx;
	char status[STATUS_SIZE];
	size_t len = status_parse(text, status);

	if (len == 0 || text[len] != ' ')
		return error_set(err, ERROR_PROTOCOL,
		    "the server's reply to XQUEUE has a line without a status");
	return reader->visit(reader->ctx, text + len + 1, err);
}

static bool
exchange(struct session *s, struct reply *reply, struct reader *reader,
    struct error *err)
{
	s->stream.deadline = clock_after_seconds(LISTING_SECONDS);
	if (session_check_silence(s, err)
	    && stream_put_line(&s->stream, "XQUEUE", NULL, err)
	    && session_flush(s, STAGE_XQUEUE, err)
	    && reply_read_long(&s->stream, reply,
		session_timeout(s, STAGE_XQUEUE), pass_line, reader, err))
		return true;
	s->state = SESSION_UNUSABLE;
	return session_failed(s, err);
}

bool
xqueue_read(struct session *s, reply_visitor *visit, void *ctx,
    struct error *err)
{
	struct reader reader = { .visit = visit, .ctx = ctx };
	struct reply reply = { 0 };
	bool ok;

	if (!session_offers(s, CAP_XQUEUE, STAGE_XQUEUE, "XQUEUE", err))
		return false;
	ok = exchange(s, &reply, &reader, err);
	if (ok && !reply_is(&reply, 2))
		ok = session_rejected(s, &reply, STAGE_XQUEUE, "XQUEUE", err);
	reply_free(&reply);
	return ok;
}
