/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/idna.h"

#include <stddef.h>

bool
idna_is_available(void)
{
	return false;
}

bool
idna_convert(const char *name, char **ascii, struct error *err)
{
	*ascii = NULL;
	return error_set(err, ERROR_ADDRESS,
	    "cannot convert the host name \"%s\": this build has no libidn2; "
	    "write its form in ASCII (xn--...)",
	    name);
}
