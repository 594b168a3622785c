/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One delivery over all next hops: selects hosts, makes attempts at them, and
 * goes on to the next host while that is safe.
 */
#ifndef VEREDUS_DELIVERY_DELIVER_H
#define VEREDUS_DELIVERY_DELIVER_H

#include <stdbool.h>

#include "base/error.h"
#include "delivery/attempt.h"
#include "route/destination.h"

struct delivery {
	struct delivery_params params;
	struct destinations destinations;
	const struct next_hop *hop;   /* the current one */
	struct session_target target; /* how to reach it; borrows from above */
	bool *members;                /* by recipient: goes to this host */
	bool settled; /* a host has accepted or rejected the message */
};

/*
 * Finds the next hops and selects the first one of the first destination.
 * False with the error of that destination if there is none.
 */
bool delivery_begin(struct delivery *d, const struct delivery_params *params,
    const struct envelope *e, struct error *err);
/* Makes `hop` the current next hop, for a caller that visits every host. */
void delivery_select_hop(struct delivery *d, const struct next_hop *hop);
/*
 * Whether the current host of `other` is the best next hop of the first
 * destination of d, except for hosts that have failed in `other`.
 */
bool delivery_shares_hop(struct delivery *d, const struct delivery *other);
void delivery_free(struct delivery *d);

/*
 * Makes attempts at the current host and, while another host may be tried, at
 * the next hosts of the first destination; sets params and target of the
 * attempt.  After a failure the session is that of the last attempt.
 */
bool delivery_attempt(struct delivery *d, struct attempt *a, struct error *err);

/*
 * Sends the message to all pending recipients, each at the next hops of its
 * destination; afterwards none is pending.  True when all were delivered;
 * otherwise err is the result that decides the exit status.
 */
bool deliver(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *log, struct error *err);

#endif
