/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may use which sender, by the settings `sender_login` and
 * `sender_login_file`.
 */
#ifndef VEREDUS_CONFIG_SENDER_LOGIN_H
#define VEREDUS_CONFIG_SENDER_LOGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/account.h"
#include "config/sender_rule.h"

struct sender_rules {
	struct sender_rule *items; /* the first one that matches decides */
	size_t count;
	size_t size; /* room in items */
	/* The account has no rule: everybody may use every sender. */
	bool is_free;
};

/*
 * Fills an empty struct with the rules of the account and, unless file is false,
 * those of its file, which must belong to root or the user.  %U and the like are
 * expanded for the user, and all groups are looked up.  The names of users are
 * looked up for the rules of the account; for those of the file, which may be
 * many, only with `errors`.  That list, unless it is NULL, gets the errors of all
 * rules, which are left out.
 * Errors: ERROR_CONFIG, with the place; those of file_read().
 */
bool sender_rules_init(struct sender_rules *rules,
    const struct account *account, const struct user *user, bool file,
    struct strv *errors, struct error *err);
/*
 * Returns the rule that decides about the address ("": the null sender), or NULL
 * if none fits.  Neither the local part nor the domain depends on case, so that
 * nobody evades a rule by writing an address in another way.  No rule fits an
 * address whose domain is neither in ASCII nor an internationalized name, and of
 * the patterns with wildcards only "*" fits one whose local part is quoted.
 */
const struct sender_rule *sender_rules_find(const struct sender_rules *rules,
    const char *address);
void sender_rules_free(struct sender_rules *rules);

#endif
