/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends the envelope and the message, and turns the replies into the results
 * of the recipients.
 */
#include "client/transaction.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/command_lines.h"
#include "client/downgrade.h"
#include "client/envelope.h"
#include "client/final_reply.h"
#include "client/mail_params.h"
#include "client/upload.h"

bool
transaction_is_partial(const struct transaction *t)
{
	return t->accepted != NULL || t->session->params->partial;
}

static void
tell_accepted(const struct transaction *t, const struct recipient *to,
    const struct reply *reply)
{
	if (t->accepted != NULL)
		t->accepted(t->accepted_ctx, to, reply);
}

static bool
handle_mail_reply(struct transaction *t, const char *line,
    const struct reply *reply, struct error *err)
{
	if (reply_is(reply, 2)) {
		tell_accepted(t, NULL, reply);
		return true;
	}
	session_rejected(t->session, reply, STAGE_MAIL, line, err);
	if (err != NULL)
		err->sender_is_default = t->envelope->sender_is_default;
	return false;
}

static void
handle_rcpt_reply(struct transaction *t, struct recipient *r, const char *line,
    const struct reply *reply)
{
	struct error rejection = { 0 };

	r->status = reply->status;
	if (reply_is(reply, 2)) {
		r->state = RECIPIENT_ACCEPTED;
		r->has_dsn =
		    capabilities_have(&t->session->capabilities, CAP_DSN);
		tell_accepted(t, r, reply);
		return;
	}
	session_rejected(t->session, reply, STAGE_RCPT, line, &rejection);
	recipient_fail(r, &rejection);
}

bool
reply_is_over_limit(const struct reply *reply, bool after_accepted)
{
	const char *enhanced = reply->status.enhanced;

	if (enhanced[0] == '\0')
		return after_accepted && reply->status.code == 552;
	return reply_is_rejection(reply) && strcmp(enhanced + 1, ".5.3") == 0;
}

/*
 * If the server accepted some recipients, the client retries those rejected as
 * too many (RFC 5321 section 4.5.3.1.10) in the next transaction.
 */
static void
defer_over_limit(const struct command_group *g, size_t recipients)
{
	bool accepted = false, after_accepted = false;

	for (size_t i = 0; i < recipients; i++)
		accepted |= g->recipients[i]->state == RECIPIENT_ACCEPTED;
	for (size_t i = 0; accepted && i < recipients; i++) {
		struct recipient *r = g->recipients[i];

		after_accepted |= r->state == RECIPIENT_ACCEPTED;
		if (r->state != RECIPIENT_FAILED
		    || !reply_is_over_limit(&g->commands[g->mail + i].reply,
			after_accepted))
			continue;
		error_free(&r->outcome);
		r->state = RECIPIENT_PENDING;
	}
}

static size_t
count_rcpt(const struct command_group *g)
{
	return g->count - g->mail - (g->data_command != DATA_SEPARATE);
}

/*
 * Handles the replies to all RCPT commands.  A 421 is also the reply to every
 * command after it (RFC 5321 section 3.8).
 */
static void
handle_rcpt_replies(struct transaction *t, const struct command_group *g)
{
	size_t count = count_rcpt(g);
	const struct command *last = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct command *c = &g->commands[g->mail + i];

		if (c->state == COMMAND_ANSWERED)
			last = c;
		if (last != NULL
		    && (last == c || last->reply.status.code == 421))
			handle_rcpt_reply(t, g->recipients[i], last->line,
			    &last->reply);
	}
	if (t->accepted == NULL && transaction_is_partial(t))
		defer_over_limit(g, count);
}

static bool
is_every_recipient_rejected(const struct command_group *g)
{
	for (size_t i = 0; i < count_rcpt(g); i++)
		if (g->recipients[i]->state != RECIPIENT_FAILED)
			return false;
	return true;
}

/* Any reply but 354 rejects all accepted recipients. */
static bool
handle_data_reply(struct transaction *t, const struct reply *reply,
    struct error *err)
{
	t->data_state = DATA_ACCEPTED;
	if (reply->status.code == 354)
		return true;
	return session_rejected(t->session, reply, STAGE_DATA, "DATA", err);
}

