/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Decides whether an account logs in, and releases its login. */
#include "auth/params.h"

#include <stdlib.h>

#include "base/text.h"

bool
auth_is_used(const struct auth_params *params)
{
	return params->mechanism != NULL
	    && !text_equal_nocase(params->mechanism, "off");
}

void
auth_params_free(struct auth_params *auth)
{
	free(auth->user);
	free(auth->token_warning);
	secret_free(&auth->password);
	*auth = (struct auth_params){ 0 };
}
