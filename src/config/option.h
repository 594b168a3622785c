/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds, sets, prints and copies settings, each by its row of the table in
 * option_table.h.
 */
#ifndef VEREDUS_CONFIG_OPTION_H
#define VEREDUS_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "config/option_table.h"
#include "config/settings.h"

/* Where a text comes from that is to be set. */
struct option_context {
	struct origin origin;
	unsigned section;   /* of a file: the line that opened this account or
	                     * these defaults */
	const char *home;   /* or NULL */
	struct strv *notes; /* gets remarks for the log; or NULL */
};

/* The row of a keyword, or NULL. */
const struct option_row *option_find(const char *name);
/* The same for a long option's name: "tls-trust-file". */
const struct option_row *option_find_long(const char *name, size_t len);
/* Appends the name of the long option without "--".  False: it has none. */
bool option_long_name(const struct option_row *row, struct str *out);
/* The keyword that a misspelt one was probably meant to be, or NULL. */
const char *option_suggest(const char *word);
size_t option_number(const struct option_row *row);

/*
 * Sets a value from text.  A list is added to when it was set before in the
 * same section or on the command line, else begun anew; any other setting may
 * stand once in a section, and the last one counts on the command line.
 * Errors: ERROR_CONFIG, "NAME: what is wrong"; never a secret in the text.
 */
bool option_set(struct settings *s, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);

/* Sets all defaults of zeroed settings. */
void option_set_defaults(struct settings *s);
/* Appends the value as it would be written, "" if unset; secrets masked. */
void option_print(const struct account *a, const struct option_row *row,
    struct str *out);
/* Replaces the value in dst by a copy of that in src. */
void option_copy(struct account *dst, const struct account *src,
    const struct option_row *row);
/* Releases the value and leaves it unset. */
void option_clear(struct account *a, const struct option_row *row);

/*
 * What --list-options prints: a line for each row with its name, type,
 * default and the name of its argument, separated by tabs.
 */
void option_list(struct str *out);

#endif
