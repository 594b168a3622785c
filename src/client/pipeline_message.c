/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns the replies to one transaction of a pipeline into its result. */
#include "client/pipeline_message.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "client/final_reply.h"

struct pipeline_message *
pipeline_message_new(struct session *s, struct envelope *e,
    const struct message *message, bool with_bdat)
{
	struct pipeline_message *m = alloc_zeroed(1, sizeof(*m));

	m->transaction = (struct transaction){ .session = s,
		.envelope = e,
		.original = message,
		.is_pipelined = with_bdat };
	return m;
}

void
pipeline_message_free(struct pipeline_message *m)
{
	transaction_free(&m->transaction);
	command_group_free(&m->group);
	reply_free(&m->reset.reply);
	free(m->reset.line);
	error_free(&m->err);
	free(m);
}

static size_t
count_rcpt(const struct command_group *g)
{
	return g->count < 2 ? 0 : g->count - 2;
}

void
pipeline_message_fail(struct pipeline_message *m)
{
	envelope_fail(m->transaction.envelope, &m->err);
	m->state = PIPELINE_ANSWERED;
}

void
pipeline_message_forget(struct pipeline_message *m)
{
	envelope_reset_accepted(m->transaction.envelope);
	m->state = PIPELINE_UNSENT;
}

void
pipeline_message_doubt(struct pipeline_message *m, const char *why)
{
	const struct command_group *g = &m->group;

	error_set(&m->err, ERROR_PROTOCOL, "%s", why);
	session_uncertain(m->transaction.session, &m->err);
	for (size_t i = 0; i < count_rcpt(g); i++) {
		struct error copy = { 0 };

		error_copy(&copy, &m->err);
		recipient_fail(g->recipients[i], &copy);
	}
	m->state = PIPELINE_ANSWERED;
}

static bool
is_plausible(const struct reply *reply)
{
	return final_reply_accepts(reply) || reply_is_rejection(reply);
}

static bool
has_recipient(const struct command_group *g)
{
	for (size_t i = 1; i + 1 < g->count; i++)
		if (final_reply_accepts(&g->commands[i].reply))
			return true;
	return false;
}

bool
pipeline_message_is_in_step(const struct pipeline_message *m)
{
	const struct command_group *g = &m->group;
	const struct command *last = &g->commands[g->count - 1];

	for (size_t i = 0; i + 1 < g->count; i++)
		if (g->commands[i].state == COMMAND_ANSWERED
		    && !is_plausible(&g->commands[i].reply))
			return false;
	if (last->state != COMMAND_ANSWERED || reply_is_rejection(&last->reply))
		return true;
	if (last->body == NULL)
		return last->reply.status.code == 354;
	return final_reply_accepts(&last->reply)
	    && final_reply_accepts(&g->commands[0].reply) && has_recipient(g);
}

/* Whether the server has not got the message, and may get it in another
 * session. */
static bool
can_be_sent_again(const struct transaction *t)
{
	enum session_state state = t->session->state;

	return !t->data_started
	    && (state == SESSION_BDAT_REJECTED
		|| (state == SESSION_UNUSABLE
		    && envelope_count(t->envelope, RECIPIENT_FAILED) == 0));
}

/* Recipients that the server rejected as too many have another transaction,
 * unless there is no progress. */
static void
fail_transaction(struct pipeline_message *m)
{
	struct envelope *e = m->transaction.envelope;

	if (m->err.uncertain
	    || envelope_count(e, RECIPIENT_PENDING) == count_rcpt(&m->group))
		envelope_fail(e, &m->err);
	else
		envelope_fail_accepted(e, &m->err);
}

void
pipeline_message_end(struct pipeline_message *m, bool ok)
{
	ok = ok && transaction_final_reply(&m->transaction, &m->err);
	if (!ok && can_be_sent_again(&m->transaction)) {
		pipeline_message_forget(m);
		return;
	}
	if (!ok)
		fail_transaction(m);
	m->state = PIPELINE_ANSWERED;
}

void
pipeline_message_conclude(struct pipeline_message *m, bool exchanged)
{
	bool ok = transaction_conclude(&m->transaction, &m->group, exchanged,
	    &m->err);

	if (ok && m->group.data_command == DATA_PIPELINED)
		m->state = PIPELINE_DATA_DUE;
	else
		pipeline_message_end(m, ok);
}

bool
pipeline_message_has_only_envelope(const struct pipeline_message *m)
{
	return m->group.data_command == DATA_PIPELINED
	    && !m->transaction.data_started;
}
