/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message through one account: from one host to the next, until one of
 * them has taken it or has had a part of it, for each recipient.
 */
#ifndef VEREDUS_DELIVERY_DELIVER_H
#define VEREDUS_DELIVERY_DELIVER_H

#include <stdbool.h>

#include "delivery/attempt.h"
#include "route/destination.h"

/* The way through the hosts of an account; not to be copied. */
struct way {
	struct destinations routes;
	const struct next_hop *host;   /* the current one */
	bool *members;                 /* those of the envelope who go there */
	struct host_params server;     /* the current host's, borrowed */
	struct tls_params tls;         /* as are these */
	struct delivery_params params; /* to be used for it */
	bool settled; /* a host has taken the message or refused it */
};

/*
 * Looks for the hosts, and stands at the first one that anybody's way leads
 * to.  False with the reason of the first route when there is none.
 */
bool way_start(struct way *way, const struct delivery_params *params,
    const struct envelope *e, struct error *err);
/*
 * Leaves the current host; false when there is no other on the first route,
 * and err then tells of all of that route.
 */
bool way_advance(struct way *way, struct error *err);
/*
 * Makes attempts at the current host and, as long as another host may be tried,
 * at those behind it on the first route.  When false, the session is that of
 * the last attempt.
 */
bool delivery_attempt(struct way *way, const struct attempt *attempt,
    struct error *err);
/* Stands at any host of its routes, for who wants to see them all. */
void way_stand(struct way *way, const struct next_hop *host);
/*
 * Whether the current host of another way is the best on the first route of
 * this one, but for those that the other has left; the way stands there then.
 */
bool way_meets(struct way *way, const struct way *other);
void way_free(struct way *way);

/* As submit(), over all hosts: nobody is pending afterwards. */
bool deliver(const struct delivery_params *params, struct envelope *envelope,
    const struct message *message, struct session_log *facts,
    struct error *err);

#endif
