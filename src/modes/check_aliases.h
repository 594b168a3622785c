/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks aliases files (-bi, newaliases). */
#ifndef VEREDUS_MODES_CHECK_ALIASES_H
#define VEREDUS_MODES_CHECK_ALIASES_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Checks the aliases file of the account that -a, -f, --host or --socket
 * chooses, or else those of all accounts; without accounts, that of --aliases.
 * Errors: ERROR_MESSAGE for an invalid line, with a line for each of them in
 * context->problems; those of reading a file, and of config_select() and
 * cmdline_apply().
 */
bool check_aliases(struct context *context, struct error *err);

#endif
