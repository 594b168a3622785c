/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MTA-STS (RFC 8461): the policies by which a recipient domain requires TLS of
 * its MX hosts.  Parses records and policies; sts_lookup.h fetches them.
 */
#ifndef VEREDUS_ROUTE_STS_H
#define VEREDUS_ROUTE_STS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "dns/dns.h"
#include "route/destination.h"

/* The greatest length of a policy, in octets. */
#define STS_TEXT_MAX 65536

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };

struct sts_policy {
	enum sts_mode mode;
	struct strv mx;        /* host names; "*." stands for one label */
	unsigned long max_age; /* seconds */
};

/*
 * Returns the id in the MTA-STS record among the TXT records, which the caller
 * frees; NULL if the domain has no policy (section 3.1).
 */
char *sts_record_id(const struct dns_answer *txt);

/* Parses a policy (section 3.2).  Errors: ERROR_PROTOCOL. */
bool sts_parse(const char *text, size_t len, struct sts_policy *policy,
    struct error *err);

/* Whether the policy names the host (section 4.1). */
bool sts_allows(const struct sts_policy *policy, const char *host);

/*
 * Requires a verified certificate of the hosts that the policy allows, and sets
 * the lookup_error of other hosts.  Does not change hosts with usable TLSA
 * records, for which DANE decides (section 2).  Sets the failure of a
 * destination that loses its last host.
 *
 * A policy in testing mode changes no host and is only recorded in the
 * destination: a sender without TLSRPT (RFC 8460) may treat it as "none"
 * (section 5).
 */
void sts_apply(const struct sts_policy *policy, struct destination *d);

void sts_policy_free(struct sts_policy *policy);

#endif
