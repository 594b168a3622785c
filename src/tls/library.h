/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a TLS library does of tls/tls.h.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_LIBRARY_H
#define VEREDUS_TLS_LIBRARY_H

#include "tls/context.h"
#include "tls/tls.h"

struct tls_credentials; /* what it has made of a context */

/* The functions that follow set_up are those of tls/tls.h. */
struct tls_library {
	const char *name;
	bool (*set_up)(const struct tls_context *context,
	    struct tls_credentials **setup, struct error *err);
	void (*setup_free)(struct tls_credentials *setup);
	bool (*start)(struct tls_credentials *setup,
	    struct transport *transport, const struct tls_target *target,
	    int64_t deadline, struct error *err);
	void (*describe)(const struct transport *transport, struct str *out);
	bool (*peer_info)(const struct transport *transport, unsigned number,
	    struct tls_peer *peer);
	bool (*channel_binding)(const struct transport *transport,
	    enum tls_binding kind, struct str *out);
	bool (*is_verified)(const struct transport *transport);
	bool (*sent_certificate)(const struct transport *transport);
};

/* NULL with ERROR_CONFIG when there is none. */
const struct tls_library *tls_backend(struct error *err);

extern const struct tls_library tls_gnutls_library;

#endif
