/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What GnuTLS has made of files and settings.  Private to src/tls.
 */
#ifndef VEREDUS_TLS_CREDENTIALS_H
#define VEREDUS_TLS_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>

#include "tls/ca_lookup.h"
#include "tls/library.h"
#include "tls/name.h"
#include "tls/pin.h"

struct tls_credentials {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	const struct ca_store *system; /* NULL: a trust file or no check */
	char *trust_file;              /* NULL with the system's trust */
	struct tls_pins pins;
	struct tls_name override; /* its text is NULL without one */
	bool check_chain;         /* chain, dates, names, purpose, revocation */
	bool insist;              /* on that, whatever else is checked */
	struct str crl;           /* for what DANE trusts, PEM or empty */
	bool has_certificate;
	int min_version;   /* 10 to 13 */
	int keylog_plus_1; /* where keys go, or 0; borrowed */
};

bool tls_set_up(const struct tls_context *context,
    struct tls_credentials **setup, struct error *err);
void tls_setup_free(struct tls_credentials *setup);

#endif
