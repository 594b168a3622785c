/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --explain about the next hops of a message: hosts, their
 * addresses, the TLS that each must offer, and what requires it.
 */
#ifndef VEREDUS_MODES_EXPLAIN_HOPS_H
#define VEREDUS_MODES_EXPLAIN_HOPS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "config/account.h"
#include "delivery/attempt.h"
#include "mail/envelope.h"
#include "route/destination.h"

/*
 * Finds the destinations and appends a block for each next hop, in the order
 * of the attempts.  Sends DNS queries, but opens no connections.  Returns
 * false with the error of a delivery if a destination has no usable next hop.
 */
bool explain_hops(const struct delivery_params *params,
    const struct envelope *e, struct str *out, struct error *err);

/* Appends the requirements for TLS with the next hop, and what set them. */
void explain_tls(const struct account *a, const struct next_hop *host,
    struct str *out);

#endif
