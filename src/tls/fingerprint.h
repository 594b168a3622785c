/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The fingerprints of a certificate.  Private to src/tls. */
#ifndef VEREDUS_TLS_FINGERPRINT_H
#define VEREDUS_TLS_FINGERPRINT_H

#include <gnutls/x509.h>
#include <stdbool.h>

#include "tls/params.h"

/* Computes both fingerprints; empty, and false, if GnuTLS cannot. */
bool tls_fingerprints_of(gnutls_x509_crt_t certificate,
    struct tls_fingerprints *out);

#endif
