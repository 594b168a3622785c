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
	OPTION_STRING,  /* char * */
	OPTION_NUMBER,  /* unsigned, of [min, max] */
	OPTION_BOOLEAN, /* bool */
	OPTION_CHOICE,  /* int or enum, one word of choices */
	OPTION_SET,     /* unsigned, several words of choices with commas */
	OPTION_PATH,    /* char *, a leading "~/" is HOME */
	OPTION_LIST,    /* struct strv, the setting may stand several times */
	OPTION_SECRET,  /* struct secret; in files only, never shown */
	OPTION_ALIAS /* an old name, or a setting that veredus does not have */
};

struct option_choice {
	const char *name;
	int value;
};

/* How an old setting is said today, by its argument. */
struct option_replacement {
	const char *old;     /* the argument; NULL: any */
	const char *setting; /* NULL: nothing needs to be set */
	const char *value;   /* NULL: the same argument */
};

struct option_row {
	const char *name;
	enum option_type type;
	size_t offset;        /* in struct account */
	const char *fallback; /* the default as text; NULL: unset */
	const char *argument; /* its name for people */
	const char *help;     /* NULL: not listed */
	const char *derived;  /* in words: what becomes of an unset value */
	const char *empty;    /* what an empty argument stands for; NULL: a
	                       * string goes back to its default, else error */
	const char *note;     /* for the log, when it is used */
	unsigned long min, max;
	bool off_is_zero; /* of a number: may also be "off" */
	bool hidden;      /* the value may hold a secret: never shown */
	const struct option_choice *choices; /* ended by a NULL name */
	/* The rare rule.  May rewrite *value; the error does not name the
	 * setting, which option_set() puts before it. */
	bool (*check)(char **value, struct error *err);
	/* Of an alias, ended by a row whose `old` is NULL.  An alias without
	 * replacements accepts any text and ignores it. */
	const struct option_replacement *replacements;
	const char *refusal; /* of an alias: why other arguments are wrong */
};

extern const struct option_row option_rows[];
extern const size_t option_count;

#endif
