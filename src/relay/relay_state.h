/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The session with the account's server, and what it has said to the client. */
#ifndef VEREDUS_RELAY_RELAY_STATE_H
#define VEREDUS_RELAY_RELAY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string_index.h"
#include "base/strv.h"
#include "client/session.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/context.h"
#include "server/reply.h"
#include "smtp/reply.h"

/* What the server has said about one recipient of the envelope. */
struct relay_rcpt {
	struct server_reply reply; /* the positive one, if it has code != 0 */
	bool
	    is_failed; /* RCPT is to be rejected with the recipient's outcome */
};

/* { .context } has no session yet. */
struct relay {
	struct context *context;
	bool account_ready; /* context->account can be used */
	bool prepared;      /* so can its TLS context and its login */
	bool login_is_used; /* a session was opened with it */
	const struct settings *source_account; /* it was made from; or NULL */
	struct session session;
	struct delivery delivery; /* that led to the session's host */
	struct transaction transaction;
	bool in_transaction; /* the server has accepted MAIL */
	bool sender_pending; /* `host mx`: MAIL waits for the first recipient */
	struct declared_message declared; /* by the client's MAIL */
	/* The replies to the commands of this transaction. */
	bool mail_is_failed;      /* the error was the result of MAIL */
	struct server_reply mail; /* code 0: no server has accepted it */
	struct relay_rcpt *rcpt;  /* by the position of the recipient */
	size_t rcpt_count, rcpt_size;
	bool is_unfit; /* the message cannot be sent in a form for the server */
	struct reply final; /* of a message that was sent */
	/* The recipients that the server must be asked for, by position. */
	size_t *asked;
	size_t asked_count, asked_size;
	/* Sends commands in an open session. */
	bool (*action)(struct relay *r, struct error *err);
	int64_t last_used;   /* when the server last replied */
	unsigned patience;   /* seconds for a command before the message; 0: as
	                      * for a delivery */
	struct strv domains; /* recipient domains known to use this host */
	struct string_index domain_index;
};

static inline struct envelope *
relay_envelope(const struct relay *r)
{
	return &r->context->submission.envelope;
}

#endif
