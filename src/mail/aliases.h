/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Aliases: names of this host and the addresses that they stand for.
 *
 *	name: address, address		# only at the start of a line
 *		, address		a line that begins with a blank goes on
 *	name: :include:/path		addresses in a file, some on each line
 *	default: address		for local names without an alias
 *
 * Names are compared without regard to case.  Commands, files to write to and
 * backslashes on the right are refused: there is no local delivery.
 */
#ifndef VEREDUS_MAIL_ALIASES_H
#define VEREDUS_MAIL_ALIASES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "mail/envelope.h"

/* How long a chain of aliases may be. */
#define ALIASES_DEPTH_MAX 64
/* How many lists may be read, and the octets of each. */
#define ALIASES_LISTS_MAX 1000
#define ALIASES_LIST_SIZE_MAX ((size_t)16 * 1024 * 1024)

/* Before the path of a list among the targets. */
#define ALIASES_LIST ":include:"

struct alias {
	char *name;          /* in lower case; of a list its path */
	bool is_list;        /* what :include: names */
	struct strv targets; /* addr-specs, bare names, lists */
	size_t line;         /* where it stands */
	int state;           /* while an envelope is expanded */
};

struct aliases {
	char *file;          /* for errors */
	struct alias *items; /* sorted by name */
	size_t count;
	size_t size;          /* room in items */
	struct alias **lists; /* that were read so far */
	size_t list_count;
};

/*
 * Adds what the text of a file says.  Errors: ERROR_CONFIG as "FILE:LINE:
 * what is wrong"; a name that stands there twice is one.
 */
bool aliases_parse(struct aliases *aliases, const char *file, const char *text,
    size_t len, struct error *err);

/* The alias of that name, or NULL. */
struct alias *aliases_find(const struct aliases *aliases, const char *name);
/*
 * The list in that file, which `from` names, read if it was not yet; it
 * belongs to the aliases.  NULL with ERROR_CONFIG if it cannot be read, is
 * wrong or empty, or if everybody may write to it.
 */
struct alias *aliases_list(struct aliases *aliases, const struct alias *from,
    const char *path, struct error *err);
/* Reads all lists, to see whether they are right. */
bool aliases_check(struct aliases *aliases, struct error *err);

/*
 * Replaces each recipient with an alias by what it stands for, through as
 * many aliases as it takes; it becomes the original of those.  Local are bare
 * names and those at one of the hosts.  An alias that names itself means the
 * name as it is.  Errors: ERROR_CONFIG for a loop or a list;
 * the envelope is then as it was.
 */
bool aliases_expand(struct aliases *aliases, struct envelope *e,
    const struct strv *hosts, struct error *err);

void aliases_free(struct aliases *aliases);

#endif
