/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Resolves an account: fills in defaults that depend on other settings, and
 * rejects settings that contradict each other.
 */
#ifndef VEREDUS_CONFIG_RESOLVE_H
#define VEREDUS_CONFIG_RESOLVE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/settings.h"

/*
 * Releases what the account contains, and fills it from settings to which the
 * command line was applied: ports, TLS mode, name servers, the expanded sender
 * and domains.  session.domain may stay NULL, if this host has no fully qualified
 * name: then the address of the connection goes into EHLO as a literal
 * (RFC 5321 section 4.1.3).
 *
 * notes, if not NULL, gets the remarks for the log.  Errors: ERROR_CONFIG,
 * naming the settings and the remedy.  After an error the account has the values
 * that were set, so that the error can be logged as they require.
 */
bool account_resolve(struct account *a, const struct settings *settings,
    const struct user *user, struct strv *notes, struct error *err);

/* Returns the folder of the archive, which the caller frees, or NULL. */
char *archive_folder(const struct archive_params *archive,
    const struct user *user);

#endif
