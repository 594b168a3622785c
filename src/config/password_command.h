/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command that prints the password of an account (passwordeval).
 */
#ifndef VEREDUS_CONFIG_PASSWORD_COMMAND_H
#define VEREDUS_CONFIG_PASSWORD_COMMAND_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "config/account.h"

/* Whether the login needs a password, and only the command has it. */
bool password_command_is_needed(const struct account *account);
/* Seconds that the command may take. */
unsigned password_command_seconds(const struct account *account);
/* Runs it, with errors that name the setting: those of command_read_line(). */
bool password_command_run(const struct account *account,
    struct secret *password, struct error *err);

#endif
