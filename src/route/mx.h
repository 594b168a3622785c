/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hosts that take mail for a domain (RFC 5321 section 5).
 */
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
	unsigned port;                 /* 0: 25 */
	const struct local_host *self; /* never connected to */
	const struct random *rank;     /* the order among equals */
	bool sts; /* asks for the TXT records of MTA-STS, too */
};

/*
 * Finds the hosts of routes that have a domain: names (of any script) and
 * address literals.  All questions together are two waits.  Domains that have
 * the same equal hosts get them in the same order.
 *
 * A route has hosts, of which one at least can be tried, or an outcome:
 *   ERROR_REJECTED 5.1.2   there is no such domain
 *   ERROR_REJECTED 5.1.10  it takes no mail (RFC 7505)
 *   ERROR_REJECTED 5.4.4   its hosts have no address, or none to send to
 *   ERROR_LOOP 5.4.6        its best host is this one
 *   ERROR_ADDRESS 5.1.3     this is no domain
 *   ERROR_RESOLVE 4.4.3     nobody could tell
 * False only with the errors of dns_ask().
 */
bool mx_find(const struct dns_source *dns, const struct mx_params *params,
    struct destination *routes, size_t count, int64_t deadline,
    struct error *err);

#endif
