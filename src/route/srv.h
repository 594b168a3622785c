/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Submission servers that a domain publishes (RFC 6186, RFC 8314 section 5.1).
 */
#ifndef VEREDUS_ROUTE_SRV_H
#define VEREDUS_ROUTE_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "route/addresses.h"
#include "route/destination.h"

struct srv_params {
	struct addresses_params hosts;
	struct random *random; /* for the order within one priority */
};

/*
 * Finds the next hops of a destination that has a domain: the servers of
 * _submissions (implicit TLS), then those of _submission (STARTTLS).  The
 * certificate must be for the server if DNSSEC validated the SRV record, else
 * for the domain (RFC 6186 section 6).
 *
 * The destination then has at least one host without a lookup error, or its
 * failure is set: ERROR_CONFIG if the domain, which is from the configuration,
 * publishes no usable server; ERROR_RESOLVE if a lookup failed.  Returns false
 * only with the errors of dns_ask().
 */
bool srv_find(const struct dns_source *dns, const struct srv_params *params,
    struct destination *d, int64_t deadline, struct error *err);

/* Sorts records by priority and, at random, by weight (RFC 2782, "Weight"). */
void srv_order(struct dns_record *records, size_t count, struct random *random);

#endif
