/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connects to one of several addresses of a host, as Happy Eyeballs (RFC 8305)
 * does: attempts overlap, so that an address that does not respond delays the
 * others by a quarter of a second instead of by its whole timeout.
 */
#ifndef VEREDUS_NET_HAPPY_EYEBALLS_H
#define VEREDUS_NET_HAPPY_EYEBALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/endpoint.h"
#include "net/transport.h"

/* The Connection Attempt Delay of RFC 8305 section 5. */
#define CONNECT_DELAY_MS 250
/* The highest number of attempts at the same time. */
#define CONNECT_ATTEMPTS_MAX 16

/* Work for the time in which the first connection is being made. */
struct connect_hook {
	bool (*run)(void *ctx, struct error *err); /* NULL: nothing to do */
	void *ctx;
};

/* An attempt that has neither succeeded nor failed yet. */
struct connect_attempt {
	size_t index; /* of its address in the list */
	int fd;
	int64_t started;
};

struct connect_attempts {
	struct endpoint_list *list; /* the addresses, in this order */
	struct endpoint source;     /* local address; AF_UNSPEC: any */
	unsigned timeout;           /* seconds for each address */
	int64_t deadline;           /* for all of them */
	struct connect_hook hook;
	bool hook_failed; /* result: the error is that of the hook */

	/* Private to connect_attempts_run(). */
	struct connect_attempt running[CONNECT_ATTEMPTS_MAX];
	size_t running_count;
	size_t next;            /* the address to try next */
	int64_t next_start;     /* when to try it, at the latest */
	struct error *failures; /* by index of the address */
	int winner;             /* the connected socket, or -1 */
	size_t winner_index;    /* of its address */
};

/*
 * Sorts the list so that the address families alternate, starting with that of
 * the first address (RFC 8305 section 4): a family without a route then costs
 * one delay only.
 */
void connect_order(struct endpoint_list *list);

/*
 * Starts an attempt every CONNECT_DELAY_MS, or as soon as one has failed.  The
 * first socket to connect becomes the transport, *reached its address; the
 * other attempts are dropped, and their addresses stay in the list together
 * with those not tried.  Nagle's algorithm is off on the connection. Errors:
 * those of all addresses, merged by error_merge_attempt(): ERROR_TIMEOUT
 * without a response, ERROR_CONNECT; ERROR_INTERRUPTED, ERROR_SYSTEM; the
 * hook's error.
 */
bool connect_attempts_run(struct connect_attempts *attempts,
    struct transport *t, struct endpoint *reached, struct error *err);

#endif
