/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/attempt.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/transaction.h"

bool
session_open(const struct delivery_params *params, struct session *s,
    bool login, struct error *err)
{
	const struct account *account = params->account;
	struct tls_context *tls = params->tls;
	const struct connect_request to = {
		.host =
		    params->server != NULL ? params->server : &account->server,
		.addresses = params->addresses,
		.lookup = params->lookup,
	};
	const struct tls_params *tls_params =
	    params->tls_params != NULL ? params->tls_params : &account->tls;
	bool needs_esmtp = tls_is_required(tls_params, params->demand)
	    || account_uses_auth(account);
	const struct auth_params *auth = login ? params->auth : NULL;

	s->demand = params->demand;
	s->params = &account->session;
	s->patience = params->patience;
	s->stream.deadline = params->deadline;
	s->stream.trace = params->trace;
	s->stream.trace_ctx = params->trace_ctx;
	session_set_observer(s, params->observers);
	return session_connect(s, &to, tls, auth, err) /* TCP */
	    && session_start_implicit_tls(s, tls, tls_params,
		err)                                          /* on port 465 */
	    && session_greeting(s, err)                       /* 220 */
	    && session_ehlo(s, needs_esmtp, err)              /* EHLO */
	    && session_starttls(s, tls, tls_params, err)      /* STARTTLS */
	    && (auth == NULL || session_login(s, auth, err)); /* AUTH */
}

/* What the reply that counts said: the first delivery, or the worst failure. */
static void
note_outcome(const struct envelope *e, struct session_log *facts)
{
	const struct error *worst = envelope_result(e);

	if (worst != NULL)
		facts->status = worst->status;
	else if (e->count > 0)
		facts->status = e->recipients[0].status;
}

void
session_facts_note(struct session_log *facts, const struct session *s,
    const struct envelope *e)
{
	session_facts_free(facts);
	str_add(&facts->host, s->host != NULL ? s->host : "");
	str_append(&facts->peer, str_text(&s->connection.address),
	    s->connection.address.len);
	if (s->encrypted)
		tls_describe(&s->stream.transport, &facts->tls);
	facts->mechanism = s->mechanism;
	note_outcome(e, facts);
}

/* No recipient was rejected, and the server cannot have the message. */
static bool
may_retry_safely(const struct session *s, const struct envelope *e,
    const struct error *err)
{
	return err->kind != ERROR_INTERRUPTED && !s->body_begun
	    && envelope_count(e, RECIPIENT_FAILED) == 0;
}

bool
may_try_next_address(const struct session *s, const struct envelope *e,
    const struct error *err)
{
	bool hopeful = err->temporary || err->kind == ERROR_PROTOCOL;

	return hopeful && s->connection.addresses_left.count > 0
	    && may_retry_safely(s, e, err)
	    && !clock_has_passed(s->stream.deadline);
}

bool
may_try_next_host(const struct session *s, const struct envelope *e,
    const struct error *err)
{
	bool hopeful = err->temporary || err->kind == ERROR_PROTOCOL
	    || error_is_rejection(err, STAGE_GREETING)
	    || s->connection.host_not_found;

	return hopeful && may_retry_safely(s, e, err);
}

static void
reset_accepted(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_ACCEPTED)
			e->recipients[i].state = RECIPIENT_PENDING;
}

/* Leaves this address, so that session_open() connects to the next one. */
static void
leave_address(struct session *s, struct envelope *e)
{
	struct session next = { .connection = s->connection,
		.without_tls = s->tls_failed };

	stream_remark(&s->stream,
	    next.without_tls ? "trying again without TLS"
			     : "trying the next address");
	session_close(s);
	s->connection = (struct connection){ 0 };
	session_free(s);
	*s = next;
	reset_accepted(e);
}

/* Moves err to the failures at the addresses of a host. */
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

static bool
attempt_address(const struct attempt *a, const struct delivery_params *params,
    struct error *err)
{
	bool ok = session_open(params, a->session, a->login, err);

	if (a->opened != NULL)
		a->opened(a->ctx, err);
	return ok && (a->action == NULL || a->action(a->ctx, a->session, err));
}

bool
attempt_host(const struct attempt *a, const struct delivery_params *params,
    struct error *err)
{
	struct session *s = a->session;
	struct error failures = { 0 };
	bool ok = attempt_address(a, params, err);

