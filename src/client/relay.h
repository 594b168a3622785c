/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transaction in immediate mode, for a client that relays what another
 * client says: each step sends one command, reads its reply and returns it.
 *
 * Stores each recipient's result in the envelope, as transaction.h does.
 */
#ifndef VEREDUS_CLIENT_RELAY_H
#define VEREDUS_CLIENT_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/transaction.h"
#include "mail/envelope.h"
#include "mail/message.h"

/* True if the server accepted MAIL; else err, and the reply if there is one. */
bool transaction_mail(struct transaction *t, uint64_t size, struct reply *reply,
    struct error *err);
/*
 * The recipient is one of the envelope; dsn has its NOTIFY.  When false the
 * recipient is FAILED with err, too.
 */
bool transaction_rcpt(struct transaction *t, struct recipient *r,
    const struct dsn *dsn, struct reply *reply, struct error *err);
/*
 * Sends the message, which must outlive the transaction, to the accepted
 * recipients, of which there is at least one.  True when each of them is
 * DELIVERED.
 */
bool transaction_data_now(struct transaction *t, const struct message *message,
    struct reply *reply, struct error *err);
/* Ends the server's transaction, so that the next can begin. */
bool transaction_abort(struct session *s, struct error *err);

#endif
