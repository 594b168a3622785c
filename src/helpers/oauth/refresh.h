/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `veredus-oauth refresh`: prints an access token that is valid, and renews it if
 * it must be.
 */
#ifndef VEREDUS_HELPERS_OAUTH_REFRESH_H
#define VEREDUS_HELPERS_OAUTH_REFRESH_H

#include <stdbool.h>

#include "helpers/oauth/job.h"

/* The whole run.  On failure job->failure is set. */
bool refresh_run(struct job *job);

/*
 * Waits for the lock, which is open, writes the grant, unless it is NULL, and
 * then the access token, which the file may never have without its grant.
 */
bool refresh_store(struct job *job, const struct oauth_grant_file *grant,
    const struct oauth_access *access);

#endif
