/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a host that is silent may keep those waiting who come after it: a
 * few dead ones must not use up the time of all others.
 */
#ifndef VEREDUS_ROUTE_TIME_SHARE_H
#define VEREDUS_ROUTE_TIME_SHARE_H

#include <stdint.h>

#include "mail/envelope.h"
#include "route/destination.h"

/*
 * Seconds for the host until it is connected, and for each of its steps until
 * the first command of a message: its share of the time that is left, but
 * neither more than what is wanted nor much less than a busy host needs.
 * 0: nobody comes after it, so RFC 5321 section 4.5.3.2 alone counts.
 * Those who come after it are the other hosts on the routes of the pending
 * recipients; of an envelope that has no recipients, on all routes.
 */
unsigned connect_time_share(const struct next_hop *host,
    const struct destinations *list, const struct envelope *e, unsigned wanted,
    int64_t deadline);

#endif
