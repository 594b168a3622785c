/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks MAIL and RCPT, and replies to those of a group when the server has been
 * told of them.
 */
#include "relay/serve_envelope.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "relay/relay_replies.h"
#include "relay/relay_session.h"
#include "relay/serve_state.h"
#include "runner/alert.h"
#include "runner/enqueue.h"
#include "runner/keep.h"
#include "runner/rate_limit.h"
#include "server/transaction.h"
#include "submission/envelope.h"

/* A rejection is logged even if no message follows. */
void
serve_reset(void *ctx)
{
	struct service *v = ctx;
	struct context *context = v->context;
	const struct error *worst =
	    envelope_result(&context->submission.envelope);

	if (!v->logged && worst != NULL)
		serve_log_result(v, worst);
	v->recipients = 0;
	serve_free_open(v);
	context_next_submission(context);
}

/* ---- MAIL ---- */

/* The client's MAIL replaces the options that describe one message. */
static void
copy_mail_args(struct cmdline *cmdline, const struct mail_args *r)
{
	cmdline->sender = r->address;
	cmdline->dsn = r->dsn;
	cmdline->body = r->seven_bit ? BODY_7BIT : BODY_8BITMIME;
}

void
serve_clear_mail_args(struct service *v)
{
	v->cmdline.sender = NULL;
	v->cmdline.dsn = (struct dsn){ 0 };
}

/* The client's parameters of MAIL replace those of the account. */
static void
set_mail_params(struct service *v, const struct mail_args *r)
{
	mail_params_free(&v->params);
	mail_params_override(&v->params, &v->context->account.mail_params);
	mail_params_override(&v->params, &r->params);
	v->context->submission.envelope.mail_params = &v->params;
}

/*
 * Whether the queue can keep the message for some recipients, which is found out
 * before the first of them is accepted.  Otherwise the results of the server count
 * as they do without a queue: when the message has been delivered to the others,
 * it is too late to tell the client of one recipient.
 */
static bool
can_queue(struct service *v)
{
	struct error why = { 0 };

	if (v->queue != QUEUE_MODE_ON || v->queue_is_usable)
		return v->queue == QUEUE_MODE_ON;
	v->queue_is_usable = enqueue_is_possible(v->context, &why);
	if (v->queue_is_usable)
		return true;
	v->queue = QUEUE_MODE_OFF;
	error_prefix(&why, "cannot be queued");
	strv_take(&v->context->notes, error_describe(&why));
	error_free(&why);
	return false;
}

/* Whether the queue keeps the message instead; then no error is left. */
static bool
is_kept(struct service *v, struct error *err)
{
	if (!queue_keeps(err) || !can_queue(v))
		return false;
	error_move(&v->obstacle, err);
	return true;
}

/* Selects the account and sets the sender, if the client may use them. */
static bool
choose_sender(struct service *v, const struct mail_args *r, struct error *err)
{
	struct context *context = v->context;

	if (error_is_set(&v->unable)) {
		error_copy(err, &v->unable);
		return false;
	}
	if (v->policy == NULL)
		return relay_select_account(&v->relay, err)
		    && submission_set_sender(&context->submission, err);
	return policy_check_account(v->policy, context, r->address, err)
	    && relay_select_account(&v->relay, err)
	    && submission_set_sender(&context->submission, err)
	    && policy_check_sender(v->policy, context, r->size, err);
}

/* Begins a transaction with MAIL, of which a server will be told later. */
static bool
begin(struct service *v, const struct mail_args *r, struct error *err)
{
	const struct declared_message declared = { .size = r->size,
		.smtputf8 = r->smtputf8,
		.binarymime = r->binarymime };

	error_free(&v->obstacle);
	if (!choose_sender(v, r, err))
		return false;
	set_mail_params(v, r);
	v->context->submission.envelope.dsn.notify =
	    v->context->account.dsn_notify;
	v->queue = context_queue_mode(v->context);
	v->queue_is_usable = false;
	v->relay.patience =
	    v->queue == QUEUE_MODE_ON ? v->context->account.queue.wait : 0;
	relay_begin(&v->relay, &declared);
	return rate_limit_check(v->context, v->queue, err);
}

/* The recipients that came with MAIL have its result. */
static void
reject_mail(struct service *v, struct server_reply *a, struct error *err)
{
	struct envelope *e = &v->context->submission.envelope;

	alert_of_failure(v->context, err);
	serve_own_fault(v, err);
	envelope_fail(e, err);
	serve_log_result(v, err);
	serve_reply(v, a, STAGE_MAIL, NULL, err);
}

void
serve_mail(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct error err = { 0 };

	serve_reset(v);
	v->logged = false;
	copy_mail_args(&v->cmdline, r);
	if (!begin(v, r, &err))
		reject_mail(v, a, &err);
	else if (serve_is_queued_first(v))
		serve_reply(v, a, STAGE_MAIL, NULL, &err);
	else
		v->mail_is_open = true;
	serve_clear_mail_args(v);
}

/* ---- RCPT ---- */

/* Adds a recipient without asking a server. */
static void
keep_recipient(struct service *v, const struct recipient *wanted)
{
	struct envelope *e = &v->context->submission.envelope;
	struct recipient *to;

	if (!envelope_add(e, wanted->address, wanted->original))
		return;
	to = envelope_find(e, wanted->address);
	to->notify = wanted->notify;
	if (error_is_set(&v->obstacle)) {
		struct error obstacle = { 0 };

		error_copy(&obstacle, &v->obstacle);
		recipient_fail(to, &obstacle);
	}
}

/* Aliases make more recipients than the client names. */
static bool
check_expanded(const struct envelope *e, struct error *err)
{
	return e->count < SERVER_RECIPIENTS_MAX || relay_too_many(err);
}

