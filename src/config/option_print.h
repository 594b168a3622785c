/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints settings: their values, and the table of all of them.
 */
#ifndef VEREDUS_CONFIG_OPTION_PRINT_H
#define VEREDUS_CONFIG_OPTION_PRINT_H

#include "base/str.h"
#include "config/account.h"
#include "config/option_table.h"

/* Appends the value as it would be written, "" if it is unset; masks secrets. */
void option_print(const struct account *a, const struct option_row *row,
    struct str *out);

/*
 * Appends the output of --list-options: for each row a line with name, type,
 * default, the name of the argument and the words to choose from, separated by
 * tabs.
 */
void option_list(struct str *out);

#endif
