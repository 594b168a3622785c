/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens a session when MAIL, or with `host mx` the first RCPT, needs one, and
 * uses it again for the next message while it is the right one.
 */
#include "relay/relay.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/peer.h"
#include "config/credentials.h"
#include "config/select.h"
#include "delivery/send.h"
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
	credentials_free(&context->auth);
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
	r->prepared = context_prepare_tls(context, err) && get_login(r, err);
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

static bool
begin_transaction(struct relay *r, struct error *err)
{
	alloc_set_note(NULL);
	transaction_free(&r->transaction);
	r->transaction = (struct transaction){ .session = &r->session,
		.envelope = envelope_of(r) };
	return transaction_mail(&r->transaction, &r->declared, &r->reply, err);
}

static bool
send_mail(struct attempt *a, struct error *err)
{
	return begin_transaction(a->ctx, err);
}

/* Opens a session with a host for the envelope `e`, and sends MAIL. */
static bool
open_session(struct relay *r, struct envelope *e, struct error *err)
{
	struct attempt attempt = { .session = &r->session,
		.envelope = e,
		.login = true,
		.action = send_mail,
		.ctx = r };
	struct delivery_params params;

	context_delivery_params(r->context, &params);
	params.deadline = command_deadline(r);
	r->in_transaction = renew_login(r, err)
	    && delivery_begin(&r->delivery, &params, e, err)
	    && delivery_attempt(&r->delivery, &attempt, err);
	session_log_set(&r->context->session, &r->session, envelope_of(r));
	return r->in_transaction;
}

/* Whether a new session may help after the last message's session failed. */
static bool
may_reconnect(struct relay *r, const struct error *err)
{
	const struct attempt failed = { .session = &r->session,
		.envelope = envelope_of(r) };

	return (!session_is_usable(&r->session)
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

/* Sends MAIL in the session of the last message; false if there is none, or if
 * a new session should be tried. */
static bool
mail_in_last_session(struct relay *r, struct error *err)
{
	if (!is_reusable(r))
		return false;
	r->in_transaction = begin_transaction(r, err);
	if (!r->in_transaction && may_reconnect(r, err)) {
		error_free(err);
		return false;
	}
	session_log_set(&r->context->session, &r->session, envelope_of(r));
	return true;
}

bool
relay_sender(struct relay *r, const struct declared_message *declared,
    struct error *err)
{
	r->declared = *declared;
	if (account_uses_mx(&r->context->account)) {
		defer_mail_command(r);
		return true;
	}
	if (!mail_in_last_session(r, err)) {
		relay_close(r);
		open_session(r, envelope_of(r), err);
	}
	r->last_used = clock_now();
	if (!r->in_transaction && r->session.state != SESSION_READY)
		relay_close(r);
	return r->in_transaction;
}

static bool
open_for_recipient(struct relay *r, struct envelope *wanted, struct error *err)
{
	bool ok = open_session(r, wanted, err);

	/* The client waits for the reply to RCPT, not to MAIL. */
	reply_free(&r->reply);
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

static bool
send_rcpt(struct relay *r, struct recipient *to, struct error *err)
{
	struct error outcome = { 0 };
	const char *domain = path_domain(to->address);
	bool ok;

	if (!find_server(r, to->address, err)) {
		error_copy(&outcome, err);
		recipient_fail(to, &outcome);
		return false;
	}
	extend_deadline(r);
	ok = transaction_rcpt(&r->transaction, to, &r->reply, err);
	r->last_used = clock_now();
	if (ok)
		add_domain(r, domain);
	return ok;
}

bool
relay_recipient(struct relay *r, const struct recipient *wanted,
    struct error *err)
{
	struct recipient *to;

	envelope_add(envelope_of(r), wanted->address, wanted->original);
	to = envelope_find(envelope_of(r), wanted->address);
	if (to->state == RECIPIENT_ACCEPTED)
		return true;
	/* The client may repeat a recipient that was rejected before. */
	error_free(&to->outcome);
	to->state = RECIPIENT_PENDING;
	to->notify = wanted->notify;
	return send_rcpt(r, to, err);
}

void
relay_leave(struct relay *r, int fd)
{
	transport_replace(&r->session.stream.transport, fd);
}

bool
relay_message(struct relay *r, struct error *err)
{
	struct context *context = r->context;
	bool ok;

	r->session.stream.deadline =
	    clock_after_seconds(context->account.session.deadline);
	ok = transaction_data_now(&r->transaction, &context->submission.message,
	    &r->reply, err);
	/* The final reply ends the server's transaction. */
	r->in_transaction = r->reply.status.code == 0;
	r->last_used = clock_now();
	if (!ok)
		envelope_fail(envelope_of(r), err);
	session_log_set(&context->session, &r->session, envelope_of(r));
	context->session.size = transaction_size(&r->transaction);
	context->session.broke_lines = transaction_broke_lines(&r->transaction);
	transaction_free(&r->transaction);
	return ok;
}
