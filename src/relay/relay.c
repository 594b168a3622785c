/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay/relay.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "config/select.h"
#include "mail/path.h"
#include "submission/message.h"

/* A session that was idle for longer may be gone, with nobody to tell us:
 * what stands between forgets connections. */
#define IDLE_SECONDS 60

void
relay_close(struct upstream *u)
{
	transaction_free(&u->transaction);
	session_close(&u->session);
	session_free(&u->session);
	way_free(&u->way);
	strv_free(&u->domains);
	u->open = u->begun = u->waiting = false;
}

/* What could not be read may be mended when the next message comes. */
static bool
configure(struct upstream *u, struct error *err)
{
	struct context *context = u->context;

	if (!u->configured) {
		config_free(&context->config);
		u->configured = context_read_config(context, err);
	}
	return u->configured;
}

bool
relay_choose_account(struct upstream *u, struct error *err)
{
	struct context *context = u->context;
	const struct cmdline *cmdline = context->cmdline;
	struct selection choice = { 0 };

	if (!configure(u, err))
		return false;
	if (!cmdline_has_host(cmdline)
	    && !config_select(&context->config, &context->user,
		cmdline->account, cmdline->sender, &choice, err))
		return false;
	if (u->chosen && choice.settings == u->found)
		return true;
	relay_close(u);
	account_free(&context->account);
	tls_context_free(context->tls);
	context->tls = NULL;
	u->found = choice.settings;
	u->chosen = context_select_account(context, err);
	if (u->chosen) {
		context_start_lookup(context);
		/* The terminal, if any, is the SMTP client. */
		u->chosen = context_prepare_tls(context, err)
		    && context_get_login(context, false, err);
	}
	return u->chosen;
}

/* Each step has all the time that a whole run may take: how long the client
 * was silent before is not the server's fault. */
static void
begin_step(struct upstream *u)
{
	u->session.stream.deadline =
	    clock_after_seconds(u->context->account.session.deadline);
}

/* Whether the session of the last message can take another one. */
static bool
is_reusable(struct upstream *u)
{
	struct session *s = &u->session;

	if (!u->open || s->broken
	    || clock_now() - u->used > IDLE_SECONDS * 1000L
	    || stream_poll_input(&s->stream))
		return false;
	begin_step(u);
	s->body_begun = false;
	if (u->begun && !transaction_reset(s, NULL))
		return false;
	u->begun = false;
	return true;
}

/* Begins a transaction for the run's envelope; the message comes later. */
static bool
begin_transaction(struct upstream *u, struct reply *reply, struct error *err)
{
	transaction_free(&u->transaction);
	u->transaction = (struct transaction){ .session = &u->session,
		.envelope = &u->context->submission.envelope };
	return transaction_mail(&u->transaction, u->size, reply, err);
}

/* Where the reply to MAIL goes when a session was opened for it. */
struct offer {
	struct upstream *upstream;
	struct reply *reply;
};

static void
note_opened(void *ctx, struct error *err)
{
	const struct offer *offer = ctx;

	offer->upstream->open = !error_is_set(err);
}

static bool
send_mail_command(void *ctx, struct session *s, struct error *err)
{
	const struct offer *offer = ctx;

	(void)s;
	return begin_transaction(offer->upstream, offer->reply, err);
}

/* Offers the sender to the hosts of an envelope in turn. */
static bool
offer_in_new_session(struct upstream *u, struct envelope *e,
    struct reply *reply, struct error *err)
{
	struct offer offer = { u, reply };
	const struct attempt attempt = { .session = &u->session,
		.envelope = e,
		.login = true,
		.action = send_mail_command,
		.opened = note_opened,
		.ctx = &offer };
	struct delivery_params params;

	context_delivery_params(u->context, &params);
	return way_start(&u->way, &params, e, err)
	    && delivery_attempt(&u->way, &attempt, err);
}

/* After the session of the last message has failed for this one. */
static bool
may_begin_anew(const struct upstream *u, const struct error *err)
{
	return (u->session.broken && err->kind != ERROR_INTERRUPTED)
	    || may_try_next_address(&u->session,
		&u->context->submission.envelope, err);
}

/* Where it goes will be known with the first recipient. */
static bool
keep_sender(struct upstream *u)
{
	relay_close(u);
	u->waiting = true;
	return true;
}

