/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings.  Each is a row of option_rows[]: from it come the keyword of
 * the files, the long option, the default (parsed like user input), the
 * checks, --help, --list-options and what --pretend prints.
 */
#ifndef VEREDUS_CONFIG_OPTION_TABLE_H
#define VEREDUS_CONFIG_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum option_type {
	OPTION_STRING,   /* char * */
	OPTION_NUMBER,   /* unsigned, of [min, max] */
	OPTION_DURATION, /* unsigned: seconds, of [min, max] */
	OPTION_BOOLEAN,  /* bool */
	OPTION_CHOICE,   /* int or enum, one word of choices */
	OPTION_SET,      /* unsigned, several words of choices with commas */
	OPTION_PATH,     /* char *, a leading "~/" is HOME */
	OPTION_LIST,     /* struct strv; the setting may be repeated */
	OPTION_SECRET,   /* struct secret; only in files, never printed */
	OPTION_ALIAS /* an old name, or a setting that veredus does not have */
};

struct option_choice {
	const char *name;
	int value;
};

/* The setting that replaces an old one with a certain argument. */
struct option_replacement {
	const char *old;     /* the argument; NULL ends the list */
	const char *setting; /* NULL: nothing needs to be set */
	const char *value;
};

struct option_row {
	const char *name;
	enum option_type type;
	size_t offset;        /* in struct account */
	const char *fallback; /* the default as text; NULL: unset */
	const char *argument; /* its name in --help */
	const char *help;     /* NULL: not listed */
	const char *derived; /* describes the default, if the fallback does not:
			      * it depends on other settings or the system */
	const char
	    *empty;       /* the meaning of an empty argument; NULL: the default
	                       * of a string or list, else an error */
	const char *note; /* for the log, if the setting is used */
	unsigned long min, max;
	bool off_is_zero; /* a number that may also be "off" */
	bool can_reset;   /* an empty argument is the default of a number */
	bool hidden;      /* may contain a secret: never printed */
	const struct option_choice *choices; /* ended by a NULL name */
	/* A function of validate.h, or NULL. */
	bool (*check)(char **value, struct error *err);
	size_t places; /* in struct account: of a list that has, for each item,
			* where it was written; or 0 */
	/* Of an alias.  An alias without replacements accepts and ignores any
	 * text. */
	const struct option_replacement *replacements;
	const char *refusal; /* of an alias: the error for other arguments */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

/* Returns the number of the row in the table.  It is here so that loops over all
 * rows need no call. */
static inline size_t
option_number(const struct option_row *row)
{
	return (size_t)(row - option_rows);
}

#endif
