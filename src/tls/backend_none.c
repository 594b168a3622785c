/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS in a build without it: asking for it is an error, and as there never is
 * a context nobody gets further than that.
 */
#include <stddef.h>

#include "tls/library.h"

bool
tls_is_available(void)
{
	return false;
}

const struct tls_library *
tls_backend(struct error *err)
{
	error_set(err, ERROR_CONFIG,
	    "this build has no TLS: \"tls off\" would send in clear");
	return NULL;
}