/* Sets the error that decides over all recipients; always returns false. */
static bool
set_result(const struct envelope *e, struct error *err)
{
	const struct error *result = envelope_result(e);

	if (result == NULL)
		return error_set(err, ERROR_INTERNAL,
		    "no recipient to deliver to");
	error_copy(err, result);
	return false;
}

/* With "partial off" one rejected recipient fails the accepted ones. */
static bool
fail_accepted(struct envelope *e, struct error *err)
{
	struct error outcome = { 0 };

	error_reject(&outcome, STAGE_RCPT,
	    "not sent: another recipient was rejected and \"partial off\" is "
	    "set");
	error_temporary(&outcome, true);
	error_status(&outcome, "4.5.0");
	outcome.is_consequence = true;
	envelope_fail_accepted(e, &outcome);
	error_free(&outcome);
	return set_result(e, err);
}

/* Returns the command that the server answered with 421, or NULL. */
static const struct command *
find_421(const struct command_group *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->commands[i].state == COMMAND_ANSWERED
		    && g->commands[i].reply.status.code == 421)
			return &g->commands[i];
	return NULL;
}

/* The server ended the session before it replied to the whole envelope, or
 * said that it would. */
static bool
session_lost(struct session *s, const struct command_group *g,
    struct error *err)
{
	const struct command *c = find_421(g);

	if (c != NULL)
		return session_rejected(s, &c->reply, STAGE_DATA, c->line, err);
	error_set(err, ERROR_NETWORK, "the server closed the connection");
	return session_failed(s, err);
}

/*
 * A reply did not come: err is the reason, unless the server has said before
 * that it closes the session.  Then that reply is the reason; but it does not
 * tell what became of a message that was sent.
 */
static bool
exchange_failed(struct session *s, const struct command_group *g,
    struct error *err)
{
	const struct command *c = find_421(g);

	if (c == NULL || err == NULL
	    || (err->kind != ERROR_NETWORK && err->kind != ERROR_TIMEOUT))
		return false;
	if (!err->uncertain)
		return session_lost(s, g, err);
	free(err->said);
	err->said = reply_text(&c->reply, &s->stream);
	err->status.code = c->reply.status.code;
	return error_status(err, reply_enhanced(&c->reply, STAGE_DATA));
}

/*
 * BDAT was pipelined with RCPT.  The reply to BDAT LAST is the final reply,
 * which is handled later.  Without LAST, a rejected chunk rejects the message.
 */
static bool
handle_chunk_reply(struct transaction *t, const struct command_group *g,
    struct error *err)
{
	struct command *chunk = &g->commands[g->count - 1];

	if (chunk->state != COMMAND_ANSWERED)
		return session_lost(t->session, g, err);
	if (g->data_command == BDAT_LAST) {
		t->data_state = DATA_SENT;
		reply_free(&t->final_reply);
		t->final_reply = chunk->reply;
		chunk->reply = (struct reply){ 0 };
		return true;
	}
	t->data_state = BDAT_NEEDS_LAST;
	if (final_reply_accepts(&chunk->reply))
		return true;
	session_rejected(t->session, &chunk->reply, STAGE_END_OF_DATA,
	    chunk->line, err);
	if (err != NULL && err->kind == ERROR_PROTOCOL)
		error_temporary(err, true);
	return final_reply_check_bdat(t, &chunk->reply.status, err);
}

/*
 * The server has rejected the sender or every recipient, so it cannot deliver a
 * message that was sent with them.
 */
static void
end_without_data(struct transaction *t, const struct command_group *g)
{
	/* A positive reply would show that the replies are out of step. */
	if (!reply_is(&g->commands[g->count - 1].reply, 2))
		t->data_started = false;
}

/* Handles the replies to the envelope in the order of the commands. */
static bool
handle_replies(struct transaction *t, const struct command_group *g,
    bool exchanged, struct error *err)
{
	const struct command *mail = &g->commands[0];
	struct envelope *e = t->envelope;

	if (mail->state == COMMAND_ANSWERED
	    && !handle_mail_reply(t, mail->line, &mail->reply, err)) {
		end_without_data(t, g);
		return false;
	}
	handle_rcpt_replies(t, g);
	if (is_every_recipient_rejected(g)) {
		end_without_data(t, g);
		return set_result(e, err);
	}
	if (!exchanged)
		return exchange_failed(t->session, g, err);
	if (!transaction_is_partial(t)
	    && envelope_count(e, RECIPIENT_FAILED) > 0)
		return fail_accepted(e, err);
	if (g->data_command == BDAT_LAST || g->data_command == BDAT_NO_LAST)
		return handle_chunk_reply(t, g, err);
	if (!session_is_usable(t->session))
		return session_lost(t->session, g, err);
	return g->data_command == DATA_SEPARATE
	    || handle_data_reply(t, &g->commands[g->count - 1].reply, err);
}

