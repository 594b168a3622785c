/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the configuration reader understands the account of --configure as it
 * is meant, and which account the mail from its address uses so far.
 */
#ifndef VEREDUS_CONFIGURE_CHECK_H
#define VEREDUS_CONFIGURE_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/user.h"
#include "config/account.h"
#include "configure/write.h"

/* Whether a line "account NAME" defines an account of that name. */
bool configure_check_name(const char *name, const struct user *user);
/* Whether `user` and `from` can be the address.  Errors: ERROR_ADDRESS. */
bool configure_check_address(const char *address, const struct user *user,
    struct error *err);
/* Whether a line "user LOGIN" sets that user. */
bool configure_check_user(const char *login, const struct user *user);

/* What the text of an account must say; borrowed. */
struct configure_expected {
	const char *name;
	const char *address; /* the value of `from` */
	const char *host;    /* the first one */
	const char *login;   /* or NULL: any, as below */
	const char *passwordeval;
};

/* Whether the text defines this account only.  Errors: ERROR_USAGE. */
bool configure_check_account(const struct configure_expected *e,
    const struct str *text, const struct user *user, struct error *err);
/*
 * Reads the file of the target, and runs no command of it.  Appends the account,
 * with its place, that mail from the address uses even with another account at
 * the end of the file.  Errors, only if the file will be written: ERROR_CONFIG if
 * it has an error already.
 */
bool configure_check_file(const struct configure_target *target,
    const char *address, struct str *first, struct error *err);

/* Appends the address as `from` takes it. */
void configure_add_from(struct str *out, const char *address);

#endif
