/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server has replied to the commands of a transaction. */
#ifndef VEREDUS_RELAY_RELAY_REPLIES_H
#define VEREDUS_RELAY_RELAY_REPLIES_H

#include "relay/relay_state.h"

/* Begins a transaction: forgets the replies and recipients of the last one. */
void relay_begin(struct relay *r, const struct declared_message *declared);
/* Prepares r->transaction, whose positive replies are kept for the client. */
void relay_begin_transaction(struct relay *r);
/* Forgets the replies to MAIL and to the recipients that are asked for: what
 * another server has said does not count any more. */
void relay_forget_replies(struct relay *r);
/* Frees all replies, and forgets the recipients. */
void relay_free_replies(struct relay *r);

#endif
