/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The settings.  Each is told once, as a row of option_rows[] in
 * option_table.c: from it come the keyword of the files, the long option,
 * the default (parsed like user input), the checks, --help, --list-options
 * and what --pretend prints.
 */
#ifndef VEREDUS_CONFIG_OPTION_H
#define VEREDUS_CONFIG_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "config/settings.h"

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

/* Where a text comes from that is to be set. */
struct option_context {
	struct origin origin;
	unsigned section;   /* of a file: the line that opened this account or
	                     * these defaults */
	const char *home;   /* or NULL */
	struct strv *notes; /* gets remarks for the log; or NULL */
};

/* The row of a keyword, or NULL. */
const struct option_row *option_find(const char *name);
/* The same for a long option's name: "tls-trust-file". */
const struct option_row *option_find_long(const char *name, size_t len);
/* Appends the name of the long option without "--".  False: it has none. */
bool option_long_name(const struct option_row *row, struct str *out);
/* The keyword that a misspelt one was probably meant to be, or NULL. */
const char *option_suggest(const char *word);
size_t option_number(const struct option_row *row);

/*
 * Sets a value from text.  A list is added to when it was set before in the
 * same section or on the command line, else begun anew; any other setting may
 * stand once in a section, and the last one counts on the command line.
 * Errors: ERROR_CONFIG, "NAME: what is wrong"; never a secret in the text.
 */
bool option_set(struct settings *s, const struct option_row *row,
    const char *text, const struct option_context *context, struct error *err);

/* Sets all defaults of zeroed settings. */
void option_set_defaults(struct settings *s);
/* Appends the value as it would be written, "" if unset; secrets masked. */
void option_print(const struct account *a, const struct option_row *row,
    struct str *out);
/* Replaces the value in dst by a copy of that in src. */
void option_copy(struct account *dst, const struct account *src,
    const struct option_row *row);
/* Releases the value and leaves it unset. */
void option_clear(struct account *a, const struct option_row *row);

/*
 * What --list-options prints: a line for each row with its name, type,
 * default and the name of its argument, separated by tabs.
 */
void option_list(struct str *out);

#endif
