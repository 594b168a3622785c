/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "smtp/body.h"
#include "smtp/chunk.h"
#include "smtp/envelope_commands.h"

/* What the last reply about a recipient was, for the log. */
static void
remember_reply(struct recipient *r, const struct reply *reply)
{
	r->status = reply->status;
}

bool
transaction_mail_reply(struct session *s, const struct envelope *e,
    const char *line, const struct reply *reply, struct error *err)
{
	if (reply_is(reply, 2))
		return true;
	session_rejected(s, reply, STAGE_MAIL, line, err);
	if (err != NULL)
		err->sender_is_default = e->sender_is_default;
	return false;
}

void
transaction_rcpt_reply(struct session *s, struct recipient *r, const char *line,
    const struct reply *reply)
{
	struct error refusal = { 0 };

	remember_reply(r, reply);
	if (reply_is(reply, 2)) {
		r->state = RECIPIENT_ACCEPTED;
		return;
	}
	session_rejected(s, reply, STAGE_RCPT, line, &refusal);
	recipient_fail(r, &refusal);
}

/* 452 4.5.3 and the like: not now, but in a transaction of its own. */
bool
recipient_is_over_limit(const struct recipient *r)
{
	return r->state == RECIPIENT_FAILED
	    && r->outcome.status.enhanced[0] != '\0'
	    && strcmp(r->outcome.status.enhanced + 1, ".5.3") == 0;
}

/*
 * Where some were taken, those who were too many (RFC 5321 section 4.5.3.1.10)
 * wait for the next transaction.
 */
static void
defer_over_limit(const struct flight *f, size_t recipients)
{
	bool taken = false;

	for (size_t i = 0; i < recipients; i++)
		taken |= f->recipients[i]->state == RECIPIENT_ACCEPTED;
	for (size_t i = 0; taken && i < recipients; i++) {
		if (!recipient_is_over_limit(f->recipients[i]))
			continue;
		error_free(&f->recipients[i]->outcome);
		f->recipients[i]->state = RECIPIENT_PENDING;
	}
}

/*
 * Judges all replies to RCPT.  A 421 is the answer to everything behind it,
 * too (RFC 5321 section 3.8).
 */
static void
judge_recipients(struct session *s, const struct flight *f)
{
	size_t count = f->count - 1 - (f->tail != TAIL_NONE);
	const struct command *last = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct command *c = &f->commands[i + 1];

		if (c->answered)
			last = c;
		if (last != NULL
		    && (last == c || last->reply.status.code == 421))
			transaction_rcpt_reply(s, f->recipients[i], last->line,
			    &last->reply);
	}
	if (s->params->partial)
		defer_over_limit(f, count);
}

/* DATA is answered with 354, or with a refusal that is for everybody left. */
static bool
judge_data(struct session *s, const struct command *command, struct error *err)
{
	s->body_awaited =
	    command->answered && command->reply.status.code == 354;
	if (s->body_awaited)
		return true;
	return session_rejected(s, &command->reply, STAGE_DATA, command->line,
	    err);
}

static bool
worst_of(struct session *s, const struct envelope *e, struct error *err)
{
	const struct error *worst = envelope_worst(e);

	/*
	 * A server that says 354 all the same would take what we send next
	 * for a message: we say nothing more.
	 */
	s->broken = s->broken || s->body_awaited;
	s->body_awaited = false;
	if (worst == NULL)
		return error_set(err, ERROR_INTERNAL,
		    "no recipient to deliver to");
	error_copy(err, worst);
	return false;
}

/* All or nothing was asked for, and somebody was refused. */
static bool
fail_the_accepted(struct session *s, struct envelope *e, struct error *err)
{
	for (size_t i = 0; i < e->count; i++) {
		struct error outcome = { 0 };

		if (e->recipients[i].state != RECIPIENT_ACCEPTED)
			continue;
		error_reject(&outcome, STAGE_RCPT,
		    "not sent, because another "
		    "recipient was refused and \"partial off\" is set");
		error_temporary(&outcome, true);
		error_status(&outcome, "4.5.0");
		recipient_fail(&e->recipients[i], &outcome);
	}
	return worst_of(s, e, err);
}

