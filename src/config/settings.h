/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings as they were written: one account of a configuration file with its
 * inherited settings and those of the command line.  They may contradict each
 * other; resolve.h makes an account of them.
 */
#ifndef VEREDUS_CONFIG_SETTINGS_H
#define VEREDUS_CONFIG_SETTINGS_H

#include <stdbool.h>

#include "config/account.h"

struct settings {
	struct account values; /* without the results of account_resolve() */
	/* By number of the row in the option table: set by this account or a
	 * parent, not by "defaults".  Children inherit these settings. */
	bool set_here[ACCOUNT_OPTIONS_MAX];
	/* The first line with an error that this account has or inherits, in the
	 * file of the account; or 0. */
	unsigned error_line;
};

/* Fills an uninitialised struct with all defaults and a copy of the name, which
 * may be NULL. */
void settings_init(struct settings *s, const char *name);
/* Releases dst, then makes it a copy of src. */
void settings_copy(struct settings *dst, const struct settings *src);
/* Copies every setting that the parent has set or inherited. */
void settings_inherit(struct settings *s, const struct settings *parent);
void settings_free(struct settings *s);

#endif
