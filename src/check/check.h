/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --check and --service --check: whether all of the configuration works, and what
 * to do if not.
 */
#ifndef VEREDUS_CHECK_CHECK_H
#define VEREDUS_CHECK_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"
#include "check/finding.h"
#include "config/settings.h"
#include "modes/context.h"

/* Adds what else is to be said of the settings of an account. */
typedef void check_more_fn(const struct settings *settings,
    const struct user *user, struct findings *f);

/*
 * Checks all accounts, or that of -a, and appends the findings: a line for each,
 * with --json an object, with --monitor the line of a plugin.  Connects to the
 * servers, unless --offline is given, and offers the recipients of the command line
 * to that of the account that a message to them would use.  Sends no message, and
 * asks nobody for a password.  Reads the configuration itself.  An account whose lines
 * have an error is not used at all, and a note says so.
 *
 * A service is checked without its servers, and `more`, which may be NULL, is called
 * for each account.
 *
 * context->exit_status becomes that of the first failure, or of the plugin; that of
 * a service is 78.  With --monitor, the tests of the servers end after 50 seconds.
 * Errors: ERROR_INTERRUPTED, with what was found before and the error as a finding;
 * with --monitor, the line of a plugin that does not know is the result.
 */
bool check(struct context *context, check_more_fn *more, struct str *out,
    struct error *err);

/* Appends the object of --check --json for an error of the command line. */
void check_print_error(const struct error *err, struct str *out);

#endif
