/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the replies of the server for the client. */
#include "relay/relay_replies.h"

#include "base/alloc.h"

static struct relay_rcpt *
rcpt_of(struct relay *r, const struct recipient *to)
{
	return &r->rcpt[to - relay_envelope(r)->recipients];
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

void
relay_forget_replies(struct relay *r)
{
	server_reply_free(&r->mail);
	for (size_t i = 0; i < r->asked_count; i++)
		server_reply_free(&r->rcpt[r->asked[i]].reply);
	r->in_transaction = r->mail_is_failed = false;
}

void
relay_free_replies(struct relay *r)
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
	relay_free_replies(r);
	r->declared = *declared;
}

void
relay_begin_transaction(struct relay *r)
{
	alloc_set_note(NULL);
	transaction_free(&r->transaction);
	r->transaction = (struct transaction){ .session = &r->session,
		.envelope = relay_envelope(r),
		.accepted = keep_reply,
		.accepted_ctx = r };
}
