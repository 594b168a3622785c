/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS under a stream.  The only door to GnuTLS.  tls_backend_*.c is how the
 * program comes by that: linked, as a module that is loaded when it is first
 * needed, or not at all; the functions here ask it (tls/library.h).
 *
 * Verification means: chain to a trusted root, dates, a subjectAltName that
 * matches (never the CN; RFC 9525), the purpose of a server, and the CRL if
 * there is one.  A pin replaces all that, dates included, unless certcheck was
 * asked for as well.  An unreadable or empty trust source is an error, never
 * "no check".
 */
#ifndef VEREDUS_TLS_TLS_H
#define VEREDUS_TLS_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "net/transport.h"

enum tls_mode {
	TLS_DEFAULT, /* on, but off for loopback and unix sockets */
	TLS_ON,      /* required and verified */
	TLS_OFF,
	TLS_OPPORTUNISTIC /* tried, not verified */
};

enum tls_certcheck { CERTCHECK_DEFAULT, CERTCHECK_ON, CERTCHECK_OFF };

struct tls_params {
	enum tls_mode mode;
	bool starttls;    /* else TLS from the first byte */
	char *trust_file; /* "system" or a PEM file */
	char *crl_file;   /* PEM or NULL */
	char *key_file;   /* PEM or pkcs11: URI, with cert_file; or NULL */
	char *cert_file;
	struct strv fingerprints; /* SHA-256 in hex, of the certificate, or
	                           * "spki:" and that of its key; any matches */
	enum tls_certcheck certcheck;
	char *priorities;    /* GnuTLS priority string or NULL */
	char *host_override; /* name to verify in place of the host, or NULL */
	int min_version;     /* 10, 11, 12 or 13; 0: 12 */
};

/* The numbers in a TLSA record (RFC 6698 section 2.1, RFC 7218). */
enum tlsa_usage { DANE_TA = 2, DANE_EE = 3 };
enum tlsa_selector { DANE_CERTIFICATE = 0, DANE_KEY = 1 };
enum tlsa_matching { DANE_FULL = 0, DANE_SHA256 = 1, DANE_SHA512 = 2 };

/* A TLSA record; its numbers are those of the enums above, if it is usable. */
struct tlsa_record {
	unsigned usage, selector, matching;
	struct str data; /* the certificate association data */
};

/*
 * What the way to a host demands of TLS there, beyond the parameters, and
 * whatever they say: who can forge an answer of the DNS or take STARTTLS away
 * must not gain by it.  From the least demand to the highest.
 */
enum tls_level {
	TLS_LEVEL_CONFIG,  /* nothing more than the parameters */
	TLS_LEVEL_ENCRYPT, /* required; any certificate will do */
	TLS_LEVEL_VERIFY,  /* required; trusted, and for one of the names */
	TLS_LEVEL_DANE     /* required; as the TLSA records say */
};

/* Where the requirement came from. */
enum tls_source { TLS_BY_ACCOUNT, TLS_BY_DANE, TLS_BY_MTA_STS };

struct tls_policy {
	enum tls_level strength;
	enum tls_source source;
	/* One of which the certificate must be for, if it must be for any; the
	 * first one also for SNI.  None: the name of the host. */
	struct strv names;
	struct tlsa_record
	    *records; /* usable TLSA records, of TLS_LEVEL_DANE */
	size_t record_count;
};

/*
 * Whether there must be TLS: by the parameters, or by the demand on top of
 * them, which may be NULL.
 */
bool tls_is_required(const struct tls_params *params,
    const struct tls_policy *demand);
/* The name of the source, "DANE" or "MTA-STS"; NULL for the account. */
const char *tls_demanded_by(const struct tls_policy *demand);

struct tls_context; /* everything that is read from files, before connect */

/* False in a build without TLS; loads nothing. */
bool tls_is_available(void);
/* The name for --version: "GnuTLS 3.7.9", "none", or why it is missing. */
void tls_describe_library(struct str *out);

