/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What TLSA records demand of a host (RFC 7671, and RFC 7672 for SMTP).  The
 * comparison with a certificate is done where certificates are known.
 */
#ifndef VEREDUS_ROUTE_DANE_H
#define VEREDUS_ROUTE_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route/destination.h"

/* Whether DANE is used: by default only where the DNS names the hosts that take
 * a recipient's mail. */
enum dane_use { DANE_AUTO, DANE_ON, DANE_OFF };

/*
 * Whether we can use the record: a usage that means something without a
 * certificate authority (RFC 7672 section 3.1.3), a known selector and
 * matching type, and data of the length of that digest.
 */
bool dane_is_usable(const struct dns_record *record);

/*
 * Appends copies of those usable records that count: of each usage and
 * selector only the strongest digest, and full data (RFC 7671 section 9).
 */
void dane_select(const struct dns_answer *tlsa, struct tls_policy *demand);

/*
 * Decides about one host, which the DNS has proven to be the one to ask, by
 * the answer for `base`, the name under which its records stand: nothing
 * without authentic records; TLS and a certificate as they say; TLS alone when
 * none of them can be used (RFC 7672 section 2.2); and trouble, which means
 * later and never plain text, when the answer cannot be had.  domain is what
 * was asked for before the host was known, or the name under which it was.
 */
void dane_decide(struct next_hop *host, const char *base,
    const struct dns_answer *tlsa, const char *domain);

/*
 * Decides about all hosts of the routes, whose tlsa has been filled.  A route
 * whose hosts are not those of a domain has no name; each host is then what was
 * asked for.  For those that are aliases the name at the end is asked about first, or, when
 * that is not in a signed zone, whether the alias is (RFC 7672 section 2.2).  A route may lose its last host by that; it has an outcome
 * then.  Errors: those of dns_ask().
 */
bool dane_find(const struct dns_source *dns, struct destination *routes,
    size_t count, int64_t deadline, struct error *err);

#endif
