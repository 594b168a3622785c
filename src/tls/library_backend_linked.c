/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS in a build that is linked with GnuTLS. */
#include <gnutls/gnutls.h>

#include "tls/library.h"

/* GnuTLS reads the environment when it starts.  It must start at first use, not
 * in its constructor, because main() cleans the environment (base/process.c). */
GNUTLS_SKIP_GLOBAL_INIT

struct backend tls_backend = { "GnuTLS", .table = &tls_gnutls_library };
