/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses of a host race (RFC 8305 section 5): a dead one costs a
 * quarter of a second, not the time that it takes to give it up.
 */
#ifndef VEREDUS_NET_HAPPY_EYEBALLS_H
#define VEREDUS_NET_HAPPY_EYEBALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/endpoint.h"
#include "net/transport.h"

/* The connection attempt delay of RFC 8305 section 5. */
#define RACE_DELAY_MS 250
/* More attempts are not under way at the same time. */
#define RACE_RUNNERS 16

/* Work that is to be done while nobody has answered yet. */
struct meanwhile {
	bool (*run)(void *ctx, struct error *err); /* NULL: nothing */
	void *ctx;
};

struct race {
	struct endpoint_list *list; /* who runs, in this order */
	struct endpoint source;     /* where from; AF_UNSPEC: anywhere */
	unsigned timeout;           /* seconds for each of them */
	int64_t deadline;           /* for all */
	struct meanwhile meanwhile; /* once, when the first has begun */
	bool stopped;               /* that failed: the error is its own */
};

/*
 * Puts the families in turn, beginning with that of the first address, so
 * that a family without a route delays the other one once only (section 4).
 */
void race_order(struct endpoint_list *list);

/*
 * Begins an attempt every RACE_DELAY_MS, or as soon as one has failed; the
 * first to connect wins, the others are dropped.  On success *reached is the
 * winner, and the list holds the addresses that have not failed.
 * Errors: ERROR_TIMEOUT if none of them answered at all, else ERROR_CONNECT,
 * with a clause for each address; ERROR_INTERRUPTED, ERROR_SYSTEM; whatever
 * the work meanwhile failed with, even if nobody can be reached.
 */
bool race_run(struct race *race, struct transport *t, struct endpoint *reached,
    struct error *err);

#endif
