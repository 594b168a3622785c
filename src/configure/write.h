/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the account of --configure goes: standard output, from which it is copied,
 * or the user's file (--write).
 */
#ifndef VEREDUS_CONFIGURE_WRITE_H
#define VEREDUS_CONFIGURE_WRITE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"

/* The file to which the account is written or will be copied. */
struct configure_target {
	char *file;              /* or NULL: none is known */
	bool has_text;           /* the account comes behind other text */
	bool write;              /* this program adds the account */
	const struct user *user; /* borrowed */
};

/* Fills in the target: standard output if it is a file, else the user's file. */
void configure_target_find(struct configure_target *target,
    const struct user *user, bool write);
void configure_target_free(struct configure_target *target);

/*
 * Appends the text, which defines the account of that name, to the file of the
 * target, which is made with its folder if it does not exist.  Either all of the
 * text is written or none.  Errors: ERROR_CREATE; ERROR_USAGE if another process
 * has defined the account meanwhile.
 */
bool configure_write(const struct configure_target *target, const char *name,
    const struct str *text, struct error *err);

/* What the account lacks before it can send. */
struct configure_todo {
	bool needs_user;
	bool needs_password;
	bool needs_token; /* OAuth2: a client ID, and a login */
	char *
	    keyring_store; /* the command that asks for the password, or NULL */
};

/* Appends what the person does next. */
void configure_next_steps(const struct configure_target *target,
    const char *name, const struct configure_todo *todo, struct str *out);
void configure_todo_free(struct configure_todo *todo);

#endif
