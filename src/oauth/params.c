/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the parameters, and their memory, by the table of the request. */
#include "oauth/params.h"

#include <stddef.h>

#include "oauth/request.h"

const char *const oauth_grant_words[] = { [OAUTH_CODE] = "code",
	[OAUTH_CLIENT_CREDENTIALS] = "client_credentials",
	[OAUTH_SERVICE_ACCOUNT] = "service_account",
	[OAUTH_GRANTS] = NULL };

const char *const oauth_flow_words[] = { [OAUTH_BROWSER] = "browser",
	[OAUTH_PASTE] = "paste",
	[OAUTH_DEVICE] = "device",
	[OAUTH_FLOWS] = NULL };

const char *const oauth_client_auth_words[] = { [OAUTH_AUTH_AUTO] = "auto",
	[OAUTH_AUTH_POST] = "post",
	[OAUTH_AUTH_BASIC] = "basic",
	[OAUTH_AUTH_NONE] = "none",
	[OAUTH_AUTH_KEY] = "key",
	[OAUTH_AUTHS] = NULL };

const char *const oauth_key_alg_words[] = { [OAUTH_RS256] = "RS256",
	[OAUTH_PS256] = "PS256",
	[OAUTH_ES256] = "ES256",
	[OAUTH_ALGS] = NULL };

void
oauth_params_copy(struct oauth_params *dst, const struct oauth_params *src)
{
	record_copy(&oauth_request, dst, src);
}

void
oauth_params_free(struct oauth_params *p)
{
	record_free(&oauth_request, p);
}

const char *
oauth_params_origin(const struct oauth_params *p)
{
	return p->token_url != NULL ? p->token_url : p->issuer;
}
