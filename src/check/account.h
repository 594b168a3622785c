/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of --check that are about one account and need no network: its
 * identity, and every file, folder and program that it names.
 */
#ifndef VEREDUS_CHECK_ACCOUNT_H
#define VEREDUS_CHECK_ACCOUNT_H

#include <stdbool.h>

#include "base/user.h"
#include "check/finding.h"
#include "config/account.h"
#include "modes/context.h"

/* Checks the account of the context, without its login.  Returns whether there
 * is a server to connect to. */
bool check_account(struct context *context, struct findings *f);

/* Adds a failure: the error, with the place of the setting that it is about.
 * The caller adds the remedy. */
void check_add_error(struct findings *f, enum check_item item,
    const struct account *a, const struct error *err);

/*
 * The files of an account that the service checks as well.  Each error is a
 * failure that begins with the setting and its place.
 */
void check_aliases_file(const struct account *a, const struct user *user,
    struct findings *f);
void check_archive(const struct account *a, const struct user *user,
    struct findings *f);
/* Whether the folders cannot be tried: root may use every one, but the service,
 * which will, may not. */
bool check_leaves_folders(const struct user *user);
void check_tls_files(const struct account *a, struct findings *f);
void check_proxy_login(const struct account *a, const struct user *user,
    struct findings *f);

#endif
