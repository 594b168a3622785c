/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The accounts that --login, --login-status and --logout are about.
 */
#ifndef VEREDUS_MODES_LOGIN_ACCOUNT_H
#define VEREDUS_MODES_LOGIN_ACCOUNT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/helper.h"
#include "base/strv.h"
#include "modes/context.h"
#include "oauth/params.h"

/* Adds the names of the accounts with OAuth2: that of -a, or all.  None with
 * --host.  Errors: ERROR_CONFIG if there is none. */
bool login_accounts(const struct context *context, struct strv *names,
    struct error *err);
/* The only one of them.  Errors: as above; ERROR_USAGE, which lists them, if there
 * are several. */
bool login_one_account(const struct context *context, char **name,
    struct error *err);
/*
 * Selects the account of that name (NULL: of --host), and fills its parameters.
 * For root with the file of the service, the tokens are those of the service.
 * Errors: those of context_select_account(); ERROR_CONFIG without OAuth2.
 */
bool login_select(struct context *context, const char *name,
    struct oauth_params *p, struct error *err);
/* Starts veredus-oauth with the request.  Errors: those of helper_start(). */
bool login_start(const struct context *context, struct oauth_params *p,
    const char *word, struct helper *h, struct error *err);
/* Runs it to its end.  Errors: those of helper_run() and of veredus-oauth. */
bool login_run(const struct context *context, struct oauth_params *p,
    const char *word, struct helper *h, struct error *err);
/*
 * Does the work as the user whose files the tokens and the queue are: the user of
 * the service, if root logs in for it.  Returns false with errno.
 */
bool login_as_owner(const struct context *context,
    bool (*work)(const void *ctx), const void *ctx);

#endif
