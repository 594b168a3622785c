/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Divides the remaining time among the hosts still to be tried, so that a few
 * dead ones cannot use up the deadline.
 */
#ifndef VEREDUS_ROUTE_TIME_SHARE_H
#define VEREDUS_ROUTE_TIME_SHARE_H

#include <stdint.h>

#include "mail/envelope.h"
#include "route/destination.h"

/*
 * Returns the seconds that connecting to the host, and each reply before the
 * first MAIL, may take: an equal share of the remaining time, but at most
 * `wanted`, and enough for a busy server.  0 if no other host is left to try,
 * so that the timeouts of RFC 5321 section 4.5.3.2 apply.  Counts the hosts of
 * the destinations of pending recipients; without recipients, of all
 * destinations.
 */
unsigned connect_time_share(const struct next_hop *host,
    const struct destinations *list, const struct envelope *e, unsigned wanted,
    int64_t deadline);

#endif
