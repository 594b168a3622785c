/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends further messages in an open session: in a pipeline, or one after the
 * other.
 */
#include "delivery/batch.h"

#include "base/clock.h"
#include "client/pipeline.h"
#include "client/transaction.h"
#include "delivery/transactions.h"

/* A connection that is lost while groups are this small is lost because of
 * them. */
#define EARLY_CHUNKS 2

struct batch {
	struct attempt attempt; /* in whose session the messages are sent */
	const struct message_source *more;
	struct pipeline pipeline;
	/* A message that was taken from the source and is not sent yet. */
	struct envelope *envelope;
	const struct message *message;
	bool is_alone;     /* it cannot be sent in the pipeline */
	bool is_exhausted; /* the source has no other message */
	size_t chunks;     /* messages with BDAT in the next group, at most */
};

static bool
take(struct batch *b)
{
	const struct message_source *more = b->more;

	if (b->envelope != NULL)
		return true;
	if (b->is_exhausted)
		return false;
	b->is_alone = false;
	b->is_exhausted = !more->next(more->ctx, &b->envelope, &b->message);
	if (b->is_exhausted)
		b->envelope = NULL;
	return !b->is_exhausted;
}

static void
set_deadline(const struct batch *b)
{
	b->attempt.session->stream.deadline =
	    clock_after_seconds(b->attempt.params->account->session.deadline);
}

/* ---- one after the other ---- */

/*
 * Sends a message of which all earlier ones have their results.  Returns whether
 * the server has accepted it.
 */
static bool
send_next(struct batch *b, bool after_failure)
{
	struct sending sending = { .message = b->message };
	struct attempt *a = &b->attempt;
	struct session_log log = { 0 };
	struct error err = { 0 };
	bool ok, tried;

	a->envelope = b->envelope;
	a->ctx = &sending;
	a->data_started = false;
	ok = (!after_failure || transaction_reset(a->session, &err))
	    && run_transactions(a, &err);
	/* Some recipients may have it, by transactions before the last one. */
	tried = ok || session_is_usable(a->session)
	    || !may_retry_safely(a, &err)
	    || envelope_count(a->envelope, RECIPIENT_DELIVERED) > 0;
	if (!tried)
		envelope_reset_accepted(a->envelope);
	else if (!ok)
		envelope_fail(a->envelope, &err);
	sending_log(a, &log);
	b->more->done(b->more->ctx, a->envelope, tried, &log, &err);
	b->more->settled(b->more->ctx);
	b->envelope = NULL;
	session_log_free(&log);
	error_free(&err);
	return ok;
}

/* ---- in a pipeline ---- */

static bool
uses_pipeline(const struct batch *b)
{
	const struct session *s = b->attempt.session;

	return session_is_pipelining(s) && !s->is_serial
	    && b->more->pipeline > 1 && !b->more->faults->pipeline;
}

/* Whether the server has rejected recipients as too many, who are due for
 * another transaction. */
static bool
has_more_recipients(const struct pipeline_message *m)
{
	return m->state == PIPELINE_ANSWERED
	    && envelope_count(m->transaction.envelope, RECIPIENT_PENDING) > 0;
}

static bool
is_waiting(const struct pipeline *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (has_more_recipients(p->messages[i]))
			return true;
	return false;
}

static bool
has_room(const struct batch *b)
{
	return b->pipeline.count < b->more->pipeline
	    && may_begin_transaction(b->attempt.session)
	    && !is_waiting(&b->pipeline);
}

/* Adds messages to the group; returns whether QUIT must end it. */
static bool
fill_group(struct batch *b)
{
	struct pipeline *p = &b->pipeline;
	enum pipeline_added added = PIPELINE_ADDED;

	for (size_t i = 0; added == PIPELINE_ADDED && has_room(b) && take(b);
	     i++) {
		bool last = i >= b->chunks || p->count + 1 >= b->more->pipeline;

		added = pipeline_add(p, b->envelope, b->message, last);
		if (added == PIPELINE_ADDED || added == PIPELINE_LAST)
			b->envelope = NULL;
	}
	b->is_alone = added == PIPELINE_ALONE;
	return p->is_unproved && added != PIPELINE_LAST;
}

