/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the rules of mail/rewrite.h from an account.  The names of this host are
 * looked up when an address needs them.
 */
#ifndef VEREDUS_CONFIG_REWRITE_RULES_H
#define VEREDUS_CONFIG_REWRITE_RULES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/account.h"
#include "mail/rewrite.h"

/*
 * Replaces the contents of r by the rules of a resolved account.  Errors:
 * ERROR_CONFIG for a %-letter that cannot be expanded.
 */
bool rewrite_rules_init(struct rewrite_rules *r, const struct account *account,
    const struct user *user, struct error *err);

#endif
