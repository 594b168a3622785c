/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversion of host names in a build without libidn2: always fails. */
#include <stddef.h>

#include "base/idna.h"

bool
idna_is_available(void)
{
	return false;
}

const struct idna_library *
idna_backend(const char *name, struct error *err)
{
	error_set(err, ERROR_ADDRESS,
	    "cannot convert the host name \"%s\": this build has no libidn2; "
	    "use its ASCII form (xn--...)",
	    name);
	return NULL;
}
