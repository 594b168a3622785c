/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop over the addresses of one host. */
#include "delivery/attempt.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/random.h"
#include "net/transport.h"

/* For how long to try a crowded Unix socket, and milliseconds between. */
#define CROWD_SECONDS 30
#define CROWD_PAUSE 50
#define CROWD_PAUSE_MAX 2000

void
target_init(struct session_target *target, const struct delivery_params *params)
{
	*target = (struct session_target){ .host = params->account->server,
		.lookup = params->lookup,
		.tls = params->account->tls,
		.context = params->tls };
	if (params->proxy_password != NULL)
		target->host.proxy_password = *params->proxy_password;
}

static bool
open_once(struct attempt *a, struct error *err)
{
	const struct delivery_params *params = a->params;
	struct session *s = a->session;

	s->params = &params->account->session;
	s->stream.deadline = params->deadline;
	s->stream.trace = params->trace;
	s->stream.trace_ctx = params->trace_ctx;
	session_set_observer(s, params->observers);
	s->keep_open = params->more != NULL;
	if (params->more != NULL)
		s->by_data |= params->more->faults->bdat;
	return session_open(s, a->target, a->login ? params->auth : NULL, err);
}

/*
 * A super-server at a Unix socket that runs a process for each connection closes
 * those that are too many, and the service greets with 421.  Both pass soon.
 */
static bool
is_crowded(const struct attempt *a, const struct error *err)
{
	if (!a->session->connection.unix_socket)
		return false;
	if (!a->session->has_greeting)
		return err->kind == ERROR_NETWORK;
	return error_is_rejection(err, STAGE_GREETING)
	    && err->status.code == 421;
}

/* Waits for longer each time, and not as long as other clients do. */
static bool
wait_for_room(struct attempt *a, unsigned *pause, int64_t end,
    struct error *err)
{
	struct session *s = a->session;
	struct session next = { .in_clear = s->in_clear,
		.by_data = s->by_data };
	struct random random;
	int64_t until;

	random_start(&random);
	until =
	    clock_after((int64_t)(*pause / 2 + random_below(&random, *pause)));
	if (until > end)
		return false;
	stream_remark(&s->stream, "the server is busy: trying again");
	session_close(s);
	*s = next;
	error_free(err);
	*pause = *pause < CROWD_PAUSE_MAX ? *pause * 2 : *pause;
	return transport_poll(NULL, 0, until, err);
}

bool
attempt_open_session(struct attempt *a, struct error *err)
{
	int64_t end = clock_earlier(a->params->deadline,
	    clock_after_seconds(CROWD_SECONDS));
	unsigned pause = CROWD_PAUSE;

	while (!open_once(a, err))
		if (!is_crowded(a, err) || !wait_for_room(a, &pause, end, err))
			return false;
	return true;
}

bool
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
 * Whether the server may accept another token.  That SMTP AUTH is switched off for
 * the mailbox, or needs another mechanism, is not about the token.
 */
static bool
is_about_token(const struct error *err)
{
	return error_is_rejection(err, STAGE_AUTH) && err->status.code == 535
	    && strcmp(err->status.enhanced, "5.7.139") != 0
	    && strcmp(err->status.enhanced, "5.7.30") != 0;
}

/* Gets another token, once, to try it in a new session with the same address. */
static bool
renew_token(struct attempt *a, struct error *err)
{
	const struct delivery_params *params = a->params;

	if (!a->login || a->token_renewed || params->renew_token == NULL
	    || !is_about_token(err)
	    || clock_has_passed(a->session->stream.deadline))
		return false;
	a->token_renewed = true;
	if (!params->renew_token(params->renew_ctx, err))
		return false;
	stream_remark(&a->session->stream,
	    "trying again with a new token, because the server rejects this one");
	connection_requeue_address(&a->session->connection);
	return true;
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
	const char *remark =
	    a->token_renewed ? "connecting again" : "trying the next address";

	if (tls_failed)
		remark = "trying again without TLS";
	if (bdat_rejected)
		remark = "trying again with DATA: the server rejects BDAT";
	stream_remark(&s->stream, remark);
	s->connection = (struct connection){ 0 };
	session_close(s);
	*s = next;
	envelope_reset_accepted(a->envelope);
}

static bool
attempt_address(struct attempt *a, struct error *err)
{
	bool ok = attempt_open_session(a, err);

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
		if (may_repeat_with_data(a) || renew_token(a, err))
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
