/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversion of host names in a build that loads libidn2 in a module. */
#include <stddef.h>

#include "base/idna.h"
#include "base/module.h"

bool
idna_is_available(void)
{
	return true;
}

const struct idna_library *
idna_backend(const char *name, struct error *err)
{
	static const struct idna_library *library;

	if (library == NULL)
		library = module_load("idna", "idna_libidn2_library", err);
	if (library == NULL)
		error_prefix(err, "cannot convert the host name \"%s\"", name);
	return library;
}
