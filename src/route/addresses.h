/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses of next hops from the DNS.  The system's resolver is not used
 * because it does not tell whether an address is authentic (RFC 7672 section
 * 2.1).
 */
#ifndef VEREDUS_ROUTE_ADDRESSES_H
#define VEREDUS_ROUTE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route/destination.h"

struct addresses_params {
	enum address_family family;
	bool tlsa; /* look up TLSA records, too */
};

/*
 * Sets addresses, canonical and addr_authentic of each host that has no address
 * yet, and its tlsa if it is mx_authentic.  The address families alternate,
 * IPv6 first (RFC 8305 section 4).  A host without an address gets a
 * lookup_error if a lookup failed, because a later attempt may find one.
 * Errors: those of dns_ask().
 */
bool addresses_find(const struct dns_source *dns,
    const struct addresses_params *params, struct destination *destinations,
    size_t count, int64_t deadline, struct error *err);

#endif
