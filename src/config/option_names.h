/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of settings: finds the row of the table in option_table.h.
 */
#ifndef VEREDUS_CONFIG_OPTION_NAMES_H
#define VEREDUS_CONFIG_OPTION_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "config/option_table.h"

/* Returns the row of a setting, or NULL. */
const struct option_row *option_find(const char *name);
/* The same for the name of a long option: "tls-trust-file". */
const struct option_row *option_find_long(const char *name, size_t len);
/* Appends the name of the long option without "--".  Returns false if the setting
 * has none. */
bool option_long_name(const struct option_row *row, struct str *out);
/* Returns the keyword of a file that is nearest to a misspelt one, or NULL. */
const char *option_suggest(const char *word);
#endif
