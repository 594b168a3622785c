/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifies the certificate of the server.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_VERIFY_H
#define VEREDUS_TLS_VERIFY_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

#include "tls/params.h"

/*
 * The verify function of GnuTLS: runs when the certificate of the server has
 * arrived, before any data is sent.  The pointer of the session is a struct
 * tls_session; on failure its err is set (ERROR_CERTIFICATE, ERROR_SYSTEM).
 *
 * Fingerprints: one match is sufficient, even if the certificate has expired,
 * because the user named this certificate or key; with certcheck on the chain
 * is verified as well.  A certificate that is itself in the trust file is
 * trusted, whether self-signed or not; names, dates and usage are verified.
 *
 * Policy: with TLS_LEVEL_VERIFY the chain is verified whatever the account
 * says.  With TLS_LEVEL_DANE the TLSA records replace this check: a DANE-EE
 * record that matches is sufficient, without dates and names (RFC 7671 section
 * 5.1); DANE-TA records name the CAs to trust.
 */
int tls_verify_peer(gnutls_session_t session);

/* Computes both fingerprints; empty, and false, if GnuTLS cannot. */
bool tls_fingerprints_of(gnutls_x509_crt_t certificate,
    struct tls_fingerprints *out);

#endif
