/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user on whose behalf the program acts.  main() finds out who that is, and
 * passes it down; no other module asks for the uid of the process or for
 * variables such as HOME.
 *
 * The system's tables count more than the environment: with sudo and its like
 * the environment may belong to another user.  Names are looked up when they
 * are needed, as most messages need none.
 */
#ifndef VEREDUS_BASE_USER_H
#define VEREDUS_BASE_USER_H

#include <stdbool.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	bool has_environment; /* the variables of this process are the user's */
	char *home;           /* an absolute path, or NULL */
};

/*
 * Fills an empty struct with the real uid of the process.  home is HOME if
 * the user owns that folder, else that of the password database.
 */
void user_init_caller(struct user *u);
void user_free(struct user *u);

/*
 * The login name: the entry of the password database; if several names share
 * the uid LOGNAME or USER may choose among them; "uid-N" without an entry.
 * The caller frees the result.
 */
char *user_name(const struct user *u);
/*
 * NAME, else the gecos field up to its first comma ("&" is the login name), or
 * "".  The caller frees the result.
 */
char *user_full_name(const struct user *u);
/* The folder that an environment variable names, if the user owns it; else
 * NULL. */
const char *user_folder(const struct user *u, const char *variable);

#endif
