/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS in a build that loads GnuTLS as a module. */
#include <gnutls/gnutls.h>

#include "base/module.h"
#include "tls/library.h"

/*
 * GnuTLS looks for this symbol in the program: it must start at first use, not
 * in its constructor.  Another library may load GnuTLS before the module.
 */
GNUTLS_SKIP_GLOBAL_INIT

struct backend tls_backend = { "GnuTLS", .load = module_load, .module = "tls",
	.symbol = "tls_gnutls_library" };
