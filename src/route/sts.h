/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MTA-STS (RFC 8461): what a domain demands of the hosts that take its mail.
 * Knows the records and policies as texts; fetches nothing.
 */
#ifndef VEREDUS_ROUTE_STS_H
#define VEREDUS_ROUTE_STS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "dns/answer.h"
#include "route/destination.h"

/* No policy that is longer is read. */
#define STS_TEXT_MAX 65536

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

struct sts_policy {
	enum sts_mode mode;
	struct strv mx;        /* host names, or "*." and the rest of one */
	unsigned long max_age; /* seconds */
};

/*
 * The id of the only TXT record that is one of MTA-STS, which the caller
 * frees; NULL: the domain has no policy (section 3.1).
 */
char *sts_lookup_id(const struct dns_answer *txt);

/* Reads a policy (section 3.2).  Errors: ERROR_PROTOCOL. */
bool sts_parse(const char *text, size_t len, struct sts_policy *policy,
    struct error *err);

/* Whether the policy names the host (section 4.1). */
bool sts_allows(const struct sts_policy *policy, const char *host);

/*
 * Raises what the hosts of a route must offer to what the policy demands; a
 * host that it does not name is one in trouble.  Leaves hosts alone for which
 * DANE has decided (section 2).  A route may lose its last host by that; it has
 * an outcome then.
 *
 * A policy in testing mode changes no host and is only recorded in the route:
 * a sender without TLSRPT (RFC 8460) may treat it as "none" (section 5).
 */
void sts_apply(const struct sts_policy *policy, struct destination *route);

void sts_policy_free(struct sts_policy *policy);

#endif
