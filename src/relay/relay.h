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
#include "client/transaction.h"
#include "relay/relay_state.h"

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
/* Frees all that is left of the last transaction. */
void relay_free(struct relay *r);

#endif
