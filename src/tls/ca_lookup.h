/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the CA certificates that a chain needs in the system's store.  Loading
 * the whole store takes 65 million instructions, a lookup takes a few ten
 * thousand.
 *
 * GnuTLS compares names octet by octet, so this lookup finds every certificate
 * that GnuTLS would use.  SSL_CERT_FILE and SSL_CERT_DIR are ignored.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_CA_LOOKUP_H
#define VEREDUS_TLS_CA_LOOKUP_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "tls/ca_store.h"

/*
 * Adds the certificates of the store that are issuers of the chain, which is in
 * DER, to the list.  If none is found, the verification will fail later.
 */
void ca_lookup_add_issuers(const struct ca_store *store,
    const gnutls_datum_t *chain, unsigned count, gnutls_x509_trust_list_t list);

#endif
