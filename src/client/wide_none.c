/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* On a machine of which we know nothing more than what C says. */
#include "base/attr.h"
#include "client/wide.h"

size_t
wide_encode(char **to ATTR_UNUSED, const char *text ATTR_UNUSED,
    size_t len ATTR_UNUSED, bool stuff ATTR_UNUSED)
{
	return 0;
}
