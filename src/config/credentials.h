/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the login name and the password or token of an account.
 */
#ifndef VEREDUS_CONFIG_CREDENTIALS_H
#define VEREDUS_CONFIG_CREDENTIALS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/account_monitor.h"

/*
 * Makes a copy of account->auth with the login that its mechanism needs.  The
 * first source that exists is used: an OAuth2 token, password, passwordfile,
 * passwordeval, ~/.netrc, the system's netrc, and the terminal if may_ask.  An
 * error in a source ends the search.  A netrc may also provide the user.  The
 * command of an account that the monitor has, which may be NULL, runs in its
 * process.
 *
 * Releases what auth contained.  It owns its user and password, and borrows the
 * rest from the account: auth_params_free().
 * Errors: ERROR_CONFIG; ERROR_SECRET if a later attempt may succeed
 * (base/command.h); ERROR_INTERRUPTED.
 */
bool credentials_get(const struct account *account, const struct user *user,
    const struct account_monitor *monitor, bool may_ask,
    struct auth_params *auth, struct error *err);
/* Makes the same copy, with this token. */
void credentials_with_token(const struct account *account,
    const struct secret *token, struct auth_params *auth);
/* Adds the files that these functions may read. */
void credentials_files(const struct account *account, const struct user *user,
    struct strv *files);

/*
 * Appends the source that credentials_get() would use, or why there is none: a
 * setting and where it is written, a file, or the terminal.  Runs no command,
 * asks no question, and does not open a passwordfile.
 */
bool credentials_source(const struct account *account, const struct user *user,
    bool may_ask, struct str *out);

#endif