/*
 * Reads trust, CRL, key and certificate, without a look inside.  With the
 * system's trust no certificate is read yet, but its place must exist.  With
 * mode off there is nothing to prepare: *context is NULL.  TLS_DEFAULT is on:
 * the caller knows whether the host is local.  Needs no library; params are
 * borrowed until tls_load() has succeeded.
 * Errors: ERROR_CONFIG, naming the setting and file.
 */
bool tls_prepare(const struct tls_params *params, struct tls_context **context,
    struct error *err);

/*
 * Appends the keys of all sessions to the file, in the form of NSS, before
 * tls_load(): whoever reads it can read what is said, so it is made for us
 * alone.  With a context that is NULL there are no keys.
 * Errors: ERROR_CREATE.
 */
bool tls_log_keys(struct tls_context *context, const char *path,
    struct error *err);

/*
 * The second half: loads the library if it is a module, and has it check all
 * that was read and the priorities.  To be done while the connection is being
 * set up: it takes longer than the first half.  Nothing is left to do for a
 * context that is NULL or has been loaded.  Errors: as above.
 */
bool tls_load(struct tls_context *context, struct error *err);

/* The server with which TLS starts, and how it starts. */
struct tls_target {
	const char *host;
	const struct tls_policy *demand; /* or NULL */
	bool implicit; /* from the first octet (RFC 8314), not by STARTTLS */
};

/*
 * Starts TLS on the connected transport: first the handshake, then the
 * verification of the server, before any application data.  The name that is
 * verified is the target's host, or instead of it host_override or a name of
 * the demand; an IP address is compared with iPAddress names.  Unless it is an
 * address, the name is also sent as SNI.  Loads what is not loaded yet.  After
 * a failure the transport is plain again and can only be closed.
 * Errors: ERROR_TLS, ERROR_CERTIFICATE (the text says which check failed and
 * which setting would matter), ERROR_TIMEOUT, ERROR_NETWORK, ERROR_INTERRUPTED;
 * ERROR_CONFIG when host is no name.
 */
bool tls_start(struct tls_context *context, struct transport *transport,
    const struct tls_target *target, int64_t deadline, struct error *err);

/*
 * "TLS1.3 TLS_AES_256_GCM_SHA384 verified", of a transport from tls_start();
 * "pinned" when only the pin was checked, "dane" when it is as the TLSA records
 * say, "unverified" when nothing was.  In
 * TLS 1.2 the suite is known after the first read only (false start).
 */
void tls_describe(const struct transport *transport, struct str *out);

/* One of the certificates that the peer has shown. */
struct tls_peer {
	struct str subject, issuer,
	    names; /* printable; names comma-separated */
	time_t activation, expiration;
	char certificate_sha256[65]; /* lower-case hex */
	char key_sha256[65];         /* of the subjectPublicKeyInfo */
};
/* Fills it with the certificate of that number: 0 is the peer's own, those
 * behind it are as they were sent.  False when there is none. */
bool tls_peer_info(const struct transport *transport, unsigned number,
    struct tls_peer *peer);
void tls_peer_free(struct tls_peer *peer);

enum tls_binding { TLS_BINDING_EXPORTER, TLS_BINDING_UNIQUE };
/*
 * The channel binding of this session (RFC 9266, RFC 5929): the exporter on
 * TLS 1.3 (and 1.2 with extended master secret), tls-unique before.  False
 * when the session has none of that kind or is no TLS.
 */
bool tls_channel_binding(const struct transport *transport,
    enum tls_binding kind, struct str *out);
/* Whether the peer has been shown to be who it should be. */
bool tls_is_verified(const struct transport *transport);
/* Whether a client certificate was asked for and sent (for EXTERNAL). */
bool tls_sent_certificate(const struct transport *transport);

/* After the transports that were made with it have been closed; or NULL. */
void tls_context_free(struct tls_context *context);
void tls_policy_free(struct tls_policy *demand);

#endif
