/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Explains why a certificate was rejected, and what the user can do.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_VERIFY_ERROR_H
#define VEREDUS_TLS_VERIFY_ERROR_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "tls/session.h"

/* The maximum number of certificates; GnuTLS would not verify more. */
#define TLS_CHAIN_MAX 16

/*
 * The certificates that the server sent.  They are imported, in this order,
 * when a check or an error needs them.
 */
struct tls_chain {
	gnutls_x509_crt_t items[TLS_CHAIN_MAX]; /* [0]: the server's own */
	unsigned count;                         /* of items: imported so far */
	const gnutls_datum_t *sent; /* borrowed from the TLS session */
	unsigned sent_count;
	struct tls_session *session;
	bool anchored; /* DANE-TA: a record names the CA that must sign */
};

/*
 * These set the session's err to ERROR_CERTIFICATE and return false.
 * The first explains all bits of a gnutls_certificate_status_t; the whole chain
 * must be imported.
 */
bool tls_verify_error(const struct tls_chain *chain, unsigned status);
/* by: the source of the policy that requires this check, or NULL. */
bool tls_verify_error_because(struct tls_session *s, const char *by,
    const char *why);
/* GnuTLS could not complete the verification; result: its error code. */
bool tls_verify_error_unchecked(struct tls_session *s, int result);

/* The name that the certificate should have, for error texts. */
const char *tls_peer_name(const struct tls_session *s);

#endif
