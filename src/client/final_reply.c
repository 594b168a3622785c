/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the reply to the end of the message, and makes the result of each
 * recipient of it.
 */
#include "client/final_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"

/* Seconds for the reply to QUIT. */
#define QUIT_REPLY_SECONDS 10

bool
final_reply_accepts(const struct reply *reply)
{
	return reply->status.code / 10 == 25;
}

static bool
is_bdat_unknown(const struct transaction *t, const struct smtp_status *status)
{
	return t->data_state != DATA_ACCEPTED
	    && (status->code == 500 || status->code == 502
		|| status->code == 503);
}

bool
final_reply_check_bdat(struct transaction *t, const struct smtp_status *status,
    struct error *err)
{
	if (!is_bdat_unknown(t, status))
		return false;
	t->session->state = SESSION_BDAT_REJECTED;
	connection_requeue_address(&t->session->connection);
	t->data_started = false;
	if (err != NULL)
		alloc_replace(&err->text,
		    "the server offers CHUNKING but rejects BDAT: see "
		    "\"chunking\"");
	return false;
}

static void
tell_accepted(const struct session *s, struct recipient *r,
    const struct reply *reply)
{
	char *said = reply_text(reply, &s->stream);

	observer_accepted(s->observers, r, s->host, said);
	free(said);
}

static bool
record_final_reply(struct session *s, struct recipient *r,
    const struct reply *reply)
{
	struct error rejection = { 0 };

	r->status = reply->status;
	if (final_reply_accepts(reply)) {
		r->state = RECIPIENT_DELIVERED;
		if (s->observers != NULL)
			tell_accepted(s, r, reply);
		return true;
	}
	session_rejected(s, reply, STAGE_END_OF_DATA, "the message",
	    &rejection);
	if (rejection.kind == ERROR_PROTOCOL)
		session_uncertain(s, &rejection);
	recipient_fail(r, &rejection);
	return false;
}

static int64_t
quit_deadline(const struct session *s)
{
	unsigned timeout = session_timeout(s, STAGE_END_OF_DATA);

	return clock_after_seconds(
	    timeout < QUIT_REPLY_SECONDS ? timeout : QUIT_REPLY_SECONDS);
}

/* Whether no further line came, nor a part of one: that may be the start of a
 * rejection. */
static bool
is_silent(struct session *s, const struct error *missing)
{
	return (missing->kind == ERROR_TIMEOUT
		   || missing->kind == ERROR_INTERRUPTED || s->stream.at_end)
	    && stream_buffered(&s->stream) == 0;
}

static bool
has_code(const struct str *line, const char *code)
{
	return line->len >= 3 && memcmp(line->data, code, 3) == 0;
}

/* Whether the line is one of a reply 2yz. */
static bool
is_positive(const struct str *line)
{
	return line->len >= 3 && line->data[0] == '2'
	    && text_is_digit((unsigned char)line->data[1])
	    && text_is_digit((unsigned char)line->data[2]);
}

/* Reads lines as long as they belong to a reply 421. */
static bool
skip_closing(struct session *s, struct str *line, struct error *missing)
{
	int64_t deadline = quit_deadline(s);
	bool ok;

	do {
		line->len = 0;
		ok = stream_read_line(&s->stream, line, deadline, missing);
	} while (ok && has_code(line, "421"));
	return ok;
}

bool
final_reply_check_quit(struct session *s, bool is_pipeline, struct error *err)
{
	struct str line = { 0 };
	struct error missing = { 0 };
	bool ok =
	    stream_read_line(&s->stream, &line, quit_deadline(s), &missing);
	bool is_closing = ok && !is_pipeline && has_code(&line, "421");

	if (is_closing)
		ok = skip_closing(s, &line, &missing);
	if (ok) {
		ok = is_pipeline ? has_code(&line, "221")
				 : !is_closing && is_positive(&line);
		if (!ok)
			error_set(err, ERROR_PROTOCOL,
			    "the server sent an unexpected extra reply");
	} else {
		ok = is_silent(s, &missing);
		if (!ok)
			error_move(err, &missing);
	}
	error_free(&missing);
	str_free(&line);
	return ok;
}

/*
 * A positive reply to BDAT may be an unsolicited one to a command before it, for
 * which a server has no other code; that to DATA is 354.  So the client ends the
 * session and believes the reply only if that to QUIT does not contradict it.
 */
static bool
confirm_bdat(struct transaction *t, struct error *err)
{
	struct session *s = t->session;

	/* The replies of a pipeline are confirmed together: see pipeline.h. */
	if (t->data_state == DATA_ACCEPTED || t->is_pipelined)
		return true;
	/* If the server has closed the connection, there is no reply. */
	if (!t->quit_sent)
		t->quit_sent = session_send_quit(s, NULL);
	return final_reply_check_quit(s, false, err);
}

/* Reads the final reply, and for BDAT also that to QUIT. */
static bool
read_final_reply(struct transaction *t, struct reply *reply, struct error *err)
{
	struct session *s = t->session;
	bool ok;

	observer_stage(s->observers, STAGE_END_OF_DATA);
	if (t->data_state == DATA_SENT) {
		reply_free(reply);
		*reply = t->final_reply;
		t->final_reply = (struct reply){ 0 };
		ok = true;
	} else {
		ok = reply_read(&s->stream, reply,
		    session_reply_deadline(s, STAGE_END_OF_DATA), err);
	}
	if (ok && is_bdat_unknown(t, &reply->status)) {
		session_rejected(s, reply, STAGE_END_OF_DATA, "BDAT", err);
		return final_reply_check_bdat(t, &reply->status, err);
	}
	if (ok && final_reply_accepts(reply))
		ok = confirm_bdat(t, err);
	if (ok)
		return true;
	s->state = SESSION_UNUSABLE;
	return session_uncertain(s, err);
}

bool
final_reply_read(struct transaction *t, struct reply *reply, struct error *err)
{
	struct session *s = t->session;
	struct envelope *e = t->envelope;
	bool each = s->params->protocol == PROTOCOL_LMTP;
	bool delivered = true, read = false;

	for (size_t i = 0; i < e->count; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_ACCEPTED)
			continue;
		if ((each || !read) && !read_final_reply(t, reply, err))
			return false;
		read = true;
		if (!record_final_reply(s, r, reply) && delivered) {
			error_copy(err, &r->outcome);
			delivered = false;
		}
	}
	return delivered;
}
