/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Revocation (RFC 7009).
 */
#ifndef VEREDUS_HELPERS_OAUTH_REVOKE_H
#define VEREDUS_HELPERS_OAUTH_REVOKE_H

#include <stdbool.h>

#include "base/secret.h"
#include "helpers/oauth/job.h"

/* The values of token_type_hint. */
#define REVOKE_REFRESH "refresh_token"
#define REVOKE_ACCESS "access_token"

/* Whether the provider has revoked the token; otherwise job->failure is set. */
bool revoke_token(struct job *job, const char *url, const struct secret *token,
    const char *hint);

#endif
