/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Destinations of a message: for each recipient domain, or for the account, the
 * next hops in the order in which to try them, and the TLS that each of them
 * must offer.  mx.h and srv.h find the next hops; dane.h and sts.h set their
 * TLS policies; delivery/deliver.h makes the attempts.
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

/* The limits for one destination. */
#define DESTINATION_HOPS_MAX 10
#define DESTINATION_ADDRESSES_MAX 20

struct next_hop {
	char *name; /* host name, address literal, or path of a socket */
	char *
	    canonical; /* the host name that the name is an alias of, or NULL */
	unsigned port;
	unsigned
	    preference; /* of the MX or SRV record; the lowest comes first */
	bool
	    implicit_tls; /* TLS before the greeting (RFC 8314), not STARTTLS */
	bool mx_authentic; /* DNSSEC validated the records that name the host */
	bool addr_authentic;            /* and its address records */
	struct endpoint_list addresses; /* empty: look up when connecting */
	struct dns_answer tlsa;         /* TLSA records of the name */
	struct tls_policy tls_policy;
	struct error lookup_error; /* set: skip this host in this delivery */
};

struct destination {
	char *domain; /* as in the addresses: a name or an address literal */
	char *name;   /* the domain in ASCII (IDNA); NULL for a literal */
	struct next_hop *hosts;
	size_t count;
	size_t next;           /* the current host; count: none is left */
	struct error attempts; /* the failures of the hosts before `next` */
	struct error failure;  /* set: there is no host, or all have failed */
	struct dns_answer
	    sts;          /* TXT records of MTA-STS, if they were requested */
	bool sts_testing; /* the MTA-STS policy is in testing mode */
};

/*
 * Appends a host with a copy of the name, and no other facts.  The pointer is
 * valid until the next call.
 */
struct next_hop *destination_add_hop(struct destination *d, const char *name,
    unsigned port);
/* Removes all hosts but the first `count`. */
void destination_truncate(struct destination *d, size_t count);

/*
 * Makes the first host without a lookup error the current one.  If there is
 * none, the failure is set.  Without hosts it does nothing.
 */
void destination_start(struct destination *d);
/*
 * Does the same once the addresses are known, after it has removed the hosts
 * that have neither an address nor a lookup error, and applied the limits above.
 */
void destination_finish(struct destination *d);
/* Returns NULL if no host is left. */
struct next_hop *destination_current_hop(const struct destination *d);
/*
 * Records why the current host failed, and goes to the next one without a
 * lookup error.  After the last one the failure is set: all failures, merged by
 * error_merge_attempt().
 */
void destination_next_hop(struct destination *d, const struct error *why);
/* Goes behind the last host; sets the failure to those of the hosts before. */
void destination_end(struct destination *d);

/* The destinations of the pending recipients of an envelope. */
struct destinations {
	struct destination *items;
	size_t count;
	size_t *of; /* index of the destination, by index of the recipient */
};

/* In `of`: a recipient that was not pending. */
#define DESTINATION_NONE SIZE_MAX

/* Fills an empty list with a destination for each domain, without hosts. */
void destinations_init(struct destinations *list, const struct envelope *e);
/* Fills an empty list with one destination for all recipients. */
void destinations_init_shared(struct destinations *list,
    const struct envelope *e);

/* Returns the number of hosts in an array of destinations. */
size_t destinations_count_hops(const struct destination *destinations,
    size_t count);

/*
 * Whether one session can serve recipients of both: the same host and port, and
 * the same TLS policy.
 */
bool next_hop_is_same(const struct next_hop *a, const struct next_hop *b);

/*
 * Selects the recipients of the next session: all pending ones whose current
 * host is that of the first pending one.  Sets members[] by index of the
 * recipient; returns false if no pending recipient has a host.
 */
bool destinations_group(const struct destinations *list,
    const struct envelope *e, bool *members);

/*
 * Adds the failure of a host to those of other hosts (error_merge_attempt()).
 * A failure that has neither a host nor a subject gets the name of the host.
 */
void next_hop_merge_error(const struct next_hop *host, struct error *all,
    const struct error *next);

void next_hop_free(struct next_hop *host);
void destination_free(struct destination *d);
void destinations_free(struct destinations *list);

#endif
