/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compares certificates with TLSA records (RFC 6698, RFC 7671, RFC 7672), which
 * are usable and authentic.  tls/verify.c decides what follows from a match.
 *
 * libgnutls-dane is not used, as it sets up a validating resolver of its own
 * first, which takes three times as long as loading GnuTLS.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_DANE_H
#define VEREDUS_TLS_DANE_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "base/str.h"
#include "tls/params.h"

/* Whether a DANE-EE record matches the certificate of the server. */
bool tls_dane_matches(const struct tls_policy *policy, gnutls_x509_crt_t peer);

/*
 * Adds the CAs that the DANE-TA records name to the list: certificates of the
 * chain that match; a certificate in a record; and the certificates of the
 * chain that are signed with a public key in a record.  The server's own,
 * chain[0], matches only if it is self-signed.  Returns how many were added.
 */
unsigned tls_dane_add_anchors(const struct tls_policy *policy,
    const gnutls_x509_crt_t *chain, unsigned count,
    gnutls_x509_trust_list_t list);

/* Appends the first records, abbreviated: "3 1 1 0123456789abcdef..., ..." */
void tls_dane_describe(const struct tls_policy *policy, struct str *out);

#endif
