/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settings as they were written: one account of a configuration file with what
 * it inherits, or the options of a command line.  They can be changed, and may
 * contradict each other; resolve.h makes an account of them.
 */
#ifndef VEREDUS_CONFIG_SETTINGS_H
#define VEREDUS_CONFIG_SETTINGS_H

#include <stdbool.h>

#include "config/account.h"

struct settings {
	struct account values; /* what account_resolve() decides is not set */
	/* By number of the row in the option table: set by this account or a
	 * parent, not by "defaults", so that children inherit it. */
	bool set_here[ACCOUNT_OPTIONS_MAX];
};

/* Fills an uninitialised struct with a name (copied, or NULL) and all
 * defaults. */
void settings_init(struct settings *s, const char *name);
/* Releases dst, then makes it a copy of src. */
void settings_copy(struct settings *dst, const struct settings *src);
/* Copies every setting that the parent set or inherited. */
void settings_inherit(struct settings *s, const struct settings *parent);
void settings_free(struct settings *s);

#endif
