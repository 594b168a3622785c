/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The addresses of hosts, from the DNS alone: so that it is known whether
 * they are authentic (RFC 7672 section 2.1).
 */
#ifndef VEREDUS_ROUTE_ADDRESSES_H
#define VEREDUS_ROUTE_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route/destination.h"

struct addresses_params {
	enum address_family family;
	bool tlsa; /* asks for TLSA records at the same time */
};

/*
 * Fills addresses, canonical and secure of every host, and tlsa; asks for each
 * name once.  The families take turns, IPv6 first (RFC 8305 section 4).  A
 * host without any address is one that is in trouble if asking again may help.
 * The order of the array changes.
 * Errors: those of dns_ask().
 */
bool addresses_find(const struct dns_source *dns,
    const struct addresses_params *params, struct next_hop **hosts,
    size_t count, int64_t deadline, struct error *err);

/* The same for those hosts of several routes that have no address yet. */
bool addresses_find_for_destinations(const struct dns_source *dns,
    const struct addresses_params *params, struct destination *routes,
    size_t count, int64_t deadline, struct error *err);

#endif
