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
 * Releases what the account holds, and makes it one that the user can use of
 * settings to which the command line was applied.
 *
 * Port and tls.mode are decided then, sender is the expanded address, dns.servers
 * and the flags of auth are set.  session.domain is expanded, or NULL: then
 * this host has no fully qualified name, and the literal of the address that the
 * connection has here goes into EHLO (RFC 5321 section 4.1.3).
 *
 * notes (or NULL) gets what the log must know each time.
 * Errors: ERROR_CONFIG, naming the settings and the remedy; the account has
 * the values that were set, so that the error can be logged as they say.
 */
bool account_resolve(struct account *a, const struct settings *settings,
    const struct user *user, struct strv *notes, struct error *err);

/*
 * Replaces %U, %H, %C and %M by the user's login name, the host's short and
 * fully qualified name, and the first line of /etc/mailname.  The caller frees
 * *out.  Errors: ERROR_CONFIG if this host does not have the name.
 */
bool expand_names(const char *text, const struct user *user, char **out,
    struct error *err);

#endif
