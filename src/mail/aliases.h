/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Aliases: local names, and the addresses that replace them.
 *
 *	# comment
 *	name: address, address
 *		, address		continuation line
 *	name: :include:/path		the addresses in a file
 *	default: address		for local names without an alias
 *
 * Names are compared without regard to case.  Commands, files and backslashes
 * are invalid as targets: there is no local delivery.
 *
 * An invalid line stops only the recipients that need it.
 */
#ifndef VEREDUS_MAIL_ALIASES_H
#define VEREDUS_MAIL_ALIASES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/string_index.h"
#include "base/strv.h"

/* Aliases between a recipient and an address. */
#define ALIASES_DEPTH_MAX 64
/* :include: lists, and octets of each of them. */
#define ALIASES_LISTS_MAX 1000
#define ALIASES_LIST_SIZE_MAX ((size_t)16 * 1024 * 1024)
/* The invalid lines that `errors` describes. */
#define ALIASES_ERRORS_MAX 1000

/* Prefix of a list among the targets of an alias. */
#define ALIASES_INCLUDE ":include:"

struct alias {
	char *name;          /* in lower case; of a list its path */
	bool is_list;        /* an :include: list, not an alias */
	struct strv targets; /* addr-specs, bare names, ":include:/path" */
	size_t line;         /* for errors */
	char *error;         /* why the line is invalid, or NULL */
	int state;           /* used by aliases_expand() */
};

struct aliases {
	uid_t owner; /* may own the files, like root; set by the caller */
	char *file;  /* for errors */
	struct alias *items; /* sorted by name */
	size_t count;
	size_t size;          /* room in items */
	struct alias **lists; /* the lists that were read */
	size_t list_count;
	size_t list_size;               /* room in lists */
	struct string_index list_index; /* by path */
	struct strv errors; /* "FILE:LINE: reason" of each invalid line */
};

/*
 * Parses the text of an aliases file; `file` is its name for errors.  A line
 * that is invalid, or that defines a name again, is added to `errors`.  Of
 * several lines for a name the first valid one counts.
 */
void aliases_parse(struct aliases *aliases, const char *file, const char *text,
    size_t len);

/* Returns the alias of that name, or NULL. */
struct alias *aliases_find(const struct aliases *aliases, const char *name);
/*
 * Returns the list in that file, which `from` includes, and reads it if
 * necessary.  NULL with ERROR_CONFIG if it cannot be used.
 */
struct alias *aliases_find_list(struct aliases *aliases,
    const struct alias *from, const char *path, struct error *err);
/* Adds the paths of all :include: lists, and reads them to find further ones. */
void aliases_find_lists(struct aliases *aliases, struct strv *paths);

void aliases_free(struct aliases *aliases);

#endif
