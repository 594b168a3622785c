/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what was written to what is meant: the values that follow from
 * others, and the combinations that contradict each other.
 */
#ifndef VEREDUS_CONFIG_FINISH_H
#define VEREDUS_CONFIG_FINISH_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"

/*
 * Makes the account ready for use by the user, after the command line was
 * applied to it.
 *
 * Afterwards port and tls.mode are decided, sender is the expanded address,
 * auth.cleartext and auth.has_certificate are set, and session.domain is
 * expanded, or NULL: then this host has no full name, and the literal of the
 * address that the connection has here goes into EHLO (RFC 5321 4.1.3).
 *
 * notes (or NULL) gets what the log must know each time.
 * Errors: ERROR_CONFIG, naming the settings and what would mend them.
 */
bool account_finish(struct account *a, const struct user *user,
    struct strv *notes, struct error *err);

/*
 * Replaces %U, %H, %C and %M by the user's login name, the host's short and
 * fully qualified name, and the first line of /etc/mailname.  The caller frees
 * *out.  Errors: ERROR_CONFIG if this host does not have the name.
 */
bool expand_names(const char *text, const struct user *user, char **out,
    struct error *err);

#endif
