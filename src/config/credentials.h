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
 * Sees to it that account->auth has what its mechanism needs.  The first of
 * these that is there counts, and what is wrong with it is an error:
 * password, passwordfile, passwordeval, ~/.netrc, the system's netrc, and the
 * terminal if we may ask.  A netrc may name the user, too.
 * Errors: ERROR_CONFIG if only a change helps, ERROR_SECRET if the next try
 * may find it (see base/command.h), ERROR_INTERRUPTED.
 */
bool credentials_get(struct account *account, const struct user *user,
    bool may_ask, struct error *err);

/*
 * Appends where that would find the password, or why nowhere: a setting and
 * the place where it is written, a file, the terminal.  Runs no command, asks
 * nobody, and does not open a passwordfile.
 */
bool credentials_source(struct account *account, const struct user *user,
    bool may_ask, struct str *out);

#endif
