/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One TLS session between a transport and the plain one below it.
 *
 * GnuTLS never meets the socket: it takes what arrived from `in`, which is
 * filled with one call for a whole flight, and leaves its records in `out`,
 * which is written when much has gathered or at the end of a flight.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_SESSION_H
#define VEREDUS_TLS_SESSION_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "net/transport.h"
#include "tls/credentials.h"

enum tls_trusted { TRUSTED_NOT, TRUSTED_PIN, TRUSTED_CHAIN, TRUSTED_DANE };

struct tls_session {
	gnutls_session_t tls;
	struct tls_credentials *setup; /* borrowed */
	struct transport plain;
	struct tls_names names; /* one of which the certificate must have */
	const struct tls_policy *demand; /* only during the handshake */
	struct str in, out;
	size_t in_start, out_start; /* what is in front has been used */
	/* Of the call that GnuTLS is in: */
	struct error *err;
	bool told;    /* err is filled already */
	bool blocked; /* the socket had no more, or no room */
	bool pulled;  /* GnuTLS has got something */
	/* Of the session: */
	bool implicit; /* it started with the first octet, not by STARTTLS */
	enum tls_trusted trusted;
	bool ended; /* the peer says nothing more */
	bool write_failed;
	bool held;           /* a read has left `out` to whoever writes next */
	bool failed;         /* nothing more may be said to the peer */
	bool seen;           /* anything of the peer, whose ... */
	unsigned char first; /* ... first octet was this */
	unsigned interruptions; /* warnings, wishes to renegotiate */
	size_t silence; /* octets taken since the last that meant something */
};

/* The session of a transport, NULL when that is not TLS. */
struct tls_session *tls_session_of(const struct transport *transport);

#endif
