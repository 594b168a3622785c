/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The destinations of an envelope and their next hops, from the account's
 * configuration and the DNS.
 */
#ifndef VEREDUS_DELIVERY_NEXT_HOPS_H
#define VEREDUS_DELIVERY_NEXT_HOPS_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/params.h"
#include "mail/envelope.h"
#include "route/destination.h"

/*
 * Fills an empty list.  With `host mx` it has a destination for each domain of
 * a pending recipient, else one for all recipients, even if there are none.  A
 * destination without a usable host has a failure.  The hop for a socket has
 * the path as its name.
 * Returns false only with the errors of dns_ask().
 */
bool next_hops_find(struct destinations *list,
    const struct delivery_params *params, const struct envelope *e,
    struct error *err);

#endif
