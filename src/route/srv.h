/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The submission servers of a domain (RFC 6186, RFC 8314 section 5.1).
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
	struct random *random; /* the choice among equals */
};

/*
 * Finds the hosts of a route that has a domain: those of _submissions, with
 * TLS from the first byte, before those of _submission, with STARTTLS.  The
 * certificate must be for the target if DNSSEC proves that the domain names
 * it, else for the domain (RFC 6186 section 6).
 *
 * The route has hosts, of which one at least can be tried, or an outcome:
 * ERROR_CONFIG when the domain offers no submission (it is the configuration
 * that names it), ERROR_RESOLVE when nobody could tell.  False only with the
 * errors of dns_ask().
 */
bool srv_find(const struct dns_source *dns, const struct srv_params *params,
    struct destination *route, int64_t deadline, struct error *err);

/* Puts records into the order in which to try them: by priority, and by lot
 * according to their weights (RFC 2782, "Weight"). */
void srv_order(struct dns_record *records, size_t count, struct random *random);

#endif
