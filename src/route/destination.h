/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where mail goes: for each domain the hosts that take its mail, in the order
 * in which to try them, and the TLS that each must offer.  How they are found
 * is known in mx.h and srv.h, what raises the demands on TLS in dane.h and
 * sts.h; who walks along the route is above.
 */
#ifndef VEREDUS_ROUTE_DESTINATION_H
#define VEREDUS_ROUTE_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "dns/dns.h"
#include "mail/envelope.h"
#include "net/endpoint.h"
#include "tls/tls.h"

/* What is tried at most for one domain. */
#define DESTINATION_HOPS_MAX 10
#define DESTINATION_ADDRESSES_MAX 20

struct next_hop {
	char *name;      /* or an address literal */
	char *canonical; /* what its aliases lead to; NULL: it is no alias */
	unsigned port;
	unsigned preference; /* the lowest comes first */
	bool implicit_tls;   /* TLS from the first byte, not STARTTLS */
	bool mx_authentic;   /* that the domain names it is authentic, */
	bool addr_authentic; /* and so are its addresses */
	struct endpoint_list addresses;
	struct dns_answer tlsa; /* what was said of its own name */
	struct tls_policy tls_policy;
	struct error lookup_error; /* set: not to be tried this time */
};

struct destination {
	char *domain; /* as in the addresses: a name or a literal */
	char *name;   /* as the DNS knows it; NULL for a literal */
	struct next_hop *hosts;
	size_t count;
	size_t next;           /* the host to be tried; count: none is left */
	struct error attempts; /* the failures of the hosts before `next` */
	struct error failure;  /* set: there is no host, or none is left */
	struct dns_answer sts; /* the TXT records of MTA-STS, if asked for */
	bool sts_testing;      /* the MTA-STS policy is in testing mode */
};

/* Adds an empty host with a copy of the name; good until the next one. */
struct next_hop *destination_add_hop(struct destination *r, const char *name,
    unsigned port);
/* Keeps only the hosts whose number is below count. */
void destination_truncate(struct destination *r, size_t count);
/* Drops the hosts without an address, unless they may have one later. */
void destination_drop_unreachable(struct destination *r);
/* Keeps the first hosts and addresses, as many as may be tried; a host that
 * has many addresses leaves some of the number to the others. */
void destination_limit(struct destination *r);

/*
 * The walk.  destination_start() passes over the first hosts that are in trouble.
 * destination_next_hop() leaves the current host and those in trouble behind it; when
 * none is left the outcome is set: as the last failure that may pass, else as
 * the last one, with one clause for each host.  An outcome that is set already
 * means that there is no host.
 */
void destination_start(struct destination *r);
struct next_hop *destination_current_hop(const struct destination *r);
/* Leaves the hosts that were not tried; the failures before them remain. */
void destination_end(struct destination *r);
void destination_next_hop(struct destination *r, const struct error *why);

/* The routes of the pending recipients of an envelope. */
struct destinations {
	struct destination *items;
	size_t count;
	size_t *of; /* by recipient: the number of its route */
};

#define DESTINATION_NONE SIZE_MAX

/* Fills an empty list with routes that only have a domain. */
void destinations_init(struct destinations *list, const struct envelope *e);
/* Fills it with one empty route for all. */
void destinations_init_shared(struct destinations *list,
    const struct envelope *e);

/* Whether one session serves both: the same host, with the same demands. */
bool next_hop_is_same(const struct next_hop *a, const struct next_hop *b);

/*
 * Finds the recipients to go into the next session: all pending ones whose
 * current host, and what it must offer, are those of the first of them.  Sets
 * their members (one for each recipient of the envelope); false when nobody
 * is left who has a host.
 */
bool destinations_group(const struct destinations *list,
    const struct envelope *e, bool *members);

/*
 * Adds the failure of a host to those of other hosts (error_merge_attempt());
 * it names the host if it has neither host nor subject.
 */
void next_hop_merge_error(const struct next_hop *host, struct error *all,
    const struct error *next);

void next_hop_free(struct next_hop *host);
void destination_free(struct destination *r);
void destinations_free(struct destinations *list);

#endif
