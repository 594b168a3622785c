/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user for whom the program acts.  main() finds out who that is, and passes
 * the user down; no other module reads the uid of the process or variables such
 * as HOME.
 *
 * The password database is preferred to the environment, which may belong to
 * another user after sudo.  Names are looked up only when they are needed.
 */
#ifndef VEREDUS_BASE_USER_H
#define VEREDUS_BASE_USER_H

#include <stdbool.h>
#include <sys/types.h>

struct user {
	uid_t uid;
	bool
	    has_environment; /* the environment of this process is the user's */
	char *home;          /* an absolute path, or NULL */
};

/*
 * Fills an empty struct with the real uid of the process.  home is HOME if the
 * user owns that folder, else the home folder in the password database.
 */
void user_init_caller(struct user *u);
void user_free(struct user *u);

/*
 * Returns the login name from the password database.  If several names share the
 * uid, LOGNAME or USER selects one of them.  Without an entry the name is
 * "uid-N".  The caller frees the result.
 */
char *user_name(const struct user *u);
/*
 * Returns the environment variable NAME, else the gecos field up to its first
 * comma ("&" is the login name), else "".  The caller frees the result.
 */
char *user_full_name(const struct user *u);
/* Returns the folder that an environment variable names if the user owns that
 * folder, else NULL. */
const char *user_folder(const struct user *u, const char *variable);

#endif
