/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files that TLS needs, read before the connection is made, and not yet
 * parsed.  Private to src/tls.
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
	const struct tls_params *params; /* borrowed until tls_load() */
	const struct ca_store *system;   /* NULL: a trust file, or no check */
	bool check_chain; /* check chain, dates, names, usage, revocation */
	/* The contents of the files; empty if there is none. */
	struct str trust, crl, key, certificate;
	struct tls_credentials *credentials; /* of tls_load(), or NULL */
	int keylog_plus_1;                   /* the key log and 1; 0: none */
};

/* Reads the files into an empty context.  Errors: ERROR_CONFIG. */
bool tls_context_read(struct tls_context *c, const struct tls_params *params,
    struct error *err);
/* Releases the contents of the files. */
void tls_context_clear(struct tls_context *c);

#endif
