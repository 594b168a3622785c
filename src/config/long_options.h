/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The long options: a table of those that are not settings (--version,
 * --pretend), and a parser.  The long options of the settings come from the
 * table in option_table.h.
 */
#ifndef VEREDUS_CONFIG_LONG_OPTIONS_H
#define VEREDUS_CONFIG_LONG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/cmdline_handlers.h"

struct long_option {
	const char *name;       /* without "--" */
	char letter;            /* the same as a sendmail option, or '\0' */
	const char *argument;   /* its name in --help; NULL: takes none */
	unsigned personalities; /* bits of enum personality */
	const char *help;
	struct cmdline_action action;
};

extern const struct long_option long_options[];
extern const size_t long_option_count;

/* The words of the command line that are not parsed yet; borrowed. */
struct words {
	char *const *items;
	size_t count;
};

/* Removes the first word and returns it, or NULL. */
const char *words_next(struct words *w);

/*
 * Applies a word that begins with "--" and is longer.  If the option needs an
 * argument that the word does not contain, removes it from rest.  Abbreviations
 * are not accepted; the error names the option that was probably meant.
 * Errors: ERROR_USAGE.
 */
bool long_option_parse(struct cmdline *cmdline, const char *word,
    struct words *rest, struct error *err);

#endif
