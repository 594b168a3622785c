/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends the commands of a group, or a whole message.  With `host mx` the first
 * recipient decides which server gets them.
 */
#include "relay/relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "client/final_reply.h"
#include "client/mail_params.h"
#include "mail/path.h"
#include "relay/relay_replies.h"
#include "relay/relay_session.h"

/* ---- `host mx` ---- */

/* The first recipient will determine the host. */
static void
defer_mail_command(struct relay *r)
{
	relay_close(r);
	r->sender_pending = true;
}

/* MAIL for the first recipient, whose server is to be found. */
static bool
send_mail(struct relay *r, struct error *err)
{
	static const struct recipient_list nobody;

	relay_begin_transaction(r);
	return transaction_group(&r->transaction, &r->declared, &nobody, err);
}

static bool
open_for_recipient(struct relay *r, struct envelope *wanted, struct error *err)
{
	bool ok;

	r->action = send_mail;
	ok = relay_open_session(r, wanted, err);
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
	if (envelope_count(relay_envelope(r), RECIPIENT_ACCEPTED) > 0)
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
		relay_extend_deadline(r);
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
	struct envelope *e = relay_envelope(r);
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
	return &relay_envelope(r)->recipients[r->asked[i]];
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
	relay_begin_transaction(r);
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
		relay_act(r, send_with_mail, &why);
		r->mail_is_failed = r->mail.status.code == 0;
		if (relay_is_lost(r))
			relay_close(r);
	} else {
		relay_extend_deadline(r);
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

/* The result of the message, for its recipients and for the log. */
static void
end_message(struct relay *r, bool ok, struct error *err)
{
	struct session_log *log = &r->context->session;

	if (!ok)
		envelope_fail(relay_envelope(r), err);
	session_log_set(log, &r->session, relay_envelope(r));
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
	    && (r->declared.smtputf8 || is_without_utf8(relay_envelope(r), m));
}

/* As a direct delivery: see run_transactions(). */
static bool
send_whole(struct relay *r, struct error *err)
{
	struct session *s = &r->session;
	struct transaction *t = &r->transaction;
	uint64_t before = s->transactions;
	bool ok;

	relay_begin_transaction(r);
	t->original = &r->context->submission.message;
	if (!mail_params_check(s, relay_envelope(r)->mail_params, err))
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
	envelope_fail(relay_envelope(r), &why);
	error_free(&why);
}

bool
relay_whole(struct relay *r, struct error *err)
{
	bool ok;

	r->is_unfit = false;
	if (account_uses_mx(&r->context->account))
		relay_close(r);
	ok = relay_act(r, send_whole, err);
	end_envelope(r);
	if (ok && envelope_count(relay_envelope(r), RECIPIENT_DELIVERED) == 0)
		ok = error_set(err, ERROR_INTERNAL,
		    "no recipient to deliver to");
	if (ok)
		fail_over_limit(r);
	end_message(r, ok, err);
	r->in_transaction = false;
	if (relay_is_lost(r))
		relay_close(r);
	return ok;
}

void
relay_free(struct relay *r)
{
	relay_close(r);
	relay_free_replies(r);
	free(r->rcpt);
	free(r->asked);
	r->rcpt = NULL;
	r->asked = NULL;
	r->rcpt_size = r->asked_size = 0;
}
