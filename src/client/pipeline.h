/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transactions of several messages in one session, of which one begins before
 * the replies to the one before it have come (RFC 2920, RFC 3030).
 *
 * A group of commands is sent together:
 *
 *   the end of the message to which the server replied 354 last, or RSET
 *   MAIL, RCPT..., BDAT size LAST, RSET    for any number of messages
 *   MAIL, RCPT..., DATA                    for one message, or QUIT
 *
 * Without CHUNKING there is no BDAT.  RSET ends a transaction whose BDAT the
 * server has rejected because it had rejected all recipients: otherwise a server
 * would reject the next MAIL as nested, but take the RCPT and BDAT behind it.
 *
 * Replies belong to commands by their number alone, so an extra reply, or one
 * too few, makes a rejected message look accepted.  A reply counts only when the
 * number of replies has been proved:
 *
 *   - Only DATA has the reply 354, and only QUIT has 221.  One of them ends each
 *     group: if it is where it must be, all replies before it are where they
 *     belong.  The results of a group therefore wait for its end.
 *   - Any reply that its command cannot have shows that the replies are out of
 *     step: other than 25z or a rejection to MAIL, RCPT and BDAT, a rejected
 *     RSET, 354 or 221 elsewhere, or a message that is accepted without a
 *     recipient.  Then no reply since the last proof counts, neither a positive
 *     one nor a rejection: all those messages are uncertain.
 *   - If the session ends before the proof, by 421 or because the connection is
 *     lost, the reply to RSET is the proof of the message before it: after an
 *     extra reply, that in the place of the reply to RSET is the true one to
 *     BDAT.  Without it a success is uncertain, unless the server has closed the
 *     connection behind it: as in a session for one message, that stands, because
 *     servers do so, and few send extra replies.
 *
 * A message whose end the server may have, but whose final reply did not come,
 * is uncertain.  Messages behind a 421 or a BDAT that the server does not know,
 * and those that were not written completely, can be sent in another session.
 *
 * The client does not wait for the server to read while the server waits for
 * the client: a group has at most STREAM_GROUP_MAX octets, and stream_flush()
 * collects replies while it writes.
 */
#ifndef VEREDUS_CLIENT_PIPELINE_H
#define VEREDUS_CLIENT_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "client/pipeline_message.h"
#include "client/session.h"
#include "mail/envelope.h"
#include "mail/message.h"

/* { .session } has no messages; the session is open. */
struct pipeline {
	struct session *session;            /* borrowed */
	struct pipeline_message **messages; /* in the order of their MAIL */
	size_t count;
	size_t size;
	bool needs_reset;     /* the last transaction may not be over */
	struct command reset; /* RSET at the start of a group */
	bool has_body;        /* the group begins with the end of a message */
	bool has_last;        /* it ends with DATA */
	bool has_quit;        /* it ends with QUIT */
	bool flushed;         /* the whole group was sent */
	struct error failure; /* of sending or reading */
	bool is_unproved;    /* BDAT was sent, and the proof has not come yet */
	bool is_out_of_step; /* the number of replies is wrong */
	bool is_lost; /* the connection ended before all replies had come */
};

/*
 * Begins a group: sends the message that the server waits for, or puts RSET into
 * the group if it is needed.  False if the session has ended.
 */
bool pipeline_begin(struct pipeline *p);

enum pipeline_added {
	PIPELINE_ADDED, /* other messages may follow in the group */
	PIPELINE_LAST,  /* the message ends the group with DATA */
	PIPELINE_FULL,  /* not added: the group has no room */
	PIPELINE_ALONE  /* not added: it needs a transaction that is not in a
	                 * pipeline, because the reply to RCPT decides whether
	                 * it is sent, or it needs more than one */
};

/*
 * Adds a message for the pending recipients of the envelope; both are borrowed.
 * With `last` it ends the group with DATA, if that can be.  A message that
 * cannot be sent has its result at once.
 */
enum pipeline_added pipeline_add(struct pipeline *p, struct envelope *e,
    const struct message *message, bool last);

/*
 * Sends the group, with `quit` QUIT behind it.  False if the session has ended
 * before that.
 */
bool pipeline_send(struct pipeline *p, bool quit);
/*
 * Reads the replies to the group.  Recipients have results then, except those of
 * messages that are DATA_DUE or UNSENT; some may be PENDING that the server
 * rejected as too many (4.5.3).
 */
void pipeline_receive(struct pipeline *p);

/* Whether the results of messages that are ANSWERED are certain.  They are once
 * the session has ended. */
bool pipeline_is_settled(const struct pipeline *p);

/* Removes the first messages. */
void pipeline_remove(struct pipeline *p, size_t count);
void pipeline_free(struct pipeline *p);

#endif
