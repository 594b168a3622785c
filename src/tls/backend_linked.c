/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gnutls/gnutls.h>

#include "tls/library.h"

/* GnuTLS reads its environment when it starts: not before main() has cleaned
 * that (base/process.c), hence not in its constructor, but at first use. */
GNUTLS_SKIP_GLOBAL_INIT

bool
tls_is_available(void)
{
	return true;
}

const struct tls_library *
tls_backend(struct error *err)
{
	(void)err;
	return &tls_gnutls_library;
}
