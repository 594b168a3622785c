/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files and settings of an account, as GnuTLS uses them.
 * Private to src/tls.
 */
#ifndef VEREDUS_TLS_CREDENTIALS_H
#define VEREDUS_TLS_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "tls/ca_lookup.h"
#include "tls/library.h"
#include "tls/name.h"

struct tls_credentials {
	gnutls_certificate_credentials_t gnutls;
	gnutls_priority_t priorities;
	const struct ca_store *system; /* NULL: a trust file, or no check */
	char *trust_file;              /* NULL with the system's CAs */
	struct strv fingerprints;
	struct tls_name override; /* of host_override; or text is NULL */
	bool check_chain;    /* check chain, dates, names, usage, revocation */
	bool chain_required; /* ... even if DANE is used */
	struct str crl;      /* the CRLs for DANE-TA, in PEM; may be empty */
	bool has_certificate;
	int keylog_plus_1; /* the key log and 1, borrowed; 0: none */
};

/* Implements tls_load() and tls_context_free(). */
bool tls_credentials_load(const struct tls_context *context,
    struct tls_credentials **credentials, struct error *err);
void tls_credentials_free(struct tls_credentials *credentials);

#endif
