/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of --check that are about all accounts together: the files of the
 * configuration, which account a message gets, who can send, and the sandbox.
 */
#ifndef VEREDUS_CHECK_CONFIG_H
#define VEREDUS_CHECK_CONFIG_H

#include <stdbool.h>

#include "check/finding.h"
#include "modes/context.h"

/* Reads the configuration.  Returns false after an error that concerns all
 * accounts; config_find_wrong() tells the accounts that have one of their own. */
bool check_read_config(struct context *context, struct findings *f);
/* Notes that something is not checked because of the error at the place, or (NULL)
 * because of one that concerns all accounts. */
void check_add_unchecked(struct findings *f, enum check_item item,
    const char *place);
/* Whether each account and each `from` can be chosen. */
void check_selection(const struct context *context, struct findings *f);
/* Who else than the caller can send with these files. */
void check_users(const struct context *context, struct findings *f);
void check_sandbox(struct findings *f);

#endif
