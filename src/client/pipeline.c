/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends the commands of several transactions together, and finds out which of
 * the replies count.
 */
#include "client/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "client/final_reply.h"

/* Octets that the messages of a group leave for the last one's envelope. */
#define LAST_ROOM ((size_t)1024)

static void
append(struct pipeline *p, struct pipeline_message *m)
{
	p->messages = alloc_grow(p->messages, p->count, &p->size,
	    sizeof(struct pipeline_message *));
	p->messages[p->count++] = m;
}

/* ---- sending ---- */

static void
set_reset(struct command *c)
{
	*c = (struct command){ .line = alloc_string("RSET"),
		.stage = STAGE_RSET };
}

/* Buffers the commands of a message, or nothing if its text cannot be read. */
static bool
put(struct pipeline *p, struct pipeline_message *m)
{
	struct session *s = p->session;
	size_t before = s->stream.out.len;
	bool ok = session_put(s, m->group.commands, m->group.count, &m->err);

	m->end = s->stream.sent + s->stream.out.len;
	if (ok && m->transaction.is_pipelined) {
		set_reset(&m->reset);
		ok = session_put(s, &m->reset, 1, &m->err);
	}
	if (!ok) {
		str_truncate(&s->stream.out, before);
		session_failed(s, &m->err);
		pipeline_message_fail(m);
		return false;
	}
	p->is_unproved |= m->transaction.is_pipelined;
	s->transactions++;
	return true;
}

/* The octets of its commands. */
static size_t
size_of(const struct command_group *g)
{
	size_t size = strlen("RSET\r\n");

	for (size_t i = 0; i < g->count; i++)
		size +=
		    strlen(g->commands[i].line) + 2 + g->commands[i].body_size;
	return size;
}

/* Whether the commands are those that a pipeline can have. */
static bool
is_suitable(const struct pipeline_message *m)
{
	enum data_command wanted =
	    m->transaction.is_pipelined ? BDAT_LAST : DATA_PIPELINED;

	return m->group.data_command == wanted && !m->group.more_recipients;
}

/* Tries to add a message with BDAT or with DATA.  It is also added if it has
 * failed, with its result. */
static enum pipeline_added
add_as(struct pipeline *p, struct envelope *e, const struct message *message,
    bool with_bdat)
{
	struct session *s = p->session;
	struct pipeline_message *m =
	    pipeline_message_new(s, e, message, with_bdat);
	enum pipeline_added result = PIPELINE_ADDED;
	size_t room = with_bdat ? LAST_ROOM : 0;

	if (!transaction_prepare(&m->transaction, &m->group, &m->err))
		pipeline_message_fail(m);
	else if (!is_suitable(m))
		result = PIPELINE_ALONE;
	else if (!stream_fits(&s->stream, size_of(&m->group) + room))
		result = s->stream.out.len > 0 ? PIPELINE_FULL : PIPELINE_ALONE;
	else if (put(p, m) && !with_bdat)
		result = PIPELINE_LAST;
	if (result == PIPELINE_FULL || result == PIPELINE_ALONE)
		pipeline_message_free(m);
	else
		append(p, m);
	p->has_last |= result == PIPELINE_LAST;
	return result;
}

enum pipeline_added
pipeline_add(struct pipeline *p, struct envelope *e,
    const struct message *message, bool last)
{
	bool chunking = session_is_chunking(p->session);
	bool with_bdat = chunking && !last;
	enum pipeline_added result = add_as(p, e, message, with_bdat);

	/* What is too large for BDAT, or has lines like commands, is sent with
	 * DATA; what is binary, with BDAT. */
	if (chunking && (result == PIPELINE_FULL || result == PIPELINE_ALONE))
		result = add_as(p, e, message, !with_bdat);
	return result;
}

/* Returns the message that the server waits for, or NULL. */
static struct pipeline_message *
find_due(const struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->messages[i]->state == PIPELINE_DATA_DUE)
			return p->messages[i];
	return NULL;
}

bool
pipeline_begin(struct pipeline *p)
{
	struct session *s = p->session;
	struct pipeline_message *due = find_due(p);

	p->has_body = due != NULL;
	if (due != NULL && !transaction_data(&due->transaction, &due->err)) {
		session_failed(s, &due->err);
		pipeline_message_fail(due);
		p->has_body = false;
	}
	if (due == NULL && p->needs_reset && session_is_usable(s)) {
		set_reset(&p->reset);
		(void)session_put(s, &p->reset, 1, NULL);
	}
	p->needs_reset = p->has_last = false;
	return session_is_usable(s);
}

