/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All that TLS needs from files, read before the first packet.  What is in
 * them only a library knows.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_CONTEXT_H
#define VEREDUS_TLS_CONTEXT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "tls/ca_store.h"
#include "tls/tls.h"

struct tls_credentials;

struct tls_context {
	const struct tls_params *params; /* borrowed until setup is there */
	const struct ca_store *system;   /* NULL: a trust file or no check */
	bool check_chain; /* chain, dates, names, purpose, revocation */
	/* What the files hold; empty without one. */
	struct str trust, crl, key, certificate;
	struct tls_credentials *setup; /* of tls_load(), or NULL */
	int keylog_plus_1;             /* where keys go, or 0 */
};

/* Fills a context that is empty.  Errors: ERROR_CONFIG. */
bool tls_context_read(struct tls_context *c, const struct tls_params *params,
    struct error *err);
/* Releases what was read. */
void tls_context_forget(struct tls_context *c);

#endif
