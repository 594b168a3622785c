/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS policies from TLSA records (DANE: RFC 7671, RFC 7672).  tls/dane.h
 * compares the records with a certificate.
 */
#ifndef VEREDUS_ROUTE_DANE_H
#define VEREDUS_ROUTE_DANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "route/destination.h"

/*
 * Whether a record can be used: a usage without a public certification
 * authority (RFC 7672 section 3.1.3), a known selector and matching type, and
 * data of the length of the digest.
 */
bool dane_is_usable(const struct dns_record *record);

/*
 * Appends copies of the usable records to the policy: of each usage and
 * selector only those with the strongest digest, and those with full data (RFC
 * 7671 section 9).
 */
void dane_select(const struct dns_answer *tlsa, struct tls_policy *policy);

/*
 * Sets the TLS policies of the hosts whose names are authentic, by their tlsa
 * (RFC 7672 section 2.2): usable records require a matching certificate,
 * unusable ones alone require TLS.  A host whose lookup failed gets a
 * lookup_error, because sending without TLS would be unsafe.  A destination
 * without a name has hosts from the configuration.  For a host that is an
 * alias, the TLSA records of its canonical name are looked up or, if that is
 * not in a signed zone, whether the alias is.  Sets the failure of a
 * destination that loses its last host.  Errors: those of dns_ask().
 */
bool dane_find(const struct dns_source *dns, struct destination *destinations,
    size_t count, int64_t deadline, struct error *err);

#endif
