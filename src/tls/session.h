/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TLS session on top of a plain transport.
 *
 * GnuTLS never uses the socket itself.  It reads from `in`, which one call
 * fills with everything that has arrived, and appends its records to `out`,
 * which is written when it is long, or when the caller flushes.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_SESSION_H
#define VEREDUS_TLS_SESSION_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "net/transport.h"
#include "tls/key.h"
#include "tls/library.h"
#include "tls/name.h"

/* How the server was verified. */
enum tls_trusted { TRUSTED_NOT, TRUSTED_PIN, TRUSTED_CHAIN, TRUSTED_DANE };

/* The ctx of the transport. */
struct tls_session {
	gnutls_session_t tls;
	const struct tls_context *context; /* borrowed */
	struct transport plain;
	struct tls_names names; /* the certificate must have one of them */
	const struct tls_policy *policy; /* during the handshake, borrowed */
	struct str in, out;
	size_t in_start, out_start; /* octets before this have been used */
	/* The call of GnuTLS that is running: */
	struct error *err;
	bool has_error; /* err is set */
	bool blocked;   /* the socket has no more input, or no room */
	bool pulled;    /* GnuTLS has read input */
	/* The session: */
	bool implicit; /* implicit TLS, not STARTTLS */
	enum tls_trusted trusted;
	const struct tls_name *matched; /* by the certificate; or NULL */
	struct tls_weak_key weak_key;   /* of the chain that was verified */
	bool ended;                     /* the server sends nothing more */
	bool write_failed;   /* the connection takes no more output */
	bool write_deferred; /* a read left `out` for the next write */
	bool failed;         /* send nothing more, not even close_notify */
	bool received;       /* input has arrived */
	unsigned char first_octet; /* of that input */
	unsigned
	    interruptions; /* warning alerts, and requests to renegotiate */
	size_t overhead;   /* input octets since the last application data */
};

/* Makes GnuTLS use the plain transport. */
void tls_session_set_callbacks(struct tls_session *s);
/* Performs the handshake.  Errors: ERROR_TLS, ERROR_NETWORK, those of the verify
 * function, and those of transport_wait(). */
bool tls_session_handshake(struct tls_session *s, int64_t deadline,
    struct error *err);
/* Writes what GnuTLS has appended, as far as the socket accepts it. */
bool tls_session_flush(struct tls_session *s, struct error *err);
/* Replaces the plain transport by the session, which it then owns. */
void tls_session_attach(struct tls_session *s, struct transport *transport);
void tls_session_free(struct tls_session *s);

#endif
