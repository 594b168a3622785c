/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the password or token of an account comes from.
 */
#ifndef VEREDUS_CONFIG_CREDENTIALS_H
#define VEREDUS_CONFIG_CREDENTIALS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"
#include "config/account.h"

/*
 * Makes a copy of account->auth with what its mechanism needs.  The first of
 * these that is there counts, and what is wrong with it is an error:
 * password, passwordfile, passwordeval, ~/.netrc, the system's netrc, and the
 * terminal if we may ask.  A netrc may name the user, too.  What auth held is
 * released; it owns its user and password, and borrows the rest from the
 * account.
 * Errors: ERROR_CONFIG if only a change helps, ERROR_SECRET if a later attempt
 * may find it (see base/command.h), ERROR_INTERRUPTED.
 */
bool credentials_get(const struct account *account, const struct user *user,
    bool may_ask, struct auth_params *auth, struct error *err);
void credentials_free(struct auth_params *auth);

/*
 * Appends where that would find the password, or why nowhere: a setting and
 * the place where it is written, a file, the terminal.  Runs no command, asks
 * nobody, and does not open a passwordfile.
 */
bool credentials_source(const struct account *account, const struct user *user,
    bool may_ask, struct str *out);

#endif
