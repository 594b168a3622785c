/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of --check about the password or the token of an account. */
#ifndef VEREDUS_CHECK_LOGIN_H
#define VEREDUS_CHECK_LOGIN_H

#include <stdbool.h>

#include "check/finding.h"
#include "modes/context.h"

/*
 * Looks for the login of the context's account, without asking a person: runs
 * the command of passwordeval, and gets a token.  With `offline`, veredus-oauth
 * only says what it has.  The context then has the login.  Returns whether there
 * is one, or none is needed.
 */
bool check_login(struct context *context, bool offline, struct findings *f);

#endif
