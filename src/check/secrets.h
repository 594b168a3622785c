/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The part of --check about files with secrets beside the password: keys, client
 * secrets, and copies of messages.
 */
#ifndef VEREDUS_CHECK_SECRETS_H
#define VEREDUS_CHECK_SECRETS_H

#include "base/user.h"
#include "check/finding.h"
#include "config/account.h"

/* Adds who else may read them.  The texts of the files are not kept. */
void check_secrets(const struct account *a, const struct user *user,
    struct findings *f);

#endif
