/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The question whether an account logs in. */
#include "auth/params.h"

#include "base/text.h"

bool
auth_is_used(const struct auth_params *params)
{
	return params->mechanism != NULL
	    && !text_equal_nocase(params->mechanism, "off");
}