/* The client counts what it sends, and knows the limit of that from EHLO.
 * Recipients whose reply is open count as accepted. */
static bool
may_add_recipient(const struct service *v, struct error *err)
{
	return check_expanded(&v->context->submission.envelope, err)
	    && (v->policy == NULL
		|| policy_check_recipient(v->policy, v->context,
		    v->recipients + v->open_count, err));
}

/* Adds each recipient that the client's argument expands to, of which a server
 * will be told later. */
static void
open_rcpt(struct service *v, const struct envelope *expanded)
{
	struct open_rcpt *open;

	v->open =
	    alloc_grow(v->open, v->open_count, &v->open_size, sizeof(*v->open));
	open = &v->open[v->open_count++];
	open->positions =
	    alloc_zeroed(expanded->count, sizeof(*open->positions));
	open->count = expanded->count;
	for (size_t i = 0; i < expanded->count; i++)
		open->positions[i] =
		    relay_add_recipient(&v->relay, &expanded->recipients[i]);
}

/* Whether the server is asked before the reply. */
static bool
asks_server(const struct service *v)
{
	return !serve_is_queued_first(v) && !error_is_set(&v->obstacle);
}

static void
add_expanded(struct service *v, const struct mail_args *r,
    struct envelope *expanded)
{
	for (size_t i = 0; i < expanded->count; i++)
		expanded->recipients[i].notify = r->dsn.notify;
	if (r->original != NULL && expanded->count == 1)
		alloc_replace(&expanded->recipients[0].original, r->original);
	if (asks_server(v)) {
		open_rcpt(v, expanded);
		return;
	}
	for (size_t i = 0; i < expanded->count; i++)
		keep_recipient(v, &expanded->recipients[i]);
}

/* Whether the client repeats a recipient about which the server has not been asked
 * yet. */
static bool
is_open(const struct service *v, const struct envelope *expanded)
{
	const struct envelope *e = &v->context->submission.envelope;

	for (size_t i = 0; i < expanded->count && v->open_count > 0; i++) {
		const struct recipient *to =
		    envelope_find(e, expanded->recipients[i].address);

		if (to != NULL && to->state == RECIPIENT_PENDING)
			return true;
	}
	return false;
}

bool
serve_rcpt(void *ctx, const struct mail_args *r, struct server_reply *a)
{
	struct service *v = ctx;
	struct envelope expanded = { 0 };
	struct error err = { 0 };
	bool ok = may_add_recipient(v, &err), waits = !ok && v->open_count > 0;

	ok = ok
	    && submission_expand_recipient(&v->context->submission, r->address,
		&expanded, &err);
	waits = waits || is_open(v, &expanded);
	if (ok && !waits)
		add_expanded(v, r, &expanded);
	envelope_free(&expanded);
	if (!waits && !(ok && asks_server(v))) {
		v->recipients += ok;
		serve_reply(v, a, STAGE_RCPT, NULL, &err);
	}
	error_free(&err);
	return !waits;
}

/* ---- the replies of a group ---- */

/* The queue keeps the recipients that came with MAIL. */
static void
keep_open(struct service *v)
{
	envelope_fail(&v->context->submission.envelope, &v->obstacle);
}

/* Whether the server, or the queue, has accepted the recipient. */
static bool
is_accepted(struct service *v, size_t position, struct error *err)
{
	const struct envelope *e = &v->context->submission.envelope;
	const struct error *outcome = &e->recipients[position].outcome;

	if (!v->relay.rcpt[position].is_failed)
		return true;
	if (queue_keeps(outcome) && can_queue(v))
		return true;
	error_copy(err, outcome);
	return false;
}

/*
 * An alias is rejected if the server rejects one of its recipients; the others
 * still receive the message, as with an alias on the command line.
 */
static void
reply_rcpt(struct service *v, const struct open_rcpt *open,
    struct server_reply *a)
{
	struct server_reply reply = { 0 };
	struct error err = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < open->count; i++) {
		const struct relay_rcpt *rcpt =
		    &v->relay.rcpt[open->positions[i]];

		ok = is_accepted(v, open->positions[i], &err);
		server_reply_free(&reply);
		if (ok && !rcpt->is_failed && rcpt->reply.status.code != 0)
			server_reply_set(&reply, rcpt->reply.status.code,
			    rcpt->reply.status.enhanced, "%s",
			    rcpt->reply.text);
	}
	v->recipients += ok;
	serve_reply(v, a, STAGE_RCPT, &reply, &err);
	server_reply_free(&reply);
}

/* Tells the server of the open commands. */
static void
ask_server(struct service *v, struct error *err)
{
	if (!v->mail_is_open || relay_prepare(&v->relay, err))
		relay_group(&v->relay, v->mail_is_open, err);
	else
		v->relay.mail_is_failed = true;
	if (v->relay.mail_is_failed && is_kept(v, err)) {
		v->relay.mail_is_failed = false;
		keep_open(v);
	}
}

void
serve_group(void *ctx, struct server_reply *open, size_t count)
{
	struct service *v = ctx;
	struct error err = { 0 };
	size_t next = 0;

	(void)count;
	if (v->is_asked)
		error_move(&err, &v->mail_error);
	else
		ask_server(v, &err);
	if (v->mail_is_open && v->relay.mail_is_failed && !v->is_asked)
		reject_mail(v, &open[next++], &err);
	else if (v->mail_is_open)
		serve_reply(v, &open[next++], STAGE_MAIL, &v->relay.mail, &err);
	for (size_t i = 0; i < v->open_count && !v->relay.mail_is_failed; i++)
		reply_rcpt(v, &v->open[i], &open[next++]);
	error_free(&err);
	serve_free_open(v);
}
