/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The passwords of an account that are in files: passwordfile and
 * proxy_passwordfile.
 */
#ifndef VEREDUS_CONFIG_PASSWORD_FILE_H
#define VEREDUS_CONFIG_PASSWORD_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/user.h"
#include "config/account.h"

/* Replaces the password by that in the passwordfile, which is set.
 * Errors: ERROR_CONFIG, and those of file_read(). */
bool password_file_read(const struct account *account, const struct user *user,
    struct secret *password, struct error *err);
/*
 * Replaces the password by that for the login at the proxy of the account, from
 * proxy_password or proxy_passwordfile; without such a login it is not set.
 * Errors: ERROR_CONFIG, and those of file_read().
 */
bool password_of_proxy(const struct account *account, const struct user *user,
    struct secret *password, struct error *err);

#endif
