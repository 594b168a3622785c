/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which account a message goes through.
 */
#ifndef VEREDUS_CONFIG_CHOOSE_H
#define VEREDUS_CONFIG_CHOOSE_H

#include <stdbool.h>

#include "base/error.h"
#include "config/file.h"

/*
 * The account of that name (-a) if one is given, else the first that has a
 * `from` for the sender (given with -f or found in the From header; NULL:
 * none was), else "default".  Errors: ERROR_CONFIG, with the files that were
 * read and the accounts that they hold.
 */
bool config_choose(const struct config *config, const char *name,
    const char *sender, const struct account **found, struct error *err);

#endif
