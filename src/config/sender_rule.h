/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One rule of `sender_login` or of a sender_login_file:
 *
 *   rule = pattern 1*WSP users
 *
 * The pattern is an address that may have wildcards, or "<>" for the null
 * sender, which no other pattern matches; users is a list of base/user_list.h.
 */
#ifndef VEREDUS_CONFIG_SENDER_RULE_H
#define VEREDUS_CONFIG_SENDER_RULE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user_list.h"

/* The pattern of the null sender. */
#define SENDER_RULE_NULL "<>"

struct sender_rule {
	char *pattern;
	struct user_list users;
	char *place; /* where the rule was written, or NULL */
};

/* Parses a rule into an empty struct, which the caller frees in any case.
 * Errors: ERROR_CONFIG. */
bool sender_rule_parse(struct sender_rule *rule, const char *text,
    struct error *err);
void sender_rule_free(struct sender_rule *rule);

#endif