/* The server ended the session while the envelope was under way. */
static bool
cut_short(struct session *s, const struct flight *f, struct error *err)
{
	size_t last = f->count - 1;

	while (last > 0 && !f->commands[last].answered)
		last--;
	if (f->commands[last].reply.status.code == 421)
		return session_rejected(s, &f->commands[last].reply, STAGE_DATA,
		    f->commands[last].line, err);
	error_set(err, ERROR_NETWORK, "the server closed the connection");
	return session_failed(s, err);
}

/*
 * The message went along.  Whole, its reply is the final reply, which is judged
 * in its turn; held back, a refusal of the chunk is one of everything.
 */
static bool
judge_chunk(struct session *s, const struct flight *f, struct error *err)
{
	struct command *chunk = &f->commands[f->count - 1];

	if (!chunk->answered)
		return cut_short(s, f, err);
	if (f->tail == TAIL_HELD && !reply_is(&chunk->reply, 2))
		return session_rejected(s, &chunk->reply, STAGE_END_OF_DATA,
		    chunk->line, err);
	s->sending = f->tail == TAIL_HELD ? SENDING_HELD : SENDING_DONE;
	if (s->sending == SENDING_DONE) {
		reply_free(&s->final_reply);
		s->final_reply = chunk->reply;
		chunk->reply = (struct reply){ 0 };
	}
	return true;
}

/* Walks over the replies in the order of the commands. */
static bool
judge(struct session *s, struct envelope *e, const struct flight *f,
    bool exchanged, struct error *err)
{
	const struct command *mail = &f->commands[0];
	const struct command *last = &f->commands[f->count - 1];

	if (f->tail == TAIL_DATA)
		s->body_awaited =
		    last->answered && last->reply.status.code == 354;
	if (mail->answered
	    && !transaction_mail_reply(s, e, mail->line, &mail->reply, err)) {
		s->broken = s->broken || s->body_awaited;
		s->body_awaited = false;
		return false;
	}
	judge_recipients(s, f);
	if (!exchanged)
		return false;
	if (envelope_count(e, RECIPIENT_ACCEPTED) == 0)
		return worst_of(s, e, err);
	if (!s->params->partial && envelope_count(e, RECIPIENT_FAILED) > 0)
		return fail_the_accepted(s, e, err);
	if (f->tail == TAIL_WHOLE || f->tail == TAIL_HELD)
		return judge_chunk(s, f, err);
	if (s->broken)
		return cut_short(s, f, err);
	return f->tail == TAIL_NONE || judge_data(s, last, err);
}

bool
transaction_data_command(struct session *s, struct error *err)
{
	struct command command = { .stage = STAGE_DATA };
	bool ok;

	command.line = alloc_string("DATA");
	ok = session_exchange(s, &command, 1, err)
	    && judge_data(s, &command, err);
	reply_free(&command.reply);
	free(command.line);
	return ok;
}

/* We have said all, and nobody knows whether it was heard. */
bool
transaction_uncertain(struct session *s, struct error *err)
{
	s->broken = true;
	if (err == NULL)
		return false;
	error_prefix(err,
	    "the message may have been delivered, but the server "
	    "did not confirm it");
	error_temporary(err, true);
	err->uncertain = true;
	return session_failed(s, err);
}

/* The envelope has been taken, and nothing of the message sent. */
static bool
go_on(struct session *s, struct error *err)
{
	if (!session_is_chunking(s))
		return transaction_data_command(s, err);
	s->sending = SENDING_CHUNKS;
	return true;
}

bool
transaction_envelope(struct session *s, struct envelope *e,
    struct message *message, struct error *err)
{
	struct flight f = { 0 };
	bool ok;

	if (!flight_prepare(&f, s, e, message, err))
		return session_failed(s, err);
	ok = session_exchange(s, f.commands, f.count, err);
	if (!ok && f.tail == TAIL_WHOLE && s->flushed)
		transaction_uncertain(s, err);
	ok = judge(s, e, &f, ok, err);
	if (ok && f.tail == TAIL_NONE)
		ok = go_on(s, err);
	flight_free(&f);
	return ok;
}

/*
 * The server spoke before our final dot, or the connection broke: if there is
 * a refusal, that is the reason for whatever else happened.
 */
static bool
judge_early_reply(struct session *s, struct error *err)
{
	struct reply reply = { 0 };
	struct error unread = { 0 };
	bool spoke = !error_is_set(err);

	s->broken = true;
	if (!reply_read(&s->stream, &reply,
		stream_buffered(&s->stream) > 0
		    ? session_reply_deadline(s, STAGE_BODY)
		    : clock_now(),
		&unread)) {
		if (spoke)
			error_move(err, &unread);
		error_free(&unread);
	} else if (spoke || reply_is(&reply, 4) || reply_is(&reply, 5)) {
		session_rejected(s, &reply, STAGE_END_OF_DATA, "DATA", err);
	}
	reply_free(&reply);
	return session_failed(s, err);
}

