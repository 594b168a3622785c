/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list of users:
 *
 *   list = word *(1*delimiter word)
 *   delimiter = "," / SP / HTAB
 *   word = "*" / "uid:" number ["-" number] / "@" group / name
 */
#ifndef VEREDUS_BASE_USER_LIST_H
#define VEREDUS_BASE_USER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/peer.h"

enum user_word_kind {
	USER_WORD_ALL,
	USER_WORD_UIDS,
	USER_WORD_GROUP,
	USER_WORD_NAME
};

struct user_word {
	enum user_word_kind kind;
	char *name;        /* of a user or a group, else NULL */
	bool is_resolved;  /* the name was found: the numbers are set */
	uid_t first, last; /* of USER_WORD_UIDS and a resolved name */
	gid_t group;       /* of a resolved group */
};

struct user_list {
	struct user_word *words;
	size_t count;
};

/* Parses a list into an empty struct, which the caller frees in any case.  Names
 * are looked up only to tell, with the words that are wrong, which others are
 * unknown.  Errors: ERROR_CONFIG. */
bool user_list_parse(struct user_list *list, const char *text,
    struct error *err);
/* Looks up the groups, and with `names` the users, too.  Errors: ERROR_CONFIG
 * for a name that does not exist; ERROR_FILE if the database does not
 * respond. */
bool user_list_resolve(struct user_list *list, bool names, struct error *err);
/*
 * Whether the client is in the list.  A name that was not resolved is compared
 * with the login name.  A client with the overflow uid of the kernel is only in
 * lists with "*" or the uid itself, and never in a range.
 */
bool user_list_has(const struct user_list *list, const struct peer *peer);
/* The same, but neither "*" nor a group counts: the list names the client. */
bool user_list_names(const struct user_list *list, const struct peer *peer);
void user_list_free(struct user_list *list);

#endif
