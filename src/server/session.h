/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The other side of the dialogue: we are the server (RFC 5321) and hear from
 * one client what it wants to send.
 *
 * Knows the protocol and its order; what becomes of a sender, a recipient and
 * a message is decided by the actions it is given.  HELO need not come first.
 * A client may be silent for as long as it likes: it is the one who started
 * us.
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

/* Each fills the answer that the client gets. */
struct server_actions {
	/* MAIL; a positive answer begins a transaction. */
	void (*sender)(void *ctx, const struct mail_args *r,
	    struct server_reply *a);
	/* RCPT, within a transaction. */
	void (*recipient)(void *ctx, const struct mail_args *r,
	    struct server_reply *a);
	/* The end of DATA; the message is whole, and may be moved away. */
	void (*message)(void *ctx, struct message *m, struct server_reply *a);
	/* The transaction is over, however it ended, or was none. */
	void (*reset)(void *ctx);
};

struct server {
	struct stream stream; /* to the client */
	const struct server_actions *actions;
	void *ctx;
	const char *name;   /* of this host, for the greeting */
	const char *folder; /* for large messages, or NULL */

	bool crlf;         /* the client has sent a CRLF (server/data.h) */
	bool has_sender;   /* a transaction is under way */
	size_t recipients; /* that were accepted */
	bool over;         /* the client has said QUIT */
};

/*
 * Greets and serves until QUIT or the end of the input.  False when that came
 * within a transaction: what was begun is not delivered (ERROR_NETWORK).
 * Further errors: ERROR_INPUT; ERROR_INTERRUPTED, after a 421 to the client.
 * The caller ends what may be left of a transaction with server_reset().
 */
bool server_run(struct server *s, struct error *err);

void server_reset(struct server *s);

void server_free(struct server *s);

#endif