static bool
send_data_command(struct transaction *t, struct error *err)
{
	struct reply reply = { 0 };
	bool ok =
	    session_command(t->session, STAGE_DATA, "DATA", NULL, &reply, err)
	    && handle_data_reply(t, &reply, err);

	reply_free(&reply);
	return ok;
}

/* Starts to send a message of which nothing was sent with the envelope. */
static bool
start_data(struct transaction *t, struct error *err)
{
	if (!transaction_uses_bdat(t))
		return send_data_command(t, err);
	t->data_state = BDAT_SEPARATE;
	return true;
}

static bool
prepare(struct transaction *t, struct command_group *g, struct error *err)
{
	if (!mail_params_check(t->session, t->envelope->mail_params, err))
		return false;
	downgrade_choose_extensions(t);
	if (!downgrade_message(t, err))
		return false;
	/* A converted message has other lines. */
	if (session_is_chunking(t->session) && t->message != t->original)
		t->has_command_lines = message_has_command_lines(t->message);
	return build_commands(g, t, err);
}

bool
transaction_prepare(struct transaction *t, struct command_group *g,
    struct error *err)
{
	if (prepare(t, g, err))
		return true;
	session_failed(t->session, err);
	return false;
}

/* If no memory is left, the caller is told that the server may have the
 * message. */
static void
note_message_sent(void)
{
	alloc_set_note("and the message may have been delivered");
}

bool
transaction_conclude(struct transaction *t, struct command_group *g,
    bool exchanged, struct error *err)
{
	struct session *s = t->session;
	const struct command *last = &g->commands[g->count - 1];
	bool ok;

	t->data_started = last->body != NULL && last->state != COMMAND_UNSENT;
	t->quit_sent = t->data_started && last->quit_after;
	if (!exchanged && g->data_command == BDAT_LAST
	    && (last->state == COMMAND_SENT || reply_is(&last->reply, 2)))
		session_uncertain(s, err);
	ok = handle_replies(t, g, exchanged, err);
	/* After 354 the server takes every further command for the message. */
	if (!ok && g->data_command == DATA_PIPELINED
	    && last->reply.status.code == 354)
		s->state = SESSION_UNUSABLE;
	return ok;
}

bool
transaction_envelope(struct transaction *t, struct error *err)
{
	struct session *s = t->session;
	struct command_group g = { 0 };
	bool ok;

	if (!transaction_prepare(t, &g, err))
		return false;
	if (g.commands[g.count - 1].body != NULL)
		note_message_sent();
	s->transactions++;
	ok = session_exchange(s, g.commands, g.count, err);
	ok = transaction_conclude(t, &g, ok, err);
	if (ok && g.data_command == DATA_SEPARATE)
		ok = start_data(t, err);
	command_group_free(&g);
	return ok;
}

bool
transaction_data(struct transaction *t, struct error *err)
{
	static const enum upload_command commands[] = {
		[DATA_ACCEPTED] = UPLOAD_DATA,
		[BDAT_SEPARATE] = UPLOAD_BDAT,
		[BDAT_NEEDS_LAST] = UPLOAD_BDAT_LAST,
	};
	struct session *s = t->session;

	t->data_started = true;
	note_message_sent();
	observer_size(s->observers, message_size(t->message));
	observer_stage(s->observers, STAGE_BODY);
	if (t->data_state == DATA_SENT)
		return true;
	if (!upload_message(s, commands[t->data_state], t->message, err))
		return final_reply_check_bdat(t, &err->status, err);
	/* The final reply may be there already, so that a failure to write is
	 * none of the message. */
	if (t->data_state != DATA_ACCEPTED && session_is_pipelining(s))
		t->quit_sent = session_send_quit(s, NULL);
	return true;
}