static void
mark(struct command *commands, size_t count, bool is_sent)
{
	for (size_t i = 0; i < count; i++)
		commands[i].state = is_sent ? COMMAND_SENT : COMMAND_UNSENT;
}

/* Whatever was not written to its end, the server cannot accept. */
static void
mark_sent(struct pipeline *p)
{
	mark(&p->reset, 1, true);
	for (size_t i = 0; i < p->count; i++) {
		struct pipeline_message *m = p->messages[i];
		bool is_sent = m->end <= p->session->stream.sent;

		if (m->state != PIPELINE_BUFFERED)
			continue;
		mark(m->group.commands, m->group.count, is_sent);
		mark(&m->reset, 1, is_sent);
		if (!is_sent)
			pipeline_message_forget(m);
	}
}

/* ---- reading ---- */

/* How the reading of the replies to a group ends. */
enum reading {
	READING_GOES_ON,
	READING_LOST,   /* a reply is missing */
	READING_CLOSED, /* 421, or the server does not know BDAT */
	READING_OUT_OF_STEP
};

static enum reading
missing_reply(const struct error *why)
{
	return why->kind == ERROR_PROTOCOL ? READING_OUT_OF_STEP : READING_LOST;
}

static enum reading
session_end(const struct session *s)
{
	return s->state == SESSION_UNUSABLE || s->state == SESSION_BDAT_REJECTED
	    ? READING_CLOSED
	    : READING_GOES_ON;
}

/* Reads the replies to a group of commands.  If they have arrived, it does not
 * matter whether the flush has failed. */
static bool
read_replies(struct pipeline *p, struct command *commands, size_t count,
    struct error *err)
{
	error_copy(err, &p->failure);
	if (!session_read_replies(p->session, commands, count, p->flushed,
		err)) {
		error_copy(&p->failure, err);
		p->session->state = SESSION_UNUSABLE;
		return false;
	}
	error_free(err);
	return true;
}

/* Reads the reply to RSET at the start of a group, or behind a message. */
static enum reading
read_reset(struct pipeline *p, struct command *c)
{
	struct error err = { 0 };
	enum reading reading = READING_GOES_ON;

	if (!read_replies(p, c, 1, &err)) {
		reading = missing_reply(&err);
	} else if (c->reply.status.code == 421) {
		p->session->state = SESSION_UNUSABLE;
		reading = READING_CLOSED;
	} else if (!final_reply_accepts(&c->reply)) {
		reading = READING_OUT_OF_STEP;
	}
	error_free(&err);
	return reading;
}

/* Whether the server has closed the connection behind a whole reply, or a signal
 * has ended the wait. */
static bool
has_ended_in_order(struct pipeline *p)
{
	return (p->session->stream.at_end
		   || p->failure.kind == ERROR_INTERRUPTED)
	    && stream_buffered(&p->session->stream) == 0;
}

/* Reads the reply to RSET behind a message. */
static enum reading
confirm_message(struct pipeline *p, struct pipeline_message *m)
{
	enum reading reading = read_reset(p, &m->reset);

	if (reading != READING_GOES_ON
	    && (reading != READING_LOST || !has_ended_in_order(p))
	    && envelope_count(m->transaction.envelope, RECIPIENT_DELIVERED) > 0)
		pipeline_message_doubt(m, "the session ended");
	return reading;
}

static enum reading
read_message(struct pipeline *p, struct pipeline_message *m)
{
	struct session *s = p->session;
	struct command_group *g = &m->group;
	bool ok = read_replies(p, g->commands, g->count, &m->err);
	enum reading reading = ok ? READING_GOES_ON : missing_reply(&m->err);

	if (!pipeline_message_is_in_step(m))
		reading = READING_OUT_OF_STEP;
	pipeline_message_conclude(m, ok);
	if (reading == READING_GOES_ON)
		reading = session_end(s);
	if (reading == READING_GOES_ON && m->reset.line != NULL)
		reading = confirm_message(p, m);
	return reading;
}

