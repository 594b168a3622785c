/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system's trusted certificates, of which only those are read that a
 * peer's chain names: the whole store costs 65 million instructions, one
 * look-up a few ten thousand.
 *
 * GnuTLS compares names byte by byte, so a search for the very bytes of an
 * issuer's name finds all that it could use.  The environment (SSL_CERT_FILE,
 * SSL_CERT_DIR) has no say.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_CA_LOOKUP_H
#define VEREDUS_TLS_CA_LOOKUP_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "tls/ca_store.h"

/*
 * Adds to the list the certificates of the place whose subject is the issuer
 * of one in the chain, which is in DER.  Finding none is no error here: the verification that
 * follows will say so.
 */
void tls_trust_add_issuers(const struct ca_store *place,
    const gnutls_datum_t *chain, unsigned count, gnutls_x509_trust_list_t list);

#endif
