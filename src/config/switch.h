/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The switches of the sendmail interface: one table, from which the parser,
 * --help, the manual's check and the tests are made.
 */
#ifndef VEREDUS_CONFIG_SWITCH_H
#define VEREDUS_CONFIG_SWITCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct cmdline;

enum switch_argument {
	SWITCH_ALONE,    /* -t: the next letter is the next switch */
	SWITCH_ARGUMENT, /* -f a, -fa: the rest of the word, or the next one */
	SWITCH_ATTACHED  /* -d, -d9: the rest of the word, never the next one */
};

struct switch_row;

/* Does what a switch is for; value is "" for one without an argument. */
typedef bool switch_setter(struct cmdline *cmdline,
    const struct switch_row *row, const char *value, struct error *err);

struct switch_row {
	char letter;
	/* With which first letters of the argument the row is meant: "-b" is
	 * many switches.  NULL: with any. */
	const char *first;
	enum switch_argument argument; /* the same in all rows of a letter */
	unsigned personalities;        /* of enum personality */
	const char *shown;             /* the argument for people, or NULL */
	const char *meaning; /* for people, of what is done or ignored */
	const char *refusal; /* or why it is an error, or where it leads */
	switch_setter *set;  /* NULL without a refusal: ignored */
	int number;          /* for set */
};

extern const struct switch_row switch_rows[];
extern const size_t switch_count;

/*
 * The row for a letter and the argument that it has here (NULL: not known
 * yet), or NULL.
 */
const struct switch_row *switch_find(char letter, const char *value,
    unsigned personality);
/* Whether the row does something, as opposed to ignored or refused. */
bool switch_is_done(const struct switch_row *row);
/* Appends "-bd, -bD" and the like, with the argument's name. */
void switch_print_name(const struct switch_row *row, struct str *out);

#endif
