/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversion of host names in a build that is linked with libidn2. */
#include "base/idna.h"

bool
idna_is_available(void)
{
	return true;
}

const struct idna_library *
idna_backend(const char *name, struct error *err)
{
	(void)name;
	(void)err;
	return &idna_libidn2_library;
}
