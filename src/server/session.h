/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One session of our SMTP server (RFC 5321) with its client.
 *
 * Knows the protocol and the order of its commands; the actions of the caller
 * decide about senders, recipients and messages.  HELO or EHLO is not
 * required.  There is no timeout: the client is the program that started us.
 */
#ifndef VEREDUS_SERVER_SESSION_H
#define VEREDUS_SERVER_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "mail/message.h"
#include "net/stream.h"
#include "server/args.h"
#include "server/reply.h"

/* Each action but reset sets the reply to the client. */
struct server_actions {
	/* MAIL; a positive reply begins a transaction. */
	void (*sender)(void *ctx, const struct mail_args *args,
	    struct server_reply *reply);
	/* RCPT, in a transaction. */
	void (*recipient)(void *ctx, const struct mail_args *args,
	    struct server_reply *reply);
	/* The end of the message data.  The action may move the message away. */
	void (
	    *message)(void *ctx, struct message *m, struct server_reply *reply);
	/* The end of a transaction.  Also called when there is none. */
	void (*reset)(void *ctx);
};

struct server {
	struct stream stream; /* to the client */
	const struct server_actions *actions;
	void *ctx;          /* for the actions */
	const char *name;   /* of this host, for the greeting */
	const char *folder; /* for large messages, or NULL */

	bool crlf;         /* the client has sent a CRLF (server/io.h) */
	bool has_sender;   /* a transaction is in progress */
	size_t recipients; /* accepted in this transaction */
	bool quit;         /* the client has sent QUIT */
};

/*
 * Sends the greeting and executes commands until QUIT or the end of the input.
 * Errors: ERROR_NETWORK if the client disconnects during a transaction, whose
 * message is then not delivered; ERROR_INPUT; ERROR_INTERRUPTED, after a 421
 * reply to the client.  Afterwards, the caller ends a transaction that is
 * still in progress with server_reset().
 */
bool server_run(struct server *s, struct error *err);

/* Ends the transaction, if there is one. */
void server_reset(struct server *s);

void server_free(struct server *s);

#endif
