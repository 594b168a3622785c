/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The options of the sendmail interface ("-t", "-bs"), as one table.  The
 * parser, --help, the check of the manual and the tests use it.
 */
#ifndef VEREDUS_CONFIG_SENDMAIL_OPTIONS_H
#define VEREDUS_CONFIG_SENDMAIL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "config/cmdline_handlers.h"

enum sendmail_argument {
	ARGUMENT_NONE,     /* -t: the next letter is the next option */
	ARGUMENT_REQUIRED, /* -f a, -fa: the rest of the word, or the next word */
	ARGUMENT_ATTACHED /* -d, -d9: the rest of the word, never the next word */
};

struct sendmail_option {
	char letter;
	/* The row applies if the argument begins with one of these letters:
	 * "-b" is many options.  NULL: with any argument. */
	const char *first;
	enum sendmail_argument argument; /* the same in all rows of a letter */
	unsigned personalities;          /* bits of enum personality */
	const char *meaning;             /* for --help */
	const char *shown;   /* the name of the argument in --help, or NULL */
	const char *refusal; /* why the option is rejected, or NULL */
	/* Neither an action nor a refusal: the option is ignored.  The action
	 * gets the argument without the letter that `first` matched. */
	struct cmdline_action action;
};

extern const struct sendmail_option sendmail_options[];
extern const size_t sendmail_option_count;

/*
 * Returns the row for a letter and its argument, or NULL.  A NULL value matches
 * any row of the letter.
 */
const struct sendmail_option *sendmail_option_find(char letter,
    const char *value, unsigned personality);
/* Appends the letters that a value of the option may begin with: "m, p, s". */
void sendmail_option_values(char letter, unsigned personality, struct str *out);
/* Whether the option does something: it is neither ignored nor rejected. */
bool sendmail_option_has_effect(const struct sendmail_option *row);
/* Appends "-bd, -bD" and the like, with the name of the argument. */
void sendmail_option_print_name(const struct sendmail_option *row,
    struct str *out);

#endif