/* Reads the final reply to the message with which the group begins. */
static enum reading
read_body_reply(struct pipeline *p)
{
	struct pipeline_message *m = find_due(p);

	pipeline_message_end(m, true);
	if (!m->err.uncertain)
		return session_end(p->session);
	error_set(&p->failure, m->err.kind,
	    "no final reply came to an earlier message");
	return READING_LOST;
}

static enum reading
read_group(struct pipeline *p)
{
	enum reading reading = READING_GOES_ON;

	if (p->has_body)
		reading = read_body_reply(p);
	if (reading == READING_GOES_ON && p->reset.line != NULL)
		reading = read_reset(p, &p->reset);
	for (size_t i = 0; reading == READING_GOES_ON && i < p->count; i++)
		if (p->messages[i]->state == PIPELINE_BUFFERED)
			reading = read_message(p, p->messages[i]);
	/* What was not sent has no reply. */
	return reading == READING_GOES_ON && !p->flushed ? READING_LOST
							 : reading;
}

/* ---- the proof ---- */

static void
prove(struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		p->messages[i]->is_proved |=
		    p->messages[i]->state == PIPELINE_ANSWERED;
	p->is_unproved = false;
}

static void
doubt_all(struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct pipeline_message *m = p->messages[i];

		/* A message without commands had its result before. */
		if (m->is_proved || m->state == PIPELINE_UNSENT
		    || m->group.count == 0)
			continue;
		if (pipeline_message_has_only_envelope(m))
			pipeline_message_forget(m);
		else
			pipeline_message_doubt(m,
			    "the server sent another number of replies than "
			    "there were commands");
	}
}

/* Decides about the messages whose replies did not come. */
static void
end_session(struct pipeline *p, enum reading reading)
{
	if (reading == READING_OUT_OF_STEP)
		doubt_all(p);
	for (size_t i = 0; i < p->count; i++) {
		struct pipeline_message *m = p->messages[i];

		if (m->state != PIPELINE_BUFFERED)
			continue;
		if (reading == READING_CLOSED) {
			pipeline_message_forget(m);
		} else {
			error_copy(&m->err, &p->failure);
			pipeline_message_conclude(m, false);
		}
	}
	p->is_out_of_step = reading == READING_OUT_OF_STEP;
	p->is_lost =
	    reading == READING_LOST && p->failure.kind != ERROR_INTERRUPTED;
	if (p->session->state != SESSION_BDAT_REJECTED)
		p->session->state = SESSION_UNUSABLE;
}

/* Nothing of the group was sent, because the server has sent something, or has
 * closed the connection. */
static void
abandon_group(struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->messages[i]->state == PIPELINE_BUFFERED)
			pipeline_message_forget(p->messages[i]);
	end_session(p,
	    p->failure.kind == ERROR_PROTOCOL ? READING_OUT_OF_STEP
					      : READING_CLOSED);
}

bool
pipeline_send(struct pipeline *p, bool quit)
{
	struct session *s = p->session;

	p->has_quit = quit;
	if (!p->has_body && !session_check_silence(s, &p->failure)) {
		abandon_group(p);
		return false;
	}
	p->flushed = quit ? session_send_quit(s, &p->failure)
			  : session_flush(s, STAGE_MAIL, &p->failure);
	mark_sent(p);
	return true;
}

void
pipeline_receive(struct pipeline *p)
{
	enum reading reading = read_group(p);

	if (reading == READING_GOES_ON && p->has_quit
	    && !final_reply_check_quit(p->session, true, &p->failure))
		reading = READING_OUT_OF_STEP;
	if (reading != READING_GOES_ON)
		end_session(p, reading);
	else if (p->has_quit || find_due(p) != NULL)
		prove(p);
	else
		p->needs_reset = p->has_last;
	reply_free(&p->reset.reply);
	free(p->reset.line);
	p->reset = (struct command){ 0 };
}

bool
pipeline_is_settled(const struct pipeline *p)
{
	return !p->is_unproved || !session_is_usable(p->session);
}

void
pipeline_remove(struct pipeline *p, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pipeline_message_free(p->messages[i]);
	p->count -= count;
	if (p->count > 0)
		memmove(p->messages, p->messages + count,
		    p->count * sizeof(struct pipeline_message *));
}

void
pipeline_free(struct pipeline *p)
{
	pipeline_remove(p, p->count);
	free(p->messages);
	error_free(&p->failure);
	reply_free(&p->reset.reply);
	free(p->reset.line);
	*p = (struct pipeline){ 0 };
}