/* Sends the message to the recipients of whom there were too many. */
static void
send_to_more(struct batch *b, struct pipeline_message *m)
{
	struct sending sending = { .message = m->transaction.original };
	struct attempt *a = &b->attempt;
	struct envelope *e = m->transaction.envelope;

	a->envelope = e;
	a->ctx = &sending;
	error_free(&m->err);
	if (!prepare_next_transaction(a, true, &m->err)
	    || !run_transactions(a, &m->err))
		envelope_fail(e, &m->err);
	b->pipeline.needs_reset = true;
}

static void
report(struct batch *b, struct pipeline_message *m)
{
	const struct transaction *t = &m->transaction;
	struct session_log log = { 0 };

	session_log_set(&log, b->attempt.session, t->envelope);
	log.size = transaction_size(t);
	log.broke_lines = transaction_broke_lines(t);
	b->more->done(b->more->ctx, t->envelope, m->state != PIPELINE_UNSENT,
	    &log, &m->err);
	session_log_free(&log);
}

static bool
is_settled(const struct pipeline_message *m)
{
	return m->state == PIPELINE_ANSWERED || m->state == PIPELINE_UNSENT;
}

/* Reports results that are certain: those of the first `count` messages. */
static void
settle(struct batch *b, size_t count)
{
	struct pipeline *p = &b->pipeline;
	bool is_busy = session_is_usable(b->attempt.session)
	    && !is_settled(p->messages[p->count - 1]);
	size_t done = 0;

	for (; done < count && is_settled(p->messages[done]); done++) {
		struct pipeline_message *m = p->messages[done];

		if (has_more_recipients(m) && is_busy)
			break;
		if (has_more_recipients(m))
			send_to_more(b, m);
		report(b, m);
	}
	pipeline_remove(p, done);
	if (done > 0)
		b->more->settled(b->more->ctx);
	/* The source may offer some of them again. */
	b->is_exhausted = b->is_exhausted && done == 0;
}

/*
 * Results may wait until the next group is on its way, if that has room for them
 * beside its own messages: then the disk does its work during the round trip.
 */
static bool
can_wait(const struct batch *b)
{
	const struct pipeline *p = &b->pipeline;
	size_t next = session_is_chunking(p->session) ? b->chunks : 0;

	return session_is_usable(p->session) && p->count > 0
	    && p->messages[p->count - 1]->state == PIPELINE_DATA_DUE
	    && p->count + next < b->more->pipeline;
}

static void
send_group(struct batch *b)
{
	struct pipeline *p = &b->pipeline;
	struct server_faults *faults = b->more->faults;
	size_t earlier = p->count;

	/* The last one of them is the message that the server waits for. */
	if (pipeline_begin(p) && pipeline_send(p, fill_group(b))) {
		if (earlier > 1 && p->has_body)
			settle(b, earlier - 1);
		pipeline_receive(p);
	}
	faults->pipeline |= p->is_out_of_step || p->is_lost;
	faults->lasting |=
	    p->is_out_of_step || (p->is_lost && b->chunks <= EARLY_CHUNKS);
	faults->bdat |= p->session->state == SESSION_BDAT_REJECTED;
	if (b->chunks < b->more->pipeline)
		b->chunks *= 2;
	if (p->count > 0 && pipeline_is_settled(p) && !can_wait(b))
		settle(b, p->count);
}

void
send_more(const struct attempt *first, bool ok)
{
	struct batch b = { .attempt = *first,
		.more = first->params->more,
		.pipeline = { .session = first->session, .needs_reset = !ok },
		.chunks = 1 };
	struct pipeline *p = &b.pipeline;
	const struct session_log none = { 0 };
	const struct error no_error = { 0 };

	while (session_is_usable(first->session)
	    && (p->count > 0
		|| (may_begin_transaction(first->session) && take(&b)))) {
		set_deadline(&b);
		if (p->count == 0 && (b.is_alone || !uses_pipeline(&b)))
			p->needs_reset = !send_next(&b, p->needs_reset);
		else
			send_group(&b);
	}
	if (p->count > 0)
		settle(&b, p->count);
	if (b.envelope != NULL) {
		b.more->done(b.more->ctx, b.envelope, false, &none, &no_error);
		b.more->settled(b.more->ctx);
	}
	pipeline_free(p);
}
