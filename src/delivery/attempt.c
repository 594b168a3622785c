/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loop over the addresses of one host, and as its most important action the
 * transactions that send a message.
 */
#include "delivery/attempt.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "client/transaction.h"

void
target_init(struct session_target *target, const struct delivery_params *params)
{
	*target = (struct session_target){ .host = params->account->server,
		.lookup = params->lookup,
		.tls = params->account->tls,
		.context = params->tls };
}

static bool
open_session(struct attempt *a, struct error *err)
{
	const struct delivery_params *params = a->params;
	struct session *s = a->session;

	s->params = &params->account->session;
	s->stream.deadline = params->deadline;
	s->stream.trace = params->trace;
	s->stream.trace_ctx = params->trace_ctx;
	session_set_observer(s, params->observers);
	s->keep_open = params->more != NULL;
	return session_open(s, a->target, a->login ? params->auth : NULL, err);
}

/* Whether the server has rejected no recipient, and has received no message
 * data. */
static bool
may_retry_safely(const struct attempt *a, const struct error *err)
{
	return err->kind != ERROR_INTERRUPTED && !a->data_started
	    && envelope_count(a->envelope, RECIPIENT_FAILED) == 0;
}

/* Whether another address may do better. */
static bool
is_of_server(const struct error *err)
{
	return err->temporary || err->kind == ERROR_PROTOCOL
	    || error_is_rejection(err, STAGE_TLS);
}

bool
may_try_next_address(const struct attempt *a, const struct error *err)
{
	return is_of_server(err)
	    && a->session->connection.addresses_left.count > 0
	    && may_retry_safely(a, err)
	    && !clock_has_passed(a->session->stream.deadline);
}

bool
may_try_next_host(const struct attempt *a, const struct error *err)
{
	return (is_of_server(err) || error_is_rejection(err, STAGE_GREETING)
		   || a->session->connection.host_not_found)
	    && may_retry_safely(a, err);
}

static void
reset_accepted(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_ACCEPTED)
			e->recipients[i].state = RECIPIENT_PENDING;
}

/* Moves err to the failures at the addresses of the host. */
static void
add_failure(const struct session *s, struct error *failures, struct error *err)
{
	const struct endpoint *reached = &s->connection.reached;
	struct str address = { 0 };

	if (err->host != NULL && reached->any.sa_family != AF_UNSPEC) {
		endpoint_text(reached, &address);
		alloc_replace(&err->address, str_text(&address));
		str_free(&address);
	}
	error_merge_attempt(failures, err);
	error_free(err);
}

/* Whether to repeat with DATA what the server does not accept with BDAT. */
static bool
may_repeat_with_data(const struct attempt *a)
{
	return a->session->state == SESSION_BDAT_REJECTED
	    && !clock_has_passed(a->session->stream.deadline);
}

/*
 * Ends the session so that the next one is with the next address, or with the
 * same one without what has failed there.
 */
static void
leave_address(struct attempt *a)
{
	struct session *s = a->session;
	bool tls_failed = s->state == SESSION_TLS_FAILED;
	bool bdat_rejected = s->state == SESSION_BDAT_REJECTED;
	struct session next = { .connection = s->connection,
		.in_clear = tls_failed || (bdat_rejected && s->in_clear),
		.by_data = bdat_rejected || (tls_failed && s->by_data) };
	const char *remark = "trying the next address";

	if (tls_failed)
		remark = "trying again without TLS";
	if (bdat_rejected)
		remark = "trying again with DATA: the server rejects BDAT";
	stream_remark(&s->stream, remark);
	s->connection = (struct connection){ 0 };
	session_close(s);
	*s = next;
	reset_accepted(a->envelope);
}

static bool
attempt_address(struct attempt *a, struct error *err)
{
	bool ok = open_session(a, err);

	if (a->opened != NULL)
		a->opened(a, err);
	return ok && (a->action == NULL || a->action(a, err));
}

bool
attempt_host(struct attempt *a, struct error *err)
{
	struct error failures = { 0 };
	bool ok = attempt_address(a, err);

	while (!ok) {
		if (may_repeat_with_data(a))
			error_free(err);
		else if (may_try_next_address(a, err))
			add_failure(a->session, &failures, err);
		else
			break;
		leave_address(a);
		ok = attempt_address(a, err);
	}
	if (!ok && error_is_set(&failures) && may_try_next_host(a, err)) {
		add_failure(a->session, &failures, err);
		error_move(err, &failures);
	}
	error_free(&failures);
	return ok;
}

/* A message that is sent to one host. */
struct sending {
	const struct message *message;
	uint64_t size; /* in the form that was sent, or 0 */
	bool broke_lines;
};

