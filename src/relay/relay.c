/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens a session when MAIL, or with `host mx` the first RCPT, needs one, and
 * uses it again for the next message while it is the right one.
 */
#include "relay/relay.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/peer.h"
#include "base/text.h"
#include "client/final_reply.h"
#include "client/mail_params.h"
#include "config/credentials.h"
#include "config/select.h"
#include "delivery/transactions.h"
#include "mail/path.h"

/* After this time a firewall may have dropped the connection without notice. */
#define IDLE_SECONDS 60

static struct envelope *
envelope_of(const struct relay *r)
{
	return &r->context->submission.envelope;
}

void
relay_close(struct relay *r)
{
	transaction_free(&r->transaction);
	session_close(&r->session);
	delivery_free(&r->delivery);
	string_index_free(&r->domain_index);
	strv_free(&r->domains);
	r->in_transaction = r->sender_pending = false;
}

/* Every connection to the socket at which the client has reached this process
 * would start a process that connects to it. */
static bool
check_loop(const struct account *account, struct error *err)
{
	if (!peer_reached_by(STDIN_FILENO, account->server.socket))
		return true;
	return error_set(err, ERROR_LOOP,
	    "account %s: the socket %s is that of this server; set socket or "
	    "host to the server that delivers the messages",
	    account->name, account->server.socket);
}

bool
relay_select_account(struct relay *r, struct error *err)
{
	struct context *context = r->context;
	const struct cmdline *cmdline = context->cmdline;
	struct selection choice = { 0 };

	if (!cmdline_has_host(cmdline)
	    && !config_select(&context->config, &context->user,
		cmdline->account, cmdline->sender, &choice, err))
		return false;
	if (r->account_ready && choice.settings == r->source_account)
		return true;
	relay_close(r);
	account_free(&context->account);
	/* The log names the login of the account. */
	auth_params_free(&context->auth);
	tls_context_free(context->tls);
	context->tls = NULL;
	r->source_account = choice.settings;
	r->prepared = false;
	r->account_ready = context_select_account(context, err)
	    && check_loop(&context->account, err);
	return r->account_ready;
}

/* The client waits for a command for as long as for a server. */
static bool
get_login(struct relay *r, struct error *err)
{
	r->context->monitor.wait = r->patience;
	/* The terminal, if any, is the SMTP client. */
	return context_get_login(r->context, false, err);
}

bool
relay_prepare(struct relay *r, struct error *err)
{
	struct context *context = r->context;

	if (r->prepared)
		return true;
	tls_context_free(context->tls);
	context->tls = NULL;
	context_start_lookup(context);
	r->prepared =
	    context_prepare_connection(context, err) && get_login(r, err);
	r->login_is_used = false;
	return r->prepared;
}

/* A client may stay for longer than a token is good for. */
static bool
renew_login(struct relay *r, struct error *err)
{
	bool is_old =
	    r->login_is_used && account_uses_oauth(&r->context->account);

	r->login_is_used = true;
	return !is_old || get_login(r, err);
}

/* Each command may take the time of a whole delivery: the client may have been
 * silent before.  If the message can be queued, the client need not wait so
 * long. */
static int64_t
command_deadline(const struct relay *r)
{
	int64_t whole =
	    clock_after_seconds(r->context->account.session.deadline);

	return r->patience == 0
	    ? whole
	    : clock_earlier(whole, clock_after_seconds(r->patience));
}

static void
extend_deadline(struct relay *r)
{
	r->session.stream.deadline = command_deadline(r);
}

/* Whether the session of the last message can be used for another one. */
static bool
is_reusable(struct relay *r)
{
	struct session *s = &r->session;

	if (s->state != SESSION_READY || !may_begin_transaction(s)
	    || clock_now() - r->last_used > IDLE_SECONDS * 1000L
	    || stream_poll_input(&s->stream))
		return false;
	extend_deadline(r);
	if (r->in_transaction && !transaction_reset(s, NULL))
		return false;
	r->in_transaction = false;
	return true;
}

