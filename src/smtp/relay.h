/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One mail transaction step by step, for who hands on what somebody else
 * says: each step is a command and its reply, and the reply is handed back.
 *
 * What becomes of each recipient is written into the envelope, as in
 * transaction.h.  Knows nothing of the one who asks.
 */
#ifndef VEREDUS_SMTP_RELAY_H
#define VEREDUS_SMTP_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "smtp/session.h"

/* True when the server has said yes; else err, and perhaps no reply. */
bool relay_sender(struct session *s, const struct envelope *e, uint64_t size,
    struct reply *reply, struct error *err);
/* dsn says NOTIFY for this recipient.  When false it is FAILED with err, too. */
bool relay_recipient(struct session *s, struct recipient *r,
    const struct dsn *dsn, struct reply *reply, struct error *err);
/*
 * Sends the message to the recipients that were accepted, at least one; true
 * when each of them is DELIVERED.
 */
bool relay_message(struct session *s, struct envelope *e,
    struct message *message, struct reply *reply, struct error *err);
/* Ends the server's transaction, so that the next can begin. */
bool relay_reset(struct session *s, struct error *err);

#endif
