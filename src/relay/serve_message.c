/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Completes the message of a client, sends or queues it, and logs what became of
 * it.
 */
#include "relay/serve_message.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "relay/relay_session.h"
#include "relay/serve_state.h"
#include "runner/alert.h"
#include "runner/archive.h"
#include "runner/client.h"
#include "runner/handover.h"
#include "runner/rate_limit.h"
#include "submission/message.h"

/* Whether a server has accepted a recipient. */
static bool
has_server(const struct service *v)
{
	return v->relay.in_transaction
	    && envelope_count(&v->context->submission.envelope,
		   RECIPIENT_ACCEPTED)
	    > 0;
}

/* Completes and filters the message, if the client may send it. */
static bool
complete_message(struct service *v, struct error *err)
{
	struct context *context = v->context;
	bool ok =
	    (v->policy == NULL || policy_check_message(v->policy, context, err))
	    && submission_complete_message(&context->submission, err)
	    && (v->policy == NULL
		|| policy_check_header(v->policy, context, err))
	    && context_filter_message(context, err);

	if (!ok)
		envelope_fail(&context->submission.envelope, err);
	return ok;
}

static bool
relay_for_client(void *ctx, struct error *err)
{
	struct service *v = ctx;
	bool ok = archive_begin_attempt(v->context, err)
	    && relay_message(&v->relay, err);

	archive_end_attempt(v->context);
	rate_limit_end_attempt(v->context);
	return ok;
}

static void
leave_session(void *ctx, int fd)
{
	struct service *v = ctx;

	relay_leave(&v->relay, fd);
}

static void
close_session(void *ctx)
{
	struct service *v = ctx;

	relay_close(&v->relay);
}

static void
send_message(struct service *v, struct error *err)
{
	const struct client_attempt attempt = { .send = relay_for_client,
		.leave = leave_session,
		.close = close_session,
		.ctx = v };

	if (v->queue == QUEUE_MODE_OFF)
		relay_for_client(v, err);
	else
		client_send(v->context, &attempt, err);
}

/* Without a session, no attempt can be made now. */
static void
keep_message(struct context *context, struct error *err)
{
	rate_limit_end_attempt(context);
	client_keep(context, err);
}

/* Sends the message to the recipients that the server has accepted, and queues
 * it for those that it may accept later. */
static void
send_or_queue(struct service *v, struct error *err)
{
	struct context *context = v->context;

	if (!complete_message(v, err)
	    || rate_limit_take(context, v->queue, err) != RATE_LIMIT_FREE)
		return;
	if (v->queue == QUEUE_MODE_OFF || has_server(v))
		send_message(v, err);
	else if (serve_is_queued_first(v))
		client_queue(context, v->attempt, err);
	else
		keep_message(context, err);
	rate_limit_end(context);
}

static void
reply_queued(struct service *v, struct server_reply *a)
{
	server_reply_set(a, 250, "2.0.0", "queued as %s",
	    v->context->queue_id.text);
}

/* Logs the result, with recipients that were rejected before the message, too. */
static void
log_message(struct service *v, const struct error *err)
{
	const struct error *result = error_is_set(err)
	    ? err
	    : envelope_result(&v->context->submission.envelope);

	serve_log_result(v, result != NULL ? result : err);
}

static void
reply_message(struct service *v, struct server_reply *a, struct error *err)
{
	struct server_reply final = { 0 };

	if (v->relay.final.status.code != 0)
		server_reply_from_reply(&final, &v->relay.final,
		    &v->relay.session.stream);
	serve_reply(v, a, STAGE_END_OF_DATA, &final, err);
	server_reply_free(&final);
}

void
serve_message(void *ctx, struct message *m, struct server_reply *a)
{
	struct service *v = ctx;
	struct submission *submission = &v->context->submission;
	struct error err = { 0 };

	submission_set_message(submission, m);
	/* Whoever ends this process shall not make it lose the reply of the
	 * server, after which the message would be sent twice. */
	process_set_grace(HANDOVER_GRACE);
	send_or_queue(v, &err);
	process_set_grace(0);
	serve_own_fault(v, &err);
	log_message(v, &err);
	if (*v->context->queue_id.text != '\0' && !error_is_set(&err))
		reply_queued(v, a);
	else
		reply_message(v, a, &err);
}

/* ---- a whole message ---- */

static void
send_all(struct service *v, struct error *err)
{
	struct context *context = v->context;

	if (!relay_prepare(&v->relay, err)) {
		v->relay.mail_is_failed = true;
		envelope_fail(&context->submission.envelope, err);
	} else if (archive_begin_attempt(context, err)) {
		relay_whole(&v->relay, err);
	}
	archive_end_attempt(context);
	rate_limit_end_attempt(context);
}

bool
serve_whole(void *ctx, struct message *m, struct server_reply *a)
{
	struct service *v = ctx;
	struct context *context = v->context;
	struct error err = { 0 };

	if (!v->mail_is_open || v->queue != QUEUE_MODE_OFF
	    || !relay_may_send_whole(&v->relay, m))
		return false;
	v->is_asked = true;
	submission_set_message(&context->submission, m);
	process_set_grace(HANDOVER_GRACE);
	if (complete_message(v, &err)
	    && rate_limit_take(context, v->queue, &err) == RATE_LIMIT_FREE) {
		send_all(v, &err);
		rate_limit_end(context);
	}
	process_set_grace(0);
	if (v->relay.mail_is_failed)
		alert_of_failure(context, &err);
	serve_own_fault(v, &err);
	log_message(v, &err);
	if (v->relay.mail_is_failed)
		error_copy(&v->mail_error, &err);
	reply_message(v, a, &err);
	return true;
}

/* No line of the log has the message yet, which ends here. */
void
serve_unstored(void *ctx, struct error *problem)
{
	struct service *v = ctx;

	envelope_fail(&v->context->submission.envelope, problem);
	serve_log_result(v, problem);
	serve_hide_problem(v, STAGE_END_OF_DATA, problem);
}

static void
add_id(struct str *line, const char *name, const char *value)
{
	if (value != NULL && *value != '\0')
		str_printf(line, "%s=%s ", name, value);
}

/* The log has the result, but not that the client may send the message again. */
void
serve_untold(void *ctx, bool is_accepted, const struct error *why)
{
	struct service *v = ctx;
	const struct submission *s = &v->context->submission;
	const char *queue_id = v->context->queue_id.text;
	const char *fate = *queue_id != '\0' ? "queued" : "sent";
	struct str line = { 0 };
	char *clean;

	add_id(&line, "queue", queue_id);
	add_id(&line, "id", s->trace_id.text);
	add_id(&line, "msgid", s->message_id);
	str_printf(&line,
	    "the message was %s, but the client could not be told, and may "
	    "send it again: %s",
	    is_accepted ? fate : "rejected", why->text);
	clean = text_printable(str_text(&line));
	log_line(LOG_WARNING, clean);
	v->untold = true;
	free(clean);
	str_free(&line);
}
