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
	uid_t uid; /* owns the user's files */
	bool
	    has_environment; /* the environment of this process is the user's */
	char *home;          /* an absolute path, or NULL */
	/*
	 * The program is a service: its files belong to the user above, but it
	 * acts for a client, whose names are used.
	 */
	bool is_service;
	uid_t client;
	char *login; /* of the client */
	char *label; /* of the client, by the security module; or NULL */
};

/*
 * Fills an empty struct with the real uid of the process.  home is HOME if the
 * user owns that folder, else the home folder in the password database.
 */
void user_init_caller(struct user *u);
/*
 * Fills an empty struct for a service that runs as the effective user of the
 * process and acts for a client.  No environment and no home folder count.
 */
void user_init_service(struct user *u, uid_t client, const char *login);
void user_free(struct user *u);

/* The uid of the user that a message comes from. */
uid_t user_client(const struct user *u);

/*
 * Returns the login name from the password database.  If several names share the
 * uid, LOGNAME or USER selects one of them.  Without an entry the name is
 * "uid-N".  Of a service, the name is that of its client.  The caller frees the
 * result.
 */
char *user_name(const struct user *u);
/*
 * Returns the environment variable NAME, else the gecos field up to its first
 * comma ("&" is the login name), else "".  The caller frees the result.
 */
char *user_full_name(const struct user *u);
/* Whether the home folder exists and belongs to the user; that of a system user
 * may be somebody else's. */
bool user_owns_home(const struct user *u);
/* Returns the folder that an environment variable names if the user owns that
 * folder, else NULL. */
const char *user_folder(const struct user *u, const char *variable);

#endif
