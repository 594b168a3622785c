/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sets and copies settings, each by its row of the table in option_table.h.
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

/* Where a value comes from. */
struct option_context {
	struct origin origin;
	unsigned section;   /* in a file: the line of "account" or "defaults" */
	const char *home;   /* or NULL */
	struct strv *notes; /* gets remarks for the log, unless it is NULL */
};

/*
 * Sets a value from text.  A list is appended to if it was set before in the same
 * section or on the command line, else it is replaced.  Any other setting may be
 * set only once in a section; on the command line the last value is used.
 * Errors: ERROR_CONFIG, with the setting as subject and never with a secret.
 */
bool option_set(struct settings *s, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);
/* The same for an account that no other one inherits from; row is no alias. */
bool option_set_value(struct account *a, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);

/* Sets all defaults of zeroed settings. */
void option_set_defaults(struct settings *s);
/* Replaces the value and its origin in dst by those of src. */
void option_copy(struct account *dst, const struct account *src,
    const struct option_row *row);
/*
 * Releases the memory of the value, and wipes a secret.  Leaves an empty value
 * where there was memory to release, and any other value as it is.
 */
void option_free(struct account *a, const struct option_row *row);

#endif
