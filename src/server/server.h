/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of our SMTP server in one session with its client (RFC 5321), and the
 * actions of the caller, which decide about senders, recipients and messages.
 */
#ifndef VEREDUS_SERVER_SERVER_H
#define VEREDUS_SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/message.h"
#include "net/stream.h"
#include "server/args.h"
#include "server/reply.h"

struct server;

/* The first three actions set the reply to the client.  The first two may leave
 * it open if there is the action `group`. */
struct server_actions {
	/* MAIL; a positive reply begins a transaction. */
	void (*sender)(void *ctx, const struct mail_args *args,
	    struct server_reply *reply);
	/* RCPT, in a transaction.  False: replies that are open decide about
	 * this one, so that the group ends before the action is called again. */
	bool (*recipient)(void *ctx, const struct mail_args *args,
	    struct server_reply *reply);
	/* The end of the message data.  The action may move the message away. */
	void (
	    *message)(void *ctx, struct message *m, struct server_reply *reply);
	/* The end of a group of commands: sets the replies that MAIL and RCPT
	 * have left open, in the order of the commands.  If MAIL is among them
	 * and is rejected, the others need not be set.  See held.h. */
	void (*group)(void *ctx, struct server_reply *open, size_t count);
	/*
	 * A message whose MAIL and RCPT are still open, and after which the
	 * client has sent QUIT: as message().  If the action returns true, it has
	 * set the final reply, and group() follows.  False: group() comes first,
	 * then message().
	 */
	bool (*whole)(void *ctx, struct message *m, struct server_reply *reply);
	/* The end of a transaction.  Also called when there is none. */
	void (*reset)(void *ctx);
	/* XQUEUE: sends the reply itself, with server_send_line(); or NULL: the
	 * extension is not offered.  Errors: those of that function. */
	bool (*queue)(void *ctx, struct server *s, struct error *err);
	/* A message that cannot be stored; NULL does nothing.  The action may
	 * change what the client hears of the problem. */
	void (*unstored)(void *ctx, struct error *problem);
	/* The client was not told that its message was accepted, or that it was
	 * not; NULL does nothing. */
	void (*untold)(void *ctx, bool accepted, const struct error *why);
};

struct chunks;
struct held_reply;

struct held_replies {
	struct held_reply *items;
	size_t count, size;
	size_t open;       /* of which the action knows the reply later */
	size_t recipients; /* of these, to RCPT */
};

struct server {
	struct stream stream; /* to the client */
	const struct server_actions *actions;
	void *ctx;          /* for the actions */
	const char *name;   /* of this host, for the greeting */
	const char *folder; /* for large messages, or NULL */
	unsigned timeout;   /* seconds in which the client must send a line or
	                     * SERVER_DATA_MIN octets of a message, or read
	                     * something; 0: no limit */
	uint64_t size_max;  /* octets of a message, for EHLO; 0: the most that
	                    * is read */
	unsigned recipients_max; /* of a transaction, for EHLO; 0: no limit
	                          * that is told */

	bool crlf;         /* the client has sent a CRLF (server/data.h) */
	bool has_line;     /* the client has sent a line */
	bool has_sender;   /* a transaction is in progress */
	bool smtputf8;     /* MAIL has SMTPUTF8: replies may be UTF-8 */
	bool binarymime;   /* MAIL has BODY=BINARYMIME */
	size_t recipients; /* accepted in this transaction */
	size_t recipients_rejected; /* by the actions, in this transaction */
	uint64_t octets;            /* of the message so far */
	struct chunks *chunks;      /* the message in BDAT so far, or NULL */
	struct held_replies held;   /* to the group of commands so far */
	/* MAIL or a message was rejected: commands that the client pipelined
	 * behind it may follow. */
	bool transaction_failed;
	int last_code;     /* of the last reply */
	bool keep_count;   /* do not count this rejection: the next hop or an
	                    * earlier command is the reason */
	unsigned rejected; /* commands since a message was accepted */
	unsigned idle;     /* since then, commands that serve no message */
	int64_t waited;    /* since then, for the client, in milliseconds */
	/* When the client began to send the octets of a message that it must
	 * send within the timeout, and how many of them are left. */
	int64_t data_began;
	uint64_t data_left;
	bool quit; /* the client has sent QUIT */
};

/* The session ends when so many commands were rejected. */
#define SERVER_REJECTED_MAX 20
/* The same for accepted commands such as NOOP, which do nothing for a message. */
#define SERVER_IDLE_MAX 100
/* The client may let the server wait for so many timeouts until it has accepted
 * a message. */
#define SERVER_WAITS_MAX 12
/* Recipients of a transaction, accepted or rejected: the actions may remember
 * both.  RFC 5321 section 4.5.3.1.8 requires 100. */
#define SERVER_RECIPIENTS_MAX 10000
/* Octets of a message that the client must send within each timeout. */
#define SERVER_DATA_MIN ((uint64_t)300 * 1024)

#endif