	while (!ok && may_try_next_address(s, a->envelope, err)) {
		add_failure(s, &failures, err);
		leave_address(s, a->envelope);
		ok = attempt_address(a, params, err);
	}
	if (!ok && error_is_set(&failures)
	    && may_try_next_host(s, a->envelope, err)) {
		add_failure(s, &failures, err);
		error_move(err, &failures);
	}
	error_free(&failures);
	return ok;
}

/*
 * Makes ready for what is left: the same session where it can go on, else a
 * new one.
 */
static bool
next_transaction(const struct delivery_params *params, struct session *s,
    size_t transactions, bool ok, struct error *err)
{
	uint64_t most = s->capabilities.limits.mail;
	bool usable =
	    !s->broken && !s->quit_said && (most == 0 || transactions < most);

	if (usable)
		return ok || transaction_reset(s, err);
	session_close(s);
	session_free(s);
	return session_open(params, s, true, err);
}

static bool
run_transaction(struct session *s, struct envelope *e, const struct message *m,
    bool *broke_lines, struct error *err)
{
	struct transaction t = { .session = s, .envelope = e, .original = m };
	bool ok = transaction_envelope(&t, err)  /* MAIL, RCPT... */
	    && transaction_data(&t, err)         /* the message */
	    && transaction_final_reply(&t, err); /* its reply */

	*broke_lines = *broke_lines || transaction_broke_lines(&t);
	transaction_free(&t);
	return ok;
}

/* A message to be sent to one host. */
struct sending {
	const struct delivery_params *params;
	struct envelope *envelope;
	const struct message *message;
	bool broke_lines;
};

/*
 * The server accepted RCPT but not the message: without this, the final reply
 * of the next transaction would be taken for that to these recipients, too.
 */
static void
fail_accepted(struct envelope *e, const struct error *err)
{
	for (size_t i = 0; i < e->count; i++) {
		struct error outcome = { 0 };

		if (e->recipients[i].state != RECIPIENT_ACCEPTED)
			continue;
		error_copy(&outcome, err);
		recipient_fail(&e->recipients[i], &outcome);
	}
}

/*
 * Runs as many transactions as the server's limits require; stops when one
 * makes no progress.
 */
static bool
run_transactions(void *ctx, struct session *s, struct error *err)
{
	struct sending *sending = ctx;
	struct envelope *e = sending->envelope;
	size_t before, left = envelope_count(e, RECIPIENT_PENDING);
	bool ok, more;

	for (size_t number = 1;; number++) {
		before = left;
		ok = run_transaction(s, e, sending->message,
		    &sending->broke_lines, err);
		left = envelope_count(e, RECIPIENT_PENDING);
		more = left > 0 && left < before && !err->uncertain;
		if (!more)
			return ok && left == 0;
		fail_accepted(e, err);
		if (!next_transaction(sending->params, s, number, ok, err))
			return false;
		error_free(err);
	}
}

bool
submit(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *facts, bool *elsewhere,
    struct error *err)
{
	struct session s = { 0 };
	struct sending sending = { params, envelope, message, false };
	const struct attempt attempt = { .session = &s,
		.envelope = envelope,
		.login = true,
		.action = run_transactions,
		.ctx = &sending };
	bool ok = attempt_host(&attempt, params, err);

	*elsewhere = !ok && may_try_next_host(&s, envelope, err);
	if (*elsewhere)
		reset_accepted(envelope);
	else if (!ok)
		envelope_fail(envelope, err);
	session_facts_note(facts, &s, envelope);
	facts->broke_lines = sending.broke_lines;
	session_close(&s); /* QUIT */
	session_free(&s);
	return ok;
}

void
session_facts_move(struct session_log *all, struct session_log *one)
{
	session_facts_free(all);
	*all = *one;
	*one = (struct session_log){ 0 };
}

/* "one,two"; what is the same for all sessions stands there once. */
static void
join(struct str *all, const struct str *one)
{
	if (one->len == 0 || strcmp(str_text(all), str_text(one)) == 0)
		return;
	str_add(all, all->len > 0 ? "," : "");
	str_append(all, str_text(one), one->len);
}

void
session_facts_join(struct session_log *all, struct session_log *one)
{
	join(&all->host, &one->host);
	join(&all->peer, &one->peer);
	join(&all->tls, &one->tls);
	all->broke_lines = all->broke_lines || one->broke_lines;
	session_facts_free(one);
}

void
session_facts_free(struct session_log *facts)
{
	str_free(&facts->host);
	str_free(&facts->peer);
	str_free(&facts->tls);
	*facts = (struct session_log){ 0 };
}
