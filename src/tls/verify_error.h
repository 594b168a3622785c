/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a certificate is refused, in words: what GnuTLS has found as bits, and
 * what a person can do about it.  Decides nothing.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_VERIFY_ERROR_H
#define VEREDUS_TLS_VERIFY_ERROR_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "tls/session.h"

/* No honest chain is longer; GnuTLS would not verify more, either. */
#define TLS_CHAIN_MAX 16

/*
 * The certificates that the peer sent.  The first one is imported for every
 * check, the others only when a check needs them or has failed.
 */
struct tls_chain {
	gnutls_x509_crt_t items[TLS_CHAIN_MAX]; /* imported; [0]: the peer's */
	unsigned count;                         /* of items */
	const gnutls_datum_t *sent; /* borrowed from the TLS session */
	unsigned sent_count;
	struct tls_session *session;
	bool anchored; /* the issuer must be one that a DANE-TA record names */
};

/* Of the handshake that is under way. */
enum tls_level tls_strength_of(const struct tls_session *s);

/*
 * Each fills the session's err with ERROR_CERTIFICATE and returns false: for
 * the bits of gnutls_certificate_status_t, all of them; for one reason, and by
 * whom, which is NULL when it is a setting of ours; when GnuTLS could not even
 * tell.
 */
bool tls_refuse(const struct tls_chain *chain, unsigned status);
bool tls_refuse_because(struct tls_session *s, const char *by, const char *why);
bool tls_refuse_unchecked(struct tls_session *s, int result);

/* Whom the certificate should be of, for such texts. */
const char *tls_peer_name(const struct tls_session *s);

#endif
