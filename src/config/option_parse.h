/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the text of one value to the member of struct account that its row
 * names, by the row's type.  For option.c alone, which knows when a setting
 * may be set at all, what an empty argument is, and where values come from.
 */
#ifndef VEREDUS_CONFIG_OPTION_PARSE_H
#define VEREDUS_CONFIG_OPTION_PARSE_H

#include <stdbool.h>

#include "base/error.h"
#include "config/option.h"

/* text is not empty but for a string; a list is added to. */
bool option_parse(struct account *a, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);

/* Whether a text may be a value at all: the command line accepts texts that the
 * grammar of the files excludes. */
bool option_check_text(const char *text, struct error *err);

/* The error for an empty argument; always false. */
bool option_needs_argument(const struct option_row *row, struct error *err);

#endif
