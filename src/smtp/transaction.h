/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One mail transaction (RFC 5321 section 3.3): sends MAIL, RCPT and DATA or
 * BDAT, then the message, and reads the final reply.  Stores each recipient's
 * result in the envelope.
 */
#ifndef VEREDUS_SMTP_TRANSACTION_H
#define VEREDUS_SMTP_TRANSACTION_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/session.h"

/*
 * Sends MAIL, RCPT for each pending recipient and, where no answer can change
 * our mind, DATA; in one flight with PIPELINING.  Before that the message is
 * held against what the server offers (SIZE, SMTPUTF8, BINARYMIME), and becomes
 * ASCII for one without 8BITMIME, text for one without BINARYMIME.
 *
 * Recipients beyond what the server takes at once stay PENDING, for another
 * transaction: those over its LIMITS (RFC 9422), and those refused as too many
 * (4.5.3) while others were taken.
 *
 * True when at least one recipient was accepted (with params->partial off:
 * all of them) and the server waits for the message.  Else err is the outcome
 * that decides, refused recipients have their own, and the others are still
 * PENDING or ACCEPTED: err is theirs.
 */
bool transaction_envelope(struct session *s, struct envelope *envelope,
    struct message *message, struct error *err);

/*
 * Sends the message and the final dot.  A reply that comes before the dot is
 * the final reply; the message is never finished then.
 */
bool transaction_data(struct session *s, const struct message *message,
    struct error *err);

/*
 * Reads the reply to the final dot, with LMTP one for each accepted recipient
 * (RFC 2033 section 4.2), and makes them DELIVERED or FAILED.  True when every
 * recipient of the envelope was delivered; else err is the outcome that
 * decides.  Without a reply the error is uncertain: the server may have taken
 * the message.
 */
bool transaction_final_reply(struct session *s, struct envelope *envelope,
    struct error *err);

/*
 * The parts of the functions above, for a caller that sends an envelope
 * command by command (relay.h).  transaction_data_command() sends DATA.
 * transaction_read_final_replies() stores each recipient's result as
 * transaction_final_reply() does, but fails only if there is no reply; *reply
 * is the last one.
 */
bool transaction_mail_reply(struct session *s, const struct envelope *e,
    const char *line, const struct reply *reply, struct error *err);
void transaction_rcpt_reply(struct session *s, struct recipient *r,
    const char *line, const struct reply *reply);
/* Whether the recipient was rejected as one too many (4.5.3). */
bool recipient_is_over_limit(const struct recipient *r);
bool transaction_data_command(struct session *s, struct error *err);
/* RSET: a transaction that nobody was accepted in is over. */
bool transaction_reset(struct session *s, struct error *err);
/*
 * The message was sent completely but no final reply came: the server may or
 * may not have accepted it.  Adds that to err and returns false.
 */
bool transaction_uncertain(struct session *s, struct error *err);
bool transaction_read_final_replies(struct session *s,
    struct envelope *envelope, struct reply *reply, struct error *err);

#endif
