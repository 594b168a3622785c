/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --explain that tells where a message would go: hosts, their
 * addresses, the TLS that each must offer, and who demands it.
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
 * Finds the routes and appends a block for each host, in the order in which
 * they would be tried.  Asks the DNS, connects to nobody.  False when a route
 * comes to no host, with the outcome that a delivery would have.
 */
bool explain_hops(const struct delivery_params *params,
    const struct envelope *e, struct str *out, struct error *err);

/* Appends what TLS with the host would be, and why. */
void explain_tls(const struct account *a, const struct next_hop *host,
    struct str *out);

#endif
