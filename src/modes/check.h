/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* --check: whether all of the configuration works, and what to do if not. */
#ifndef VEREDUS_MODES_CHECK_H
#define VEREDUS_MODES_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Checks all accounts, or that of -a, and appends the findings: a line for each,
 * with --json an object, with --monitor the line of a plugin.  Connects to the
 * servers, unless --offline is given, and offers the recipients of the command line
 * to that of the account that a message to them would use.  Sends no message, and
 * asks nobody for a password.  Reads the configuration itself.
 *
 * context->exit_status becomes that of the first failure, or of the plugin.
 * Errors: ERROR_INTERRUPTED.
 */
bool check(struct context *context, struct str *out, struct error *err);

#endif
