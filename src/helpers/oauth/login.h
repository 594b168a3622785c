/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `veredus-oauth login`: a person consents, the caller tests the token, and only
 * then it is kept.
 */
#ifndef VEREDUS_HELPERS_OAUTH_LOGIN_H
#define VEREDUS_HELPERS_OAUTH_LOGIN_H

#include <stdbool.h>

#include "helpers/oauth/job.h"

/* The whole run.  On failure job->failure is set. */
bool login_run(struct job *job);

#endif