/* ---- the replies ---- */

static struct relay_rcpt *
rcpt_of(struct relay *r, const struct recipient *to)
{
	return &r->rcpt[to - envelope_of(r)->recipients];
}

/* The observer of the transaction. */
static void
keep_reply(void *ctx, const struct recipient *to, const struct reply *reply)
{
	struct relay *r = ctx;

	if (to == NULL)
		r->in_transaction = true;
	server_reply_from_reply(to == NULL ? &r->mail : &rcpt_of(r, to)->reply,
	    reply, &r->session.stream);
}

/* What another server has said does not count any more. */
static void
forget_replies(struct relay *r)
{
	server_reply_free(&r->mail);
	for (size_t i = 0; i < r->asked_count; i++)
		server_reply_free(&r->rcpt[r->asked[i]].reply);
	r->in_transaction = r->mail_is_failed = false;
}

static void
free_replies(struct relay *r)
{
	server_reply_free(&r->mail);
	for (size_t i = 0; i < r->rcpt_count; i++)
		server_reply_free(&r->rcpt[i].reply);
	reply_free(&r->final);
	r->mail_is_failed = false;
	r->rcpt_count = r->asked_count = 0;
}

void
relay_begin(struct relay *r, const struct declared_message *declared)
{
	free_replies(r);
	r->declared = *declared;
}

/* ---- sessions ---- */

static void
begin_transaction(struct relay *r)
{
	alloc_set_note(NULL);
	transaction_free(&r->transaction);
	r->transaction = (struct transaction){ .session = &r->session,
		.envelope = envelope_of(r),
		.accepted = keep_reply,
		.accepted_ctx = r };
}

static void
opened(struct attempt *a, const struct error *err)
{
	(void)err;
	forget_replies(a->ctx);
}

static bool
act(struct attempt *a, struct error *err)
{
	struct relay *r = a->ctx;
	bool ok = r->action(r, err);

	a->data_started = r->transaction.data_started;
	return ok;
}

/* Opens a session with a host for the envelope `e`, and acts in it. */
static bool
open_session(struct relay *r, struct envelope *e, struct error *err)
{
	struct attempt attempt = { .session = &r->session,
		.envelope = e,
		.login = true,
		.action = act,
		.opened = opened,
		.ctx = r };
	struct delivery_params params;
	bool ok;

	context_delivery_params(r->context, &params);
	params.deadline = command_deadline(r);
	ok = renew_login(r, err)
	    && delivery_begin(&r->delivery, &params, e, err)
	    && delivery_attempt(&r->delivery, &attempt, err);
	session_log_set(&r->context->session, &r->session, envelope_of(r));
	return ok;
}

/* Whether a new session may help after the last message's session failed. */
static bool
may_reconnect(struct relay *r, const struct error *err)
{
	const struct attempt failed = { .session = &r->session,
		.envelope = envelope_of(r),
		.data_started = r->transaction.data_started };

	return (!session_is_usable(&r->session) && !failed.data_started
		   && err->kind != ERROR_INTERRUPTED)
	    || may_try_next_address(&failed, err);
}

/* The first recipient will determine the host. */
static void
defer_mail_command(struct relay *r)
{
	relay_close(r);
	r->sender_pending = true;
}

/* Acts in the session of the last message; false if there is none, or if a new
 * session should be tried. */
static bool
act_in_last_session(struct relay *r, bool *ok, struct error *err)
{
	if (!is_reusable(r))
		return false;
	*ok = r->action(r, err);
	if (!*ok && may_reconnect(r, err)) {
		envelope_reset_accepted(envelope_of(r));
		error_free(err);
		return false;
	}
	session_log_set(&r->context->session, &r->session, envelope_of(r));
	return true;
}

