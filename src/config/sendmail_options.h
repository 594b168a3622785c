/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The switches of the sendmail interface: one table, from which the parser,
 * --help, the manual's check and the tests are made.
 */
#ifndef VEREDUS_CONFIG_SENDMAIL_OPTIONS_H
#define VEREDUS_CONFIG_SENDMAIL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct cmdline;

enum sendmail_argument {
	ARGUMENT_NONE,     /* -t: the next letter is the next switch */
	ARGUMENT_REQUIRED, /* -f a, -fa: the rest of the word, or the next one */
	ARGUMENT_ATTACHED /* -d, -d9: the rest of the word, never the next one */
};

struct sendmail_option;

/* Does what a switch is for; value is "" for one without an argument. */
typedef bool sendmail_handler(struct cmdline *cmdline,
    const struct sendmail_option *row, const char *value, struct error *err);

struct sendmail_option {
	char letter;
	/* With which first letters of the argument the row is meant: "-b" is
	 * many switches.  NULL: with any. */
	const char *first;
	enum sendmail_argument argument; /* the same in all rows of a letter */
	unsigned personalities;          /* of enum personality */
	const char *shown;               /* the argument for people, or NULL */
	const char *meaning;   /* for people, of what is done or ignored */
	const char *refusal;   /* or why it is an error, or where it leads */
	sendmail_handler *set; /* NULL without a refusal: ignored */
	int number;            /* for set */
};

extern const struct sendmail_option sendmail_options[];
extern const size_t sendmail_option_count;

/*
 * The row for a letter and the argument that it has here (NULL: not known
 * yet), or NULL.
 */
const struct sendmail_option *sendmail_option_find(char letter,
    const char *value, unsigned personality);
/* Whether the row does something, as opposed to ignored or refused. */
bool sendmail_option_has_effect(const struct sendmail_option *row);
/* Appends "-bd, -bD" and the like, with the argument's name. */
void sendmail_option_print_name(const struct sendmail_option *row,
    struct str *out);

#endif