bool
transaction_final_reply(struct transaction *t, struct error *err)
{
	struct reply reply = { 0 };
	bool delivered = final_reply_read(t, &reply, err);

	reply_free(&reply);
	/* An accepted recipient is left if its reply is missing. */
	if (envelope_count(t->envelope, RECIPIENT_ACCEPTED) > 0)
		return false;
	return (delivered && envelope_result(t->envelope) == NULL)
	    || set_result(t->envelope, err);
}

/* Chooses the parameters of MAIL, and returns the command or NULL. */
static char *
declared_mail_line(struct transaction *t,
    const struct declared_message *declared, struct error *err)
{
	if (!mail_params_check(t->session, t->envelope->mail_params, err))
		return NULL;
	downgrade_choose_declared(t, declared);
	return envelope_mail_line(t, declared->size, declared->binarymime, err);
}

bool
transaction_mail(struct transaction *t, const struct declared_message *declared,
    struct reply *reply, struct error *err)
{
	struct session *s = t->session;
	char *line = declared_mail_line(t, declared, err);
	bool ok;

	if (line == NULL)
		return session_failed(s, err);
	s->transactions++;
	ok = session_command(s, STAGE_MAIL, line, NULL, reply, err)
	    && handle_mail_reply(t, line, reply, err);
	free(line);
	return ok;
}

bool
transaction_rcpt(struct transaction *t, struct recipient *r,
    struct reply *reply, struct error *err)
{
	struct error failure = { 0 };
	char *line = envelope_rcpt_line(t, r, &failure);

	if (line != NULL
	    && session_command(t->session, STAGE_RCPT, line, NULL, reply,
		&failure))
		handle_rcpt_reply(t, r, line, reply);
	else
		recipient_fail(r, &failure);
	free(line);
	if (r->state == RECIPIENT_ACCEPTED)
		return true;
	error_copy(err, &r->outcome);
	return false;
}

/* Without a reply, and without an error of the exchange, the server has closed
 * the session early. */
static bool
conclude_group(struct transaction *t, const struct command_group *g,
    bool exchanged, struct error *err)
{
	const struct command *mail = &g->commands[0];
	size_t left = 0;

	if (g->mail > 0 && mail->state == COMMAND_ANSWERED
	    && !handle_mail_reply(t, mail->line, &mail->reply, err))
		return false;
	handle_rcpt_replies(t, g);
	if (!exchanged)
		return exchange_failed(t->session, g, err);
	for (size_t i = 0; i < count_rcpt(g); i++)
		left += g->recipients[i]->state == RECIPIENT_PENDING;
	return left == 0 || session_lost(t->session, g, err);
}

bool
transaction_group(struct transaction *t,
    const struct declared_message *declared, const struct recipient_list *to,
    struct error *err)
{
	struct session *s = t->session;
	struct command_group g = { 0 };
	char *line = NULL;
	bool ok = true;

	if (declared != NULL) {
		line = declared_mail_line(t, declared, err);
		if (line == NULL)
			return session_failed(s, err);
		s->transactions++;
	}
	build_envelope(&g, t, line, to);
	if (g.count > 0)
		ok = session_exchange(s, g.commands, g.count, err);
	ok = conclude_group(t, &g, ok, err);
	command_group_free(&g);
	return ok;
}

bool
transaction_data_now(struct transaction *t, const struct message *message,
    struct reply *reply, struct error *err)
{
	t->original = message;
	return (downgrade_message(t, err) || session_failed(t->session, err))
	    && (t->use_binarymime ? start_data(t, err)
				  : send_data_command(t, err))
	    && transaction_data(t, err) && final_reply_read(t, reply, err);
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
transaction_uses_bdat(const struct transaction *t)
{
	return session_is_chunking(t->session) && !t->has_command_lines
	    && (t->use_binarymime || t->is_pipelined || !t->session->keep_open);
}

bool
transaction_broke_lines(const struct transaction *t)
{
	return t->data_started && t->downgraded.broken_lines;
}

uint64_t
transaction_size(const struct transaction *t)
{
	return t->data_started ? message_size(t->message) : 0;
}

void
transaction_free(struct transaction *t)
{
	message_free(&t->downgraded);
	reply_free(&t->final_reply);
	*t = (struct transaction){ 0 };
}
