/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One mail transaction (RFC 5321 section 3.3): MAIL, RCPT and DATA or BDAT,
 * and the replies to them.  Stores each recipient's result in the envelope.
 *
 * The message itself never changes.  If the server cannot accept it as it is,
 * the transaction sends a downgraded copy of its own.
 */
#ifndef VEREDUS_CLIENT_TRANSACTION_H
#define VEREDUS_CLIENT_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/session.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/reply.h"

/* How the message data follows the accepted envelope. */
enum data_state {
	DATA_ACCEPTED,   /* the server replied 354 to DATA */
	BDAT_SEPARATE,   /* as one chunk, which was not sent yet */
	BDAT_NEEDS_LAST, /* the server has it; "BDAT 0 LAST" is missing */
	DATA_SENT        /* it was sent together with the envelope */
};

/*
 * { .session, .envelope, .original } is a transaction that has not begun.  All
 * three are borrowed; in immediate mode the message comes last.  A transaction
 * holds a pointer into itself: do not copy it.
 */
struct transaction {
	struct session *session;
	struct envelope *envelope;
	const struct message *original;
	const struct message *message; /* to be sent: original or downgraded */
	struct message downgraded;     /* empty if the original can be sent */
	bool use_smtputf8;             /* MAIL has the parameter SMTPUTF8 */
	bool use_binarymime;           /* MAIL has BODY=BINARYMIME */
	bool has_command_lines;        /* the message must be sent with DATA */
	bool is_pipelined; /* in a pipeline, with BDAT: see pipeline.h */
	bool data_started; /* the server may deliver the message, or a part */
	bool quit_sent;    /* QUIT followed the message */
	enum data_state data_state;
	struct reply final_reply; /* if it came with those to the envelope */
	/* For a caller that replies to each command of a client: is told of each
	 * positive reply to RCPT, and to MAIL with `to` NULL.  Then any accepted
	 * recipient is enough, whatever params->partial says, and recipients over
	 * the server's number are FAILED.  Or NULL. */
	void (*accepted)(void *ctx, const struct recipient *to,
	    const struct reply *reply);
	void *accepted_ctx;
};

/*
 * Sends MAIL, RCPT for each pending recipient and, if it is right whatever the
 * server replies, DATA or BDAT; with PIPELINING all at once.  Before that the
 * message is checked against the server's SIZE, SMTPUTF8, 8BITMIME and
 * BINARYMIME, and downgraded if necessary.
 *
 * Recipients beyond the number that the server accepts at once stay PENDING,
 * for another transaction: those over its LIMITS (RFC 9422), and those that it
 * rejected as too many (reply_is_over_limit()) while it accepted others.
 *
 * True when the server accepted at least one recipient (with params->partial
 * off: all of them) and waits for the message.  Otherwise err is the result of
 * the transaction.  Rejected recipients then have their own result, the others
 * are still PENDING or ACCEPTED, and err is their result.
 */
bool transaction_envelope(struct transaction *t, struct error *err);

struct command_group;

/*
 * The parts of transaction_envelope(), for a transaction whose commands are sent
 * together with those of others.  transaction_prepare() chooses the form of the
 * message and builds the commands.  transaction_conclude() handles the replies
 * that came; `exchanged` is whether a reply to each command was read, otherwise
 * err is the reason.
 */
bool transaction_prepare(struct transaction *t, struct command_group *g,
    struct error *err);
bool transaction_conclude(struct transaction *t, struct command_group *g,
    bool exchanged, struct error *err);

/* Sends the message up to its end: see upload.h. */
bool transaction_data(struct transaction *t, struct error *err);

/*
 * Reads the final reply, with LMTP one for each accepted recipient (RFC 2033
 * section 4.2), and makes the recipients DELIVERED or FAILED.  True when every
 * recipient of the envelope was delivered; otherwise err is the result of the
 * transaction.  Without a reply, or after a positive one that is not 25z, the
 * error is uncertain: the server may have accepted the message.
 *
 * If the server offered CHUNKING but does not know BDAT, the call fails, and
 * transaction_data() or transaction_envelope() may fail so as well: the session
 * is then SESSION_BDAT_REJECTED, and the accepted recipients remain ACCEPTED.
 */
bool transaction_final_reply(struct transaction *t, struct error *err);

/*
 * Whether the message is sent with BDAT (RFC 3030) and not with DATA.  In a
 * session for several messages only in a pipeline or if it must be, because the
 * reply to BDAT counts once QUIT has been answered.
 */
bool transaction_uses_bdat(const struct transaction *t);

/* Whether lines were broken in the message that the server was sent. */
bool transaction_broke_lines(const struct transaction *t);
/* The octets of the message in the form that the server was sent, or 0. */
uint64_t transaction_size(const struct transaction *t);

void transaction_free(struct transaction *t);

/* What is known of the message before it is there. */
struct declared_message {
	uint64_t size;   /* in octets; 0: not known */
	bool smtputf8;   /* it or its envelope needs SMTPUTF8 */
	bool binarymime; /* it may need BINARYMIME */
};

/*
 * The same in immediate mode, for a caller that needs the reply to each command
 * before the next one: MAIL, RCPT for one recipient of the envelope, and the
 * message, which must outlive the transaction.  At MAIL only the declaration of
 * the message is known.
 *
 * Each step sends one command and leaves the reply, if there is one, in *reply.
 * True if the server accepted the sender, the recipient, or the message for
 * every accepted recipient.  If the recipient is rejected, it is FAILED with
 * err, too.
 */
bool transaction_mail(struct transaction *t,
    const struct declared_message *declared, struct reply *reply,
    struct error *err);
bool transaction_rcpt(struct transaction *t, struct recipient *r,
    struct reply *reply, struct error *err);
bool transaction_data_now(struct transaction *t, const struct message *message,
    struct reply *reply, struct error *err);

/* Recipients of the transaction's envelope; borrowed. */
struct recipient_list {
	struct recipient **items;
	size_t count;
};

/*
 * The first two steps for several commands at once: sends MAIL, unless
 * `declared` is NULL, and RCPT for each of the recipients that is PENDING, with
 * PIPELINING all together.  True if none of them is PENDING any more.  Otherwise
 * the server has rejected MAIL, or the session was lost: err is the result of
 * those that still are.
 */
bool transaction_group(struct transaction *t,
    const struct declared_message *declared, const struct recipient_list *to,
    struct error *err);

/* Whether one accepted recipient is enough to send the message. */
bool transaction_is_partial(const struct transaction *t);

/*
 * Whether the reply to RCPT rejects the recipient as one too many: its status is
 * 4.5.3 or 5.5.3; or it is the 552 of RFC 821 without a status, and the server
 * has accepted another recipient of the transaction before (RFC 5321 section
 * 4.5.3.1.10).  Else this 552 means a full mailbox.
 */
bool reply_is_over_limit(const struct reply *reply, bool after_accepted);
/* RSET: ends a transaction in which the server has no message. */
bool transaction_reset(struct session *s, struct error *err);

#endif
