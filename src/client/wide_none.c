/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Portable fallback: no vector instructions. */
#include "base/attr.h"
#include "client/wide.h"

size_t
wide_encode(char **to ATTR_UNUSED, const char *text ATTR_UNUSED,
    size_t len ATTR_UNUSED, bool stuff ATTR_UNUSED)
{
	return 0;
}
