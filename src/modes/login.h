/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --login and --logout: a person lets this program use a mailbox, or no longer.
 */
#ifndef VEREDUS_MODES_LOGIN_H
#define VEREDUS_MODES_LOGIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Runs veredus-oauth, tells the person what to do, and tests the token at the mail
 * server: only a token that works there is kept.  Prints each line at once.
 * Errors: ERROR_USAGE if a terminal or -a is missing; those of the account, of
 * veredus-oauth, and of the login at the server.
 */
bool login(struct context *context, struct str *out, struct error *err);

/* Revokes the tokens if the provider can do that, and removes them in any case.
 * Errors: those of the account and of veredus-oauth. */
bool logout(struct context *context, struct str *out, struct error *err);

#endif
