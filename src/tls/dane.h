/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Certificates as TLSA records know them (RFC 6698, RFC 7671, RFC 7672).  What
 * follows from a match is decided in tls_verify.c; which records are usable,
 * and whether they are authentic, was decided before there was a connection.
 *
 * The library that comes with GnuTLS for this wants a whole validating resolver
 * of its own to be set up before it compares anything: that costs three times
 * what loading GnuTLS does.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_DANE_H
#define VEREDUS_TLS_DANE_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "base/str.h"
#include "tls/tls.h"

/* Whether a record of DANE-EE is that of this certificate, the peer's own. */
bool tls_dane_names(const struct tls_policy *demand, gnutls_x509_crt_t peer);

/*
 * Adds to the list the authorities that records of DANE-TA name: certificates
 * of the chain; one that is in a record itself; and, for a key that is in a
 * record, the certificates of the chain that it has signed, as their issuer
 * needs none then.  The peer's own, chain[0], only counts if it is self-signed.
 * Returns how many were found.
 */
unsigned tls_dane_add_anchors(const struct tls_policy *demand,
    const gnutls_x509_crt_t *chain, unsigned count,
    gnutls_x509_trust_list_t list);

/* Appends the first few records, shortened: "3 1 1 0123456789abcdef..., ..." */
void tls_dane_show(const struct tls_policy *demand, struct str *out);

#endif
