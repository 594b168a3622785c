/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of tls/tls.h that needs GnuTLS, as a table of functions, which may
 * come from a module, and the files that both parts use.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_LIBRARY_H
#define VEREDUS_TLS_LIBRARY_H

#include "base/backend.h"
#include "tls/ca_store.h"
#include "tls/tls.h"

struct tls_credentials; /* what GnuTLS made of a context */

/* The files are read before the connection is made, but not yet parsed. */
struct tls_context {
	const struct tls_params *params; /* borrowed */
	const char *trust_file;          /* NULL with the system's CAs */
	const struct ca_store *system;   /* NULL: a trust file, or no check */
	bool check_chain; /* check chain, dates, names, usage, revocation */
	/* The contents of the files; empty if there is none.  Only the CRLs are
	 * needed after tls_load(). */
	struct str trust, crl, key, certificate;
	struct tls_credentials *credentials; /* of tls_load(), or NULL */
	int keylog_plus_1;                   /* the key log and 1; 0: none */
};

struct tls_library {
	const char *name;
	/* Sets the credentials of the context. */
	bool (*load)(struct tls_context *context, struct error *err);
	void (*free)(struct tls_credentials *credentials);
	/* Like the functions of tls/tls.h with these names; the transport of
	 * all but start() uses TLS. */
	bool (*start)(struct tls_context *context, struct transport *transport,
	    const struct tls_target *target, int64_t deadline,
	    struct error *err);
	struct tls_summary (*summarize)(const struct transport *transport);
	bool (*peer_info)(const struct transport *transport, unsigned index,
	    struct tls_peer *peer);
	bool (*channel_binding)(const struct transport *transport,
	    enum tls_binding kind, struct str *out);
	bool (*is_verified)(const struct transport *transport);
	bool (*sent_certificate)(const struct transport *transport);
};

extern struct backend tls_backend; /* its table is a struct tls_library */

extern const struct tls_library tls_gnutls_library;

#endif
