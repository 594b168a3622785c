/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command through which the messages of an account go (filter).
 */
#ifndef VEREDUS_CONFIG_FILTER_COMMAND_H
#define VEREDUS_CONFIG_FILTER_COMMAND_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"
#include "config/account.h"

/* Where the shell looks for programs. */
#define FILTER_COMMAND_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Seconds that the command may take. */
unsigned filter_command_seconds(const struct account *account);
/*
 * Runs it with that input and output, and an environment of its own, in which the
 * names are those of the user whom this process runs as: of a service, too.
 * The remark is that of struct command_filter.
 * Errors: those of command_filter().
 */
bool filter_command_run(const struct account *account, const struct user *user,
    int input, int output, struct str *remark, struct error *err);

#endif
