/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where mail goes: for each domain the hosts that take its mail, in the order
 * in which to try them, and the TLS that each must offer.  How they are found
 * is known in mx.h and srv.h, what raises the demands on TLS in dane.h and
 * sts.h; who walks along the route is above.
 */
#ifndef VEREDUS_ROUTE_ROUTE_H
#define VEREDUS_ROUTE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "dns/dns.h"
#include "mail/envelope.h"
#include "net/endpoint.h"
#include "net/tls.h"

/* What is tried at most for one domain. */
#define ROUTE_HOSTS_MAX 10
#define ROUTE_ADDRESSES_MAX 20

struct route_host {
	char *name;      /* or an address literal */
	char *canonical; /* what its aliases lead to; NULL: it is no alias */
	unsigned port;
	unsigned preference; /* the lowest comes first */
	bool tls_first;      /* TLS from the first byte, not STARTTLS */
	bool proven;         /* that the domain names it is authentic, */
	bool secure;         /* and so are its addresses */
	struct endpoint_list addresses;
	struct dns_answer tlsa; /* what was said of its own name */
	struct tls_demand demand;
	struct error trouble; /* set: not to be tried this time */
};

struct route {
	char *domain; /* as in the addresses: a name or a literal */
	char *name;   /* as the DNS knows it; NULL for a literal */
	struct route_host *hosts;
	size_t count;
	size_t next;           /* the host to be tried; count: none is left */
	struct str tried;      /* why not those before, one clause each */
	struct error passing;  /* the last of these failures that may pass */
	struct error outcome;  /* why there is no way (any more) */
	struct dns_answer sts; /* the TXT records of MTA-STS, if asked for */
	bool sts_testing;      /* the MTA-STS policy is in testing mode */
};

/* Adds an empty host with a copy of the name; good until the next one. */
struct route_host *route_add_host(struct route *r, const char *name,
    unsigned port);
/* Keeps only the hosts whose number is below count. */
void route_truncate(struct route *r, size_t count);
/* Drops the hosts without an address, unless they may have one later. */
void route_drop_unreachable(struct route *r);
/* Keeps the first hosts and addresses, as many as may be tried; a host that
 * has many addresses leaves some of the number to the others. */
void route_limit(struct route *r);

/*
 * The walk.  route_start() passes over the first hosts that are in trouble.
 * route_advance() leaves the current host and those in trouble behind it; when
 * none is left the outcome is set: as the last failure that may pass, else as
 * the last one, with one clause for each host.  An outcome that is set already
 * means that there is no host.
 */
void route_start(struct route *r);
struct route_host *route_current(const struct route *r);
void route_advance(struct route *r, const struct error *why);

/* The routes of the pending recipients of an envelope. */
struct route_list {
	struct route *items;
	size_t count;
	size_t *of; /* by recipient: the number of its route */
};

#define ROUTE_OF_NOBODY SIZE_MAX

/* Fills an empty list with routes that only have a domain. */
void route_list_init(struct route_list *list, const struct envelope *e);
/* Fills it with one empty route for all. */
void route_list_init_shared(struct route_list *list, const struct envelope *e);

/* Whether one session serves both: the same host, with the same demands. */
bool route_is_same_host(const struct route_host *a, const struct route_host *b);

/*
 * Finds the recipients to go into the next session: all pending ones whose
 * current host, and what it must offer, are those of the first of them.  Sets
 * their members (one for each recipient of the envelope); false when nobody
 * is left who has a host.
 */
bool route_list_group(const struct route_list *list, const struct envelope *e,
    bool *members);

void route_host_free(struct route_host *host);
void route_free(struct route *r);
void route_list_free(struct route_list *list);

#endif