/*
 * The upload does not count against the total deadline: each block has its
 * own time (RFC 5321 section 4.5.3.2.5).
 */
static bool
write_body(struct session *s, const struct message *message, struct error *err)
{
	int64_t total = s->stream.deadline, start = clock_now();
	bool ok;

	s->stream.deadline = CLOCK_NEVER;
	s->stream.stop_on_input = true;
	ok = body_write(&s->stream, message, session_timeout(s, STAGE_BODY),
	    err);
	s->stream.stop_on_input = false;
	s->stream.deadline = total == 0 || total == CLOCK_NEVER
	    ? total
	    : total + (clock_now() - start);
	return ok;
}

/* Each way in which a message goes on after its envelope. */
static bool
send_rest(struct session *s, const struct message *message, struct error *err)
{
	switch (s->sending) {
	case SENDING_CHUNKS:
		return chunk_write(s, message, err);
	case SENDING_HELD:
		return chunk_release(s, err);
	case SENDING_DONE:
		return true;
	case SENDING_DATA:
	default:
		return write_body(s, message, err) || judge_early_reply(s, err);
	}
}

bool
transaction_data(struct session *s, const struct message *message,
    struct error *err)
{
	s->body_awaited = false;
	s->body_begun = true;
	session_begin_stage(s, STAGE_BODY);
	return send_rest(s, message, err);
}

static void
record_final_reply(struct session *s, struct recipient *r,
    const struct reply *reply)
{
	struct error refusal = { 0 };

	remember_reply(r, reply);
	if (reply_is(reply, 2)) {
		r->state = RECIPIENT_DELIVERED;
		return;
	}
	session_rejected(s, reply, STAGE_END_OF_DATA, "the message", &refusal);
	if (refusal.kind == ERROR_PROTOCOL) {
		error_temporary(&refusal, true);
		refusal.uncertain = true;
	}
	recipient_fail(r, &refusal);
}

/*
 * The reply to the message.  One that came with those to the envelope is
 * believed only if what stands behind it shows that no reply is out of step.
 */
static bool
read_final_reply(struct session *s, struct reply *reply, struct error *err)
{
	bool ok;

	session_begin_stage(s, STAGE_END_OF_DATA);
	if (s->sending == SENDING_DONE) {
		reply_free(reply);
		*reply = s->final_reply;
		s->final_reply = (struct reply){ 0 };
		ok = true;
	} else {
		ok = reply_read(&s->stream, reply,
		    session_reply_deadline(s, STAGE_END_OF_DATA), err);
	}
	if (ok && s->quit_said && reply_is(reply, 2))
		ok = chunk_is_confirmed(s, err);
	return ok || transaction_uncertain(s, err);
}

bool
transaction_read_final_replies(struct session *s, struct envelope *e,
    struct reply *reply, struct error *err)
{
	bool each = s->params->protocol == PROTOCOL_LMTP;
	size_t replies = 0;

	for (size_t i = 0; i < e->count; i++) {
		struct recipient *r = &e->recipients[i];

		if (r->state != RECIPIENT_ACCEPTED)
			continue;
		if ((each || replies++ == 0)
		    && !read_final_reply(s, reply, err))
			return false;
		record_final_reply(s, r, reply);
	}
	return true;
}

bool
transaction_reset(struct session *s, struct error *err)
{
	struct reply reply = { 0 };
	bool ok = session_command(s, STAGE_RSET, "RSET", NULL, &reply, err);

	if (ok && reply.status.code != 250) {
		ok = session_rejected(s, &reply, STAGE_RSET, "RSET", err);
		/* No server may reject RSET (RFC 5321 section 4.1.1.5). */
		if (err != NULL)
			err->kind = ERROR_PROTOCOL;
	}
	reply_free(&reply);
	return ok;
}

bool
transaction_final_reply(struct session *s, struct envelope *e,
    struct error *err)
{
	struct reply reply = { 0 };
	bool heard = transaction_read_final_replies(s, e, &reply, err);

	reply_free(&reply);
	return heard && (envelope_worst(e) == NULL || worst_of(s, e, err));
}
