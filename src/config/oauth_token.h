/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access tokens: from the store while they are fresh, else from the program
 * veredus-oauth, which renews them.
 */
#ifndef VEREDUS_CONFIG_OAUTH_TOKEN_H
#define VEREDUS_CONFIG_OAUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/helper.h"
#include "base/secret.h"
#include "base/user.h"
#include "config/account.h"

/* The maximum length of what veredus-oauth prints: one token and some lines. */
#define OAUTH_OUTPUT_MAX ((size_t)SECRET_MAX + 4096)

/* What veredus-oauth takes beside its request, in seconds. */
#define OAUTH_EXTRA_SECONDS 10

/* The path of veredus-oauth; the caller frees it. */
char *oauth_program(void);
/* Whether it is installed.  Errors: ERROR_CONFIG. */
bool oauth_program_exists(const struct account *a, struct error *err);
/* Runs the command of oauth_client_secret_eval, if there is one, and finds the
 * password for the proxy.  Errors: those of command_read_line() and
 * password_of_proxy(). */
bool oauth_fill_secrets(const struct account *a, const struct user *user,
    struct oauth_params *p, struct error *err);
/*
 * Returns the value of a line "KEY VALUE" in the output of veredus-oauth and its
 * length, or NULL.
 */
const char *oauth_line(const struct str *output, const char *key, size_t *len);
/* Runs veredus-oauth with these parameters to its end.  Sets *status, and has
 * the errors, as helper_run(). */
bool oauth_helper_run(const struct oauth_params *p, const char *word,
    struct helper *h, int *status, struct error *err);
/* Sets the error for an exit status that is not 0: the first line that
 * veredus-oauth wrote on its standard error.  Returns false. */
bool oauth_helper_failed(const struct account *a, int status,
    const struct str *errors, struct error *err);

/* Seconds that a renewal may take. */
unsigned oauth_token_seconds(const struct account *a);
/*
 * Sets the password, token_obtained and token_is_new of auth.  A token that is
 * about to expire is used if it cannot be renewed now.  Errors, which begin with
 * "account NAME":
 * ERROR_GRANT if a person must log in or an administrator must allow it;
 * ERROR_CONFIG; ERROR_SECRET and ERROR_SPACE if a later attempt may succeed;
 * ERROR_INTERRUPTED.
 */
bool oauth_token_get(const struct account *a, const struct user *user,
    struct auth_params *auth, struct error *err);

/*
 * Gets another token in place of the one that was obtained at that time, which
 * the mail server has rejected.  0: any token, for a person who asks, so that an
 * earlier failure does not count.  Errors: as above.
 */
bool oauth_token_replace(const struct account *a, const struct user *user,
    int64_t obtained, struct auth_params *auth, struct error *err);

#endif