/* Acts in the session of the last message, or in a new one. */
static bool
act_in_session(struct relay *r,
    bool (*action)(struct relay *r, struct error *err), struct error *err)
{
	bool ok;

	r->action = action;
	if (!act_in_last_session(r, &ok, err)) {
		relay_close(r);
		forget_replies(r);
		ok = open_session(r, envelope_of(r), err);
	}
	r->last_used = clock_now();
	return ok;
}

/* Whether the session is of no use for the next command. */
static bool
is_lost(const struct relay *r)
{
	return !r->in_transaction && r->session.state != SESSION_READY;
}

/* ---- `host mx` ---- */

/* MAIL for the first recipient, whose server is to be found. */
static bool
send_mail(struct relay *r, struct error *err)
{
	static const struct recipient_list nobody;

	begin_transaction(r);
	return transaction_group(&r->transaction, &r->declared, &nobody, err);
}

static bool
open_for_recipient(struct relay *r, struct envelope *wanted, struct error *err)
{
	bool ok;

	r->action = send_mail;
	ok = open_session(r, wanted, err);
	/* The client has its reply to MAIL. */
	server_reply_free(&r->mail);
	if (ok)
		r->sender_pending = false;
	else
		defer_mail_command(r);
	return ok;
}

/* One transaction goes to one server; the client retries the recipients of
 * other servers. */
static bool
reject_other_server(struct error *err)
{
	error_reject(err, STAGE_RCPT,
	    "this recipient has another server than the first one: send to it "
	    "in a separate transaction");
	error_temporary(err, true);
	return error_status(err, "4.5.3");
}

/* If no recipient was accepted yet, switches to this recipient's server. */
static bool
use_same_server(struct relay *r, struct envelope *wanted, struct error *err)
{
	struct delivery_params params;
	struct delivery d;
	bool ok, same;

	context_delivery_params(r->context, &params);
	ok = delivery_begin(&d, &params, wanted, err);
	same = ok && delivery_shares_hop(&d, &r->delivery);
	delivery_free(&d);
	if (!ok || same)
		return ok;
	if (envelope_count(envelope_of(r), RECIPIENT_ACCEPTED) > 0)
		return reject_other_server(err);
	defer_mail_command(r);
	return open_for_recipient(r, wanted, err);
}

/* Whether the session is with the server of this domain. */
static bool
is_known_domain(const struct relay *r, const char *domain)
{
	return domain != NULL
	    && string_index_find(&r->domain_index, domain) != STRING_INDEX_NONE;
}

static void
add_domain(struct relay *r, const char *domain)
{
	if (domain == NULL || is_known_domain(r, domain))
		return;
	strv_add(&r->domains, domain);
	r->domain_index.kind = &string_nocase;
	string_index_add(&r->domain_index,
	    r->domains.items[r->domains.count - 1], 0);
}

/* With `host mx` the domain of the recipient determines the server. */
static bool
find_server(struct relay *r, const char *address, struct error *err)
{
	const char *domain = path_domain(address);
	struct envelope wanted = { 0 };
	bool ok;

	if (!account_uses_mx(&r->context->account)
	    || is_known_domain(r, domain))
		return true;
	envelope_add(&wanted, address, NULL);
	ok = r->sender_pending ? open_for_recipient(r, &wanted, err)
			       : use_same_server(r, &wanted, err);
	envelope_free(&wanted);
	return ok;
}

static void
fail(struct recipient *to, const struct error *why)
{
	struct error outcome = { 0 };

	error_copy(&outcome, why);
	recipient_fail(to, &outcome);
}

/* Sends RCPT to the server of the recipient. */
static void
send_to_its_server(struct relay *r, struct recipient *to)
{
	struct reply reply = { 0 };
	struct error why = { 0 };

	if (!find_server(r, to->address, &why)) {
		fail(to, &why);
	} else {
		extend_deadline(r);
		if (transaction_rcpt(&r->transaction, to, &reply, &why))
			add_domain(r, path_domain(to->address));
		r->last_used = clock_now();
	}
	reply_free(&reply);
	error_free(&why);
}

