/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Selects the account and logs in to its server.  The session is used again for
 * the next message while it is the right one.
 */
#include "relay/relay_session.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/peer.h"
#include "config/select.h"
#include "delivery/transactions.h"
#include "relay/relay_replies.h"

/* After this time a firewall may have dropped the connection without notice. */
#define IDLE_SECONDS 60

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

void
relay_leave(struct relay *r, int fd)
{
	transport_replace(&r->session.stream.transport, fd);
}

/* ---- the account ---- */

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

void
relay_extend_deadline(struct relay *r)
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
	relay_extend_deadline(r);
	if (r->in_transaction && !transaction_reset(s, NULL))
		return false;
	r->in_transaction = false;
	return true;
}

/* ---- the session ---- */

static void
opened(struct attempt *a, const struct error *err)
{
	(void)err;
	relay_forget_replies(a->ctx);
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
bool
relay_open_session(struct relay *r, struct envelope *e, struct error *err)
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
	session_log_set(&r->context->session, &r->session, relay_envelope(r));
	return ok;
}

/* Whether a new session may help after the last message's session failed. */
static bool
may_reconnect(struct relay *r, const struct error *err)
{
	const struct attempt failed = { .session = &r->session,
		.envelope = relay_envelope(r),
		.data_started = r->transaction.data_started };

	return (!session_is_usable(&r->session) && !failed.data_started
		   && err->kind != ERROR_INTERRUPTED)
	    || may_try_next_address(&failed, err);
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
		envelope_reset_accepted(relay_envelope(r));
		error_free(err);
		return false;
	}
	session_log_set(&r->context->session, &r->session, relay_envelope(r));
	return true;
}

/* Acts in the session of the last message, or in a new one. */
bool
relay_act(struct relay *r, bool (*action)(struct relay *r, struct error *err),
    struct error *err)
{
	bool ok;

	r->action = action;
	if (!act_in_last_session(r, &ok, err)) {
		relay_close(r);
		relay_forget_replies(r);
		ok = relay_open_session(r, relay_envelope(r), err);
	}
	r->last_used = clock_now();
	return ok;
}

/* Whether the session is of no use for the next command. */
bool
relay_is_lost(const struct relay *r)
{
	return !r->in_transaction && r->session.state != SESSION_READY;
}
