/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of --service --check that only a service needs. */
#ifndef VEREDUS_RELAY_CHECK_H
#define VEREDUS_RELAY_CHECK_H

#include "base/user.h"
#include "check/finding.h"
#include "config/settings.h"

/* Looks up the users and groups of the account's rules, and reads their files.
 * For check() (check/check.h). */
void service_check_account(const struct settings *settings,
    const struct user *user, struct findings *f);

#endif