/* ---- groups ---- */

size_t
relay_add_recipient(struct relay *r, const struct recipient *wanted)
{
	struct envelope *e = envelope_of(r);
	bool is_new = envelope_add(e, wanted->address, wanted->original);
	struct recipient *to = envelope_find(e, wanted->address);
	size_t position = (size_t)(to - e->recipients);

	while (r->rcpt_count < e->count) {
		r->rcpt = alloc_grow(r->rcpt, r->rcpt_count, &r->rcpt_size,
		    sizeof(*r->rcpt));
		r->rcpt[r->rcpt_count++] = (struct relay_rcpt){ 0 };
	}
	/* The client may repeat a recipient that was rejected before. */
	if (!is_new && to->state != RECIPIENT_FAILED)
		return position;
	error_free(&to->outcome);
	to->state = RECIPIENT_PENDING;
	to->notify = wanted->notify;
	r->rcpt[position].is_failed = false;
	r->asked = alloc_grow(r->asked, r->asked_count, &r->asked_size,
	    sizeof(*r->asked));
	r->asked[r->asked_count++] = position;
	return position;
}

static struct recipient *
asked(const struct relay *r, size_t i)
{
	return &envelope_of(r)->recipients[r->asked[i]];
}

/* Whoever has no reply has the error as the result. */
static void
end_rcpt(struct relay *r, const struct error *err)
{
	for (size_t i = 0; i < r->asked_count; i++) {
		struct recipient *to = asked(r, i);

		if (to->state == RECIPIENT_PENDING)
			fail(to, err);
		r->rcpt[r->asked[i]].is_failed = to->state == RECIPIENT_FAILED;
	}
}

static bool
send_commands(struct relay *r, const struct declared_message *declared,
    struct error *err)
{
	struct recipient_list to = { .count = r->asked_count };
	bool ok;

	to.items = alloc_zeroed(to.count, sizeof(struct recipient *));
	for (size_t i = 0; i < to.count; i++)
		to.items[i] = asked(r, i);
	ok = transaction_group(&r->transaction, declared, &to, err);
	free(to.items);
	return ok;
}

static bool
send_with_mail(struct relay *r, struct error *err)
{
	begin_transaction(r);
	return send_commands(r, &r->declared, err);
}

static void
ask_each_server(struct relay *r)
{
	for (size_t i = 0; i < r->asked_count; i++)
		send_to_its_server(r, asked(r, i));
}

bool
relay_group(struct relay *r, bool has_mail, struct error *err)
{
	bool uses_mx = account_uses_mx(&r->context->account);
	struct error why = { 0 };

	if (uses_mx && has_mail)
		defer_mail_command(r);
	if (uses_mx) {
		ask_each_server(r);
	} else if (has_mail) {
		act_in_session(r, send_with_mail, &why);
		r->mail_is_failed = r->mail.status.code == 0;
		if (is_lost(r))
			relay_close(r);
	} else {
		extend_deadline(r);
		send_commands(r, NULL, &why);
		r->last_used = clock_now();
	}
	if (!r->mail_is_failed)
		end_rcpt(r, &why);
	else
		error_move(err, &why);
	r->asked_count = 0;
	error_free(&why);
	return !r->mail_is_failed;
}

void
relay_leave(struct relay *r, int fd)
{
	transport_replace(&r->session.stream.transport, fd);
}

/* The result of the message, for its recipients and for the log. */
static void
end_message(struct relay *r, bool ok, struct error *err)
{
	struct session_log *log = &r->context->session;

	if (!ok)
		envelope_fail(envelope_of(r), err);
	session_log_set(log, &r->session, envelope_of(r));
	log->size = transaction_size(&r->transaction);
	log->broke_lines = transaction_broke_lines(&r->transaction);
	transaction_free(&r->transaction);
}

