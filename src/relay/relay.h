/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Relays the commands of an SMTP client to the account's server, one by one.
 * The session with the server stays open from one message to the next.
 *
 * The envelope and the message are those of the context's submission.  A
 * function that fails sets the error of the command or of opening a session;
 * otherwise `reply` is the server's reply, if a command was sent.
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
	struct reply reply;  /* the server's last one; the caller frees it */
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
/*
 * Sends MAIL with the envelope's sender, in a new session if necessary.  With
 * `host mx` the first recipient determines the host: there is no reply yet.
 */
bool relay_sender(struct relay *r, const struct declared_message *declared,
    struct error *err);
/*
 * Adds a recipient to the envelope and sends RCPT.  A recipient that was
 * accepted before is not sent again, and has no reply.  One that needs another
 * server than the accepted recipients is rejected temporarily (4.5.3).
 */
bool relay_recipient(struct relay *r, const struct recipient *wanted,
    struct error *err);
/* Sends the completed message to all accepted recipients. */
bool relay_message(struct relay *r, struct error *err);
/* Puts a descriptor in place of the connection, with which another process goes
 * on.  relay_message() fails then. */
void relay_leave(struct relay *r, int fd);
/* Ends the session. */
void relay_close(struct relay *r);

#endif
