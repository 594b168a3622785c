/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relays the commands of an SMTP client to the account's server: those of a group
 * (RFC 2920) together, or a whole message in one flight, as a direct delivery
 * does.  The session with the server stays open from one message to the next.
 *
 * The envelope and the message are those of the context's submission.
 */
#ifndef VEREDUS_RELAY_RELAY_H
#define VEREDUS_RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string_index.h"
#include "base/strv.h"
#include "client/session.h"
#include "client/transaction.h"
#include "delivery/deliver.h"
#include "modes/context.h"
#include "server/reply.h"

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

/* Selects the account for the sender of the command line. */
bool relay_select_account(struct relay *r, struct error *err);
/* Prepares what a session of the account needs. */
bool relay_prepare(struct relay *r, struct error *err);
/* Begins a transaction: forgets the replies and recipients of the last one. */
void relay_begin(struct relay *r, const struct declared_message *declared);
/*
 * Adds a recipient to the envelope, and to those that the server is asked for
 * next, unless it has accepted the recipient before.  Returns its position.
 */
size_t relay_add_recipient(struct relay *r, const struct recipient *wanted);
/*
 * Sends the commands of a group: MAIL if `has_mail`, in a new session if
 * necessary, and RCPT for the recipients that were added since the last call.
 * Sets `mail` and `rcpt`; a recipient whose RCPT failed is FAILED.
 *
 * With `host mx` the first recipient determines the host, and MAIL has no reply.
 * A recipient that needs another server than the accepted recipients is rejected
 * temporarily (4.5.3).
 *
 * False if MAIL failed, or the session for it; err is why.
 */
bool relay_group(struct relay *r, bool has_mail, struct error *err);
/*
 * Sends the completed message to all accepted recipients.  Sets `final`.
 */
bool relay_message(struct relay *r, struct error *err);
/* Whether relay_whole() can send this message.  It declares SMTPUTF8 if that is
 * needed, which is for the client to decide. */
bool relay_may_send_whole(const struct relay *r, const struct message *m);
/*
 * Sends MAIL, RCPT for all recipients that were added, and the completed message,
 * as a direct delivery does, and QUIT.  Sets all replies.  True if every recipient
 * whose RCPT was accepted got the message; otherwise err is the result of MAIL (if
 * mail_is_failed), or of the message.
 */
bool relay_whole(struct relay *r, struct error *err);
/* Rejects a recipient as one too many (RFC 5321 section 4.5.3.1.10).  Always
 * returns false. */
bool relay_too_many(struct error *err);
/* Puts a descriptor in place of the connection, with which another process goes
 * on.  relay_message() fails then. */
void relay_leave(struct relay *r, int fd);
/* Ends the session. */
void relay_close(struct relay *r);
/* Frees all that is left of the last transaction. */
void relay_free(struct relay *r);

#endif
