/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that TLS needs from files, read before the first packet.  What is in
 * them only a library knows.  Private to net/tls*.c.
 */
#ifndef VEREDUS_NET_TLS_CONTEXT_H
#define VEREDUS_NET_TLS_CONTEXT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "net/tls.h"
#include "net/tls_place.h"

struct tls_setup;

struct tls_context {
	const struct tls_params *params;  /* borrowed until setup is there */
	const struct trust_place *system; /* NULL: a trust file or no check */
	bool check_chain; /* chain, dates, names, purpose, revocation */
	/* What the files hold; empty without one. */
	struct str trust, crl, key, certificate;
	struct tls_setup *setup; /* of tls_load(), or NULL */
	int keylog_plus_1;       /* where keys go, or 0 */
};

/* Fills a context that is empty.  Errors: ERROR_CONFIG. */
bool tls_context_read(struct tls_context *c, const struct tls_params *params,
    struct error *err);
/* Releases what was read. */
void tls_context_forget(struct tls_context *c);

#endif
