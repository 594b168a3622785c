/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The destinations of an envelope and their next hops, from the account's
 * configuration and the DNS.
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
 * Fills an empty list.  With `host mx` it has a destination for each domain of
 * a pending recipient, else one for all recipients, even if there are none.  A
 * destination without a usable host has a failure.  The hop for a socket has
 * the path as its name.  sts is NULL if MTA-STS is not used.
 * Returns false only with the errors of dns_ask().
 */
bool next_hops_find(struct destinations *list, const struct account *account,
    const struct envelope *e, const struct sts_params *sts, int64_t deadline,
    struct error *err);

#endif
