/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <gnutls/gnutls.h>

#include "base/module.h"
#include "tls/library.h"

/* GnuTLS, which another library may load before us, looks for this in the
 * program: it starts when it is asked to, not in its constructor. */
GNUTLS_SKIP_GLOBAL_INIT

bool
tls_is_available(void)
{
	return true;
}

const struct tls_library *
tls_backend(struct error *err)
{
	static const struct tls_library *library;

	if (library == NULL)
		library = module_load("tls", "tls_gnutls_library", err);
	return library;
}