static bool
offer_sender(struct upstream *u, struct reply *reply, struct error *err)
{
	struct envelope *e = &u->context->submission.envelope;
	bool reused = is_reusable(u), ok = false;

	if (reused)
		ok = begin_transaction(u, reply, err);
	if (!reused || (!ok && may_begin_anew(u, err))) {
		error_free(err);
		relay_close(u);
		ok = offer_in_new_session(u, e, reply, err);
	}
	session_facts_note(&u->context->session, &u->session, e);
	u->begun = ok;
	u->used = clock_now();
	if (!u->open)
		relay_close(u);
	return ok;
}

bool
relay_sender(struct upstream *u, uint64_t size, struct reply *reply,
    struct error *err)
{
	u->size = size;
	if (account_uses_mx(&u->context->account))
		return keep_sender(u);
	return offer_sender(u, reply, err);
}

/* Opens the session that the first recipient asks for. */
static bool
begin_with(struct upstream *u, struct envelope *wanted, struct reply *reply,
    struct error *err)
{
	u->begun = offer_in_new_session(u, wanted, reply, err);
	session_facts_note(&u->context->session, &u->session,
	    &u->context->submission.envelope);
	reply_free(reply);
	if (!u->begun)
		keep_sender(u);
	u->waiting = !u->begun;
	return u->begun;
}

/* A client says one message to one server: the others come after it. */
static bool
refuse_server(struct error *err)
{
	error_reject(err, STAGE_RCPT,
	    "this recipient has another server than the first one: send to it "
	    "in a transaction of its own");
	error_temporary(err, true);
	return error_status(err, "4.5.3");
}

/* The server of somebody who was refused binds nobody. */
static bool
find_same_server(struct upstream *u, struct envelope *wanted,
    struct reply *reply, struct error *err)
{
	struct delivery_params params;
	struct way way;
	bool ok, same;

	context_delivery_params(u->context, &params);
	ok = way_start(&way, &params, wanted, err);
	same = ok && way_meets(&way, &u->way);
	way_free(&way);
	if (!ok || same)
		return ok;
	if (envelope_count(&u->context->submission.envelope, RECIPIENT_ACCEPTED)
	    > 0)
		return refuse_server(err);
	keep_sender(u);
	return begin_with(u, wanted, reply, err);
}

/* With `host mx` the domain of the recipient decides which server to use. */
static bool
find_server(struct upstream *u, const struct recipient *r, struct reply *reply,
    struct error *err)
{
	const char *domain = path_domain(r->address);
	struct envelope wanted = { 0 };
	bool ok;

	if (!account_uses_mx(&u->context->account)
	    || (domain != NULL && strv_has_nocase(&u->domains, domain)))
		return true;
	envelope_add(&wanted, r->address, NULL);
	ok = u->waiting ? begin_with(u, &wanted, reply, err)
			: find_same_server(u, &wanted, reply, err);
	envelope_free(&wanted);
	return ok;
}

static bool
refuse_recipient(struct recipient *r, struct error *err)
{
	struct error outcome = { 0 };

	error_copy(&outcome, err);
	recipient_fail(r, &outcome);
	return false;
}

static void
add_once(struct strv *names, const char *name)
{
	if (name != NULL && !strv_has_nocase(names, name))
		strv_add(names, name);
}

bool
relay_recipient(struct upstream *u, const struct recipient *wanted,
    struct reply *reply, struct error *err)
{
	struct envelope *e = &u->context->submission.envelope;
	struct recipient *r;
	bool ok;

	envelope_add(e, wanted->address, wanted->original);
	r = envelope_find(e, wanted->address);
	if (r->state == RECIPIENT_ACCEPTED)
		return true;
	/* Who was refused before may be asked for again. */
	error_free(&r->outcome);
	r->state = RECIPIENT_PENDING;
	if (!find_server(u, wanted, reply, err))
		return refuse_recipient(r, err);
	begin_step(u);
	ok = transaction_rcpt(&u->transaction, r, reply, err);
	if (ok)
		add_once(&u->domains, path_domain(r->address));
	u->used = clock_now();
	return ok;
}

bool
relay_message(struct upstream *u, struct reply *reply, struct error *err)
{
	struct context *context = u->context;
	bool ok = submission_complete_message(&context->submission, err);

	if (ok) {
		begin_step(u);
		ok = transaction_data_now(&u->transaction,
		    &context->submission.message, reply, err);
	}
	/* After the final reply there is nothing left to reset. */
	u->begun = reply->status.code == 0;
	u->used = clock_now();
	if (!ok)
		envelope_fail(&context->submission.envelope, err);
	session_facts_note(&context->session, &u->session,
	    &context->submission.envelope);
	context->session.broke_lines = transaction_broke_lines(&u->transaction);
	transaction_free(&u->transaction);
	return ok;
}
