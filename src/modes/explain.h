/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of --explain: everything that is decided about a message before
 * the first connection, and why.
 */
#ifndef VEREDUS_MODES_EXPLAIN_H
#define VEREDUS_MODES_EXPLAIN_H

#include <stdbool.h>

#include "base/error.h"
#include "config/account.h"
#include "delivery/params.h"
#include "mail/envelope.h"
#include "modes/context.h"
#include "modes/explanation.h"
#include "route/destination.h"

/*
 * Finds the destinations and appends a block for each next hop, in the order
 * of the attempts.  Sends DNS queries, but opens no connections.  Returns
 * false with the error of a delivery if a destination has no usable next hop.
 */
bool explain_hops(const struct delivery_params *params,
    const struct envelope *e, struct explanation *x, struct error *err);

/* Appends the requirements for TLS with the next hop, and what set them. */
void explain_tls(const struct account *a, const struct next_hop *host,
    struct explanation *x);

/* Appends the configuration files, and the account if it has been chosen. */
void explain_begin(const struct context *context, struct explanation *x);
/*
 * Appends the rest: envelope, next hops, login, session and settings.  The
 * context has an account and a sender, and may have recipients.  Sends DNS
 * queries, but reads no password and connects to no mail server.  Returns false
 * with the error that a delivery would have if a recipient has no next hop.
 */
bool explain(struct context *context, struct explanation *x, struct error *err);

#endif
