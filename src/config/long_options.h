/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The long options that are no settings: --version, --pretend and so on.
 * Those of the settings come from the rows in option.h.
 */
#ifndef VEREDUS_CONFIG_LONG_OPTIONS_H
#define VEREDUS_CONFIG_LONG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/cmdline.h"

struct long_option {
	const char *name;     /* without "--" */
	char letter;          /* the same as a switch, or '\0' */
	const char *argument; /* for people; NULL: it takes none */
	unsigned personalities;
	const char *help;
	bool (*set)(struct cmdline *cmdline, const struct long_option *row,
	    const char *value, struct error *err);
	int number; /* for set */
};

extern const struct long_option long_options[];
extern const size_t long_option_count;

/*
 * Takes one word that begins with "--" and has more behind it, and of the
 * words after it what belongs to it; *used says how many that were.  Names
 * are never completed: who mistypes is told what was probably meant.
 */
bool long_option_parse(struct cmdline *cmdline, char *const words[],
    size_t count, size_t *used, struct error *err);

#endif
