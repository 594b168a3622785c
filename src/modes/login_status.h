/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --login-status: what the token store knows about the accounts with OAuth2.
 */
#ifndef VEREDUS_MODES_LOGIN_STATUS_H
#define VEREDUS_MODES_LOGIN_STATUS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Appends provider, client ID and scope of each account, when somebody logged in,
 * when the token was renewed, and the last failure; with --probe, it gets a token
 * and logs in at the mail server, too.  With two operands, which are days since
 * the last renewal, appends a line for a monitoring system, and sets
 * context->exit_status to 0, 1 or 2.  Nothing is part of a token.
 * Errors: that of the first account with one; ERROR_USAGE for wrong operands.
 */
bool login_status(struct context *context, struct str *out, struct error *err);

#endif
