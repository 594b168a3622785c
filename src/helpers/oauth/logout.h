/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `veredus-oauth logout`: revokes the grant if the provider can do that, and removes
 * the account's tokens in any case.
 */
#ifndef VEREDUS_HELPERS_OAUTH_LOGOUT_H
#define VEREDUS_HELPERS_OAUTH_LOGOUT_H

#include <stdbool.h>

#include "helpers/oauth/job.h"

/* Prints "revoked", or "valid" and why the grant remains valid at the provider; then
 * "removed", or "none" if there were no tokens. */
bool logout_run(struct job *job);

#endif
