/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Advice for known failures of providers.  A hint never decides the class of a
 * failure.
 */
#ifndef VEREDUS_HELPERS_OAUTH_HINTS_H
#define VEREDUS_HELPERS_OAUTH_HINTS_H

#include "helpers/oauth/answer.h"
#include "oauth/params.h"

/* The hint for an answer with an error, or NULL. */
const char *hints_find(const struct answer *a, const struct oauth_params *p);

#endif
