/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The routes of an account: where its configuration, or the DNS for it, says
 * that a message may go.
 */
#ifndef VEREDUS_DELIVERY_NEXT_HOPS_H
#define VEREDUS_DELIVERY_NEXT_HOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "config/account.h"
#include "mail/envelope.h"
#include "route/destination.h"
#include "route/sts_lookup.h"

/*
 * Fills an empty list: with `host mx` a route for each domain of a pending
 * recipient, else one for all of them, which is there even if the envelope has
 * none.  A route without a host that can be tried has an outcome.  A socket
 * stands there as a host of its name, without a port.  sts is how policies of
 * MTA-STS are found; NULL: not at all.
 * False only with the errors of dns_ask().
 */
bool next_hops_find(struct destinations *list, const struct account *account,
    const struct envelope *e, const struct sts_params *sts, int64_t deadline,
    struct error *err);

#endif