static bool
run_transaction(struct attempt *a, struct error *err)
{
	struct sending *sending = a->ctx;
	struct transaction t = { .session = a->session,
		.envelope = a->envelope,
		.original = sending->message };
	const char *note = alloc_note();
	bool ok = transaction_envelope(&t, err) && transaction_data(&t, err)
	    && transaction_final_reply(&t, err);

	/* Nobody has the message because of this transaction. */
	if (!ok && !err->uncertain
	    && envelope_count(a->envelope, RECIPIENT_DELIVERED) == 0)
		alloc_set_note(note);
	a->data_started = t.data_started;
	if (t.data_started)
		sending->size = transaction_size(&t);
	sending->broke_lines |= transaction_broke_lines(&t);
	transaction_free(&t);
	return ok;
}

/*
 * Prepares the next transaction: ends the last one, or opens another session
 * if this one cannot be used any more.
 */
static bool
prepare_next_transaction(struct attempt *a, size_t transactions, bool ok,
    struct error *err)
{
	struct session *s = a->session;
	uint64_t limit = s->capabilities.limits.mail;
	bool in_clear = s->in_clear, by_data = s->by_data;

	if (session_is_usable(s) && (limit == 0 || transactions < limit))
		return ok || transaction_reset(s, err);
	session_close(s);
	s->in_clear = in_clear;
	s->by_data = by_data;
	a->data_started = false;
	return open_session(a, err);
}

/*
 * Runs as many transactions as the server's limits require; stops when one
 * makes no progress.
 */
static bool
run_transactions(struct attempt *a, struct error *err)
{
	struct envelope *e = a->envelope;
	size_t before, left = envelope_count(e, RECIPIENT_PENDING);
	bool ok, more;

	for (size_t number = 1;; number++) {
		before = left;
		ok = run_transaction(a, err);
		left = envelope_count(e, RECIPIENT_PENDING);
		more = left > 0 && left < before && !err->uncertain;
		if (!more)
			return ok && left == 0;
		/* The final reply of the next transaction is not for the
		 * recipients whose message the server has rejected. */
		envelope_fail_accepted(e, err);
		if (!prepare_next_transaction(a, number, ok, err))
			return false;
		error_free(err);
	}
}

static void
log_message(struct attempt *a, struct session_log *log)
{
	const struct sending *sending = a->ctx;

	session_log_set(log, a->session, a->envelope);
	log->size = sending->size;
	log->broke_lines = sending->broke_lines;
}

/*
 * Sends another message in the open session, after one of which all recipients
 * have their results.  Returns whether the server has accepted it.
 */
static bool
send_next(struct attempt *a, bool after_failure)
{
	const struct message_source *more = a->params->more;
	struct session_log log = { 0 };
	struct error err = { 0 };
	bool ok, tried;

	a->data_started = false;
	a->session->stream.deadline =
	    clock_after_seconds(a->params->account->session.deadline);
	ok = (!after_failure || transaction_reset(a->session, &err))
	    && run_transactions(a, &err);
	tried =
	    ok || session_is_usable(a->session) || !may_retry_safely(a, &err);
	if (!tried)
		reset_accepted(a->envelope);
	else if (!ok)
		envelope_fail(a->envelope, &err);
	log_message(a, &log);
	more->done(more->ctx, a->envelope, tried, &log, &err);
	session_log_free(&log);
	error_free(&err);
	return ok;
}

/* Sends messages until there are no more, the session ends, or the server takes
 * no more in one session (RFC 9422). */
static void
send_more(const struct attempt *first, bool ok)
{
	const struct message_source *more = first->params->more;
	uint64_t limit = first->session->capabilities.limits.mail;
	struct sending sending = { 0 };
	struct attempt a = *first;

	a.ctx = &sending;
	for (uint64_t sent = 1;
	     session_is_usable(a.session) && (limit == 0 || sent < limit);
	     sent++) {
		sending = (struct sending){ 0 };
		if (!more->next(more->ctx, &a.envelope, &sending.message))
			break;
		ok = send_next(&a, !ok);
	}
}

bool
send_to_host(const struct attempt *to, const struct message *message,
    struct session_log *log, bool *try_next_host, struct error *err)
{
	struct session s = { 0 };
	struct sending sending = { .message = message };
	struct attempt a = { .params = to->params,
		.target = to->target,
		.session = &s,
		.envelope = to->envelope,
		.login = true,
		.action = run_transactions,
		.ctx = &sending };
	bool ok = attempt_host(&a, err);

	*try_next_host = !ok && may_try_next_host(&a, err);
	if (*try_next_host)
		reset_accepted(a.envelope);
	else if (!ok)
		envelope_fail(a.envelope, err);
	log_message(&a, log);
	if (!*try_next_host && to->params->more != NULL) {
		to->params->more->done(to->params->more->ctx, a.envelope, true,
		    log, err);
		send_more(&a, ok);
	}
	session_close(&s);
	return ok;
}
