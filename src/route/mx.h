/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Next hops of a recipient domain: its MX hosts (RFC 5321 section 5.1). */
#ifndef VEREDUS_ROUTE_MX_H
#define VEREDUS_ROUTE_MX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "route/addresses.h"
#include "route/destination.h"
#include "route/loop.h"

struct mx_params {
	struct addresses_params hosts;
	unsigned port;                  /* 0: 25 */
	const struct local_host *local; /* excluded from the next hops */
	const struct random *rank;      /* order of hosts of equal preference */
	bool sts; /* look up the TXT record of MTA-STS, too */
};

/*
 * Finds the next hops of destinations that have a domain, which is a name (in
 * any script) or an address literal.  All domains together need two rounds of
 * questions.  Domains with the same hosts of equal preference get them in the
 * same order, so that they can share sessions.
 *
 * Each destination then has at least one host without a lookup error, or its
 * failure is set:
 *   ERROR_REJECTED 5.1.2   the domain does not exist
 *   ERROR_REJECTED 5.1.10  the domain accepts no mail (null MX, RFC 7505)
 *   ERROR_REJECTED 5.4.4   no MX host has an address that can be used
 *   ERROR_LOOP 5.4.6       the best MX host is this host
 *   ERROR_ADDRESS 5.1.3    the domain is not valid
 *   ERROR_RESOLVE 4.4.3    a lookup failed
 * Returns false only with the errors of dns_ask().
 */
bool mx_find(const struct dns_source *dns, const struct mx_params *params,
    struct destination *destinations, size_t count, int64_t deadline,
    struct error *err);

#endif