bool
relay_message(struct relay *r, struct error *err)
{
	struct context *context = r->context;
	bool ok;

	r->session.stream.deadline =
	    clock_after_seconds(context->account.session.deadline);
	ok = transaction_data_now(&r->transaction, &context->submission.message,
	    &r->final, err);
	/* The final reply ends the server's transaction. */
	r->in_transaction = r->final.status.code == 0;
	r->last_used = clock_now();
	end_message(r, ok, err);
	return ok;
}

/* ---- whole messages ---- */

static bool
is_ascii(const char *text)
{
	return text == NULL || text_is_ascii(text, strlen(text));
}

/* Whether neither the envelope nor the message needs SMTPUTF8. */
static bool
is_without_utf8(const struct envelope *e, const struct message *m)
{
	bool ascii = !m->has_8bit_header && is_ascii(e->sender);

	for (size_t i = 0; ascii && i < e->count; i++)
		ascii = is_ascii(e->recipients[i].address);
	return ascii;
}

bool
relay_may_send_whole(const struct relay *r, const struct message *m)
{
	return (!account_uses_mx(&r->context->account) || r->asked_count == 1)
	    && (r->declared.smtputf8 || is_without_utf8(envelope_of(r), m));
}

/* As a direct delivery: see run_transactions(). */
static bool
send_whole(struct relay *r, struct error *err)
{
	struct session *s = &r->session;
	struct transaction *t = &r->transaction;
	uint64_t before = s->transactions;
	bool ok;

	begin_transaction(r);
	t->original = &r->context->submission.message;
	if (!mail_params_check(s, envelope_of(r)->mail_params, err))
		return session_failed(s, err);
	ok = transaction_envelope(t, err) && transaction_data(t, err)
	    && final_reply_read(t, &r->final, err);
	if (!ok && !err->uncertain)
		alloc_set_note(NULL);
	/* The message cannot be sent in any form that the server accepts. */
	r->is_unfit = s->transactions == before;
	return ok;
}

/* An error that came before the reply to MAIL is its result, and one that came
 * before the reply to RCPT is the result of that.  With `host mx` the server is
 * that of the recipient. */
static void
end_envelope(struct relay *r)
{
	r->mail_is_failed = r->mail.status.code == 0 && !r->is_unfit
	    && !account_uses_mx(&r->context->account);
	for (size_t i = 0; i < r->asked_count; i++) {
		struct relay_rcpt *rcpt = &r->rcpt[r->asked[i]];

		rcpt->is_failed = rcpt->reply.status.code == 0
		    && (asked(r, i)->state == RECIPIENT_FAILED || !r->is_unfit);
	}
	r->asked_count = 0;
}

bool
relay_too_many(struct error *err)
{
	error_reject(err, STAGE_RCPT,
	    "too many recipients: send to the others in another transaction");
	error_temporary(err, true);
	err->status.code = 452;
	return error_status(err, "4.5.3");
}

/* Recipients beyond the number that the server announces. */
static void
fail_over_limit(struct relay *r)
{
	struct error why = { 0 };

	relay_too_many(&why);
	envelope_fail(envelope_of(r), &why);
	error_free(&why);
}

bool
relay_whole(struct relay *r, struct error *err)
{
	bool ok;

	r->is_unfit = false;
	if (account_uses_mx(&r->context->account))
		relay_close(r);
	ok = act_in_session(r, send_whole, err);
	end_envelope(r);
	if (ok && envelope_count(envelope_of(r), RECIPIENT_DELIVERED) == 0)
		ok = error_set(err, ERROR_INTERNAL,
		    "no recipient to deliver to");
	if (ok)
		fail_over_limit(r);
	end_message(r, ok, err);
	r->in_transaction = false;
	if (is_lost(r))
		relay_close(r);
	return ok;
}

void
relay_free(struct relay *r)
{
	relay_close(r);
	free_replies(r);
	free(r->rcpt);
	free(r->asked);
	r->rcpt = NULL;
	r->asked = NULL;
	r->rcpt_size = r->asked_size = 0;
}
