/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the rules of mail/rewrite.h come from: an account, and what this host
 * knows of itself.  Host names are looked up when an address needs them.
 */
#ifndef VEREDUS_MASQUERADE_H
#define VEREDUS_MASQUERADE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "mail/rewrite.h"

/*
 * The account is finished; what r held is released.  Errors: ERROR_CONFIG for
 * a %-letter that this host cannot fill.
 */
bool masquerade_begin(struct rewriting *r, const struct account *account,
    const struct user *user, struct error *err);

/* Adds the names under which this host has local users. */
void masquerade_hosts(struct strv *hosts);

#endif
