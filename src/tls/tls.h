/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS for a transport.  Only src/tls calls GnuTLS.  This door works without
 * the library: it loads GnuTLS when TLS is first needed (tls/library.h).
 *
 * Verification of a certificate includes: the chain up to a trusted CA, the
 * dates, the host in the subjectAltName (never in the common name; RFC 9525),
 * the extended key usage of a server, the CRL if there is one, and a stapled
 * OCSP response.  A fingerprint replaces all this, dates included, except with
 * certcheck on.  A trust file that is unreadable or empty is an error.
 */
#ifndef VEREDUS_TLS_TLS_H
#define VEREDUS_TLS_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "base/str.h"
#include "net/transport.h"
#include "tls/params.h"

/* The files and settings for all sessions of an account. */
struct tls_context;

/* Whether this build supports TLS; loads nothing. */
bool tls_is_available(void);

/* Appends what --version prints: "GnuTLS 3.7.9", "none", or an error. */
void tls_describe_library(struct str *out);

/*
 * Reads the files that params names, before the connection is made, but does
 * not parse them; does not need GnuTLS.  Of the system's trust store only the
 * existence is checked.  TLS_DEFAULT is on: the caller knows whether the host
 * is local.  With TLS_OFF *context becomes NULL.
 *
 * Borrows params until tls_context_free(); the caller frees *context.
 * Errors: ERROR_CONFIG, with the setting and the file.
 */
bool tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err);

/* Adds the usual folders and files with the CA certificates of a system. */
void tls_system_trust(struct strv *places);
/* Whether the key or the certificate of the client is on a token, of which only
 * GnuTLS knows the files. */
bool tls_uses_token(const struct tls_params *params);

/*
 * Appends the secrets of all sessions to the file, in the NSS key log format.
 * Whoever can read this file can decrypt the sessions, so a new one is readable
 * by its owner only.  Must be called before tls_load(); does nothing if context
 * is NULL.  Errors: ERROR_CREATE.
 */
bool tls_log_keys(struct tls_context *context, const char *path,
    struct error *err);

/*
 * Loads GnuTLS, and has it check the files and the priorities.  This takes
 * longer than tls_prepare(): do it while the connection is being made.  Does
 * nothing if context is NULL or was loaded before.
 * Errors: ERROR_CONFIG, as tls_prepare(); ERROR_SYSTEM.
 */
bool tls_load(struct tls_context *context, struct error *err);

/* The server to start TLS with, and how. */
struct tls_target {
	const char *host;
	const struct tls_policy *policy; /* or NULL */
	bool implicit; /* implicit TLS (RFC 8314), not STARTTLS */
};

/*
 * Performs the handshake on the connected transport and verifies the server,
 * before any application data is sent; calls tls_load().  The certificate must
 * be for the host of the target, or else for host_override or a name of the
 * policy.  A host name is sent as SNI; an address is not, and is compared with
 * the iPAddress names.  The policy is borrowed for this call only.
 *
 * After a failure the transport is plain again, and can only be closed.
 * Errors: ERROR_TLS; ERROR_CERTIFICATE, with the failed checks and the settings
 * that matter; ERROR_TIMEOUT, ERROR_NETWORK, ERROR_INTERRUPTED; ERROR_CONFIG if
 * the host is not a valid name; those of tls_load().
 */
bool tls_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err);

/* How a transport is encrypted; the texts are constants. */
struct tls_summary {
	const char *version; /* "TLS1.3"; NULL: without TLS */
	const char *suite;   /* NULL: the library has no name for it */
	/* "verified"; "pinned" if only a fingerprint was checked, "dane" if a
	 * TLSA record matched, or "unverified". */
	const char *verification;
};

/* Returns the summary.  With TLS 1.2 (false start) the suite is known after the
 * first read. */
struct tls_summary tls_summarize(const struct transport *transport);
/*
 * Appends version, cipher suite and kind of verification:
 * "TLS1.3 TLS_AES_256_GCM_SHA384 verified".  Appends nothing without TLS.
 */
void tls_print_summary(const struct tls_summary *summary, struct str *out);
void tls_describe(const struct transport *transport, struct str *out);

/* A certificate that the server sent. */
struct tls_peer {
	/* Printable text; names: the subjectAltNames, separated by commas. */
	struct str subject, issuer, names;
	time_t activation, expiration;
	struct tls_fingerprints sha256;
};

/*
 * Fills peer with the certificate of this index; 0 is the server's own, the
 * others follow in the order of the server.  False if there is none.
 */
bool tls_peer_info(const struct transport *transport, unsigned index,
    struct tls_peer *peer);
void tls_peer_free(struct tls_peer *peer);

enum tls_binding { TLS_BINDING_EXPORTER, TLS_BINDING_UNIQUE };

/*
 * Appends the channel binding of the session: tls-exporter (RFC 9266) with TLS
 * 1.3, or with TLS 1.2 and extended master secret; tls-unique (RFC 5929) before
 * TLS 1.3.  False if the session has no binding of this kind, or uses no TLS.
 */
bool tls_channel_binding(const struct transport *transport,
    enum tls_binding kind, struct str *out);

/* Whether the server was verified, by whatever method. */
bool tls_is_verified(const struct transport *transport);

/* Whether the server requested a client certificate and got it. */
bool tls_sent_certificate(const struct transport *transport);

/* Close all transports of the context first; context may be NULL. */
void tls_context_free(struct tls_context *context);

#endif
