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

#include "tls/library.h"
#include "tls/name.h"

struct tls_credentials {
	gnutls_certificate_credentials_t gnutls;
	gnutls_priority_t priorities;
	struct tls_name override; /* of host_override; or text is NULL */
};

/* Implements tls_load() and tls_context_free(). */
bool tls_credentials_load(struct tls_context *context, struct error *err);
void tls_credentials_free(struct tls_credentials *credentials);

#endif
