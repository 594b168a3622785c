/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The token store: a folder with mode 0700 and three files with mode 0600 for
 * each account.  NAME.grant has the refresh token, NAME.access the access token;
 * NAME.lock is locked while a token is being renewed, and notes the last failure
 * (oauth/failure.h).  All belong to the user, and none is a link.
 */
#ifndef VEREDUS_OAUTH_STORE_H
#define VEREDUS_OAUTH_STORE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/file.h"
#include "base/str.h"
#include "base/user.h"
#include "oauth/params.h"
#include "oauth/token.h"

#define OAUTH_GRANT_SUFFIX ".grant"
#define OAUTH_ACCESS_SUFFIX ".access"
#define OAUTH_LOCK_SUFFIX ".lock"

/*
 * Appends NAME: the user and the host of the token URL, percent-encoded, and a
 * digest of the token URL, the client ID and the scope, so that accounts that
 * share nothing else never share a token.  Errors: ERROR_CONFIG if a file name
 * would be too long.
 */
bool oauth_store_name(const struct oauth_params *p, struct str *name,
    struct error *err);

/* The path of the account's file with that suffix; NULL after an error.  The
 * caller frees it. */
char *oauth_store_path(const struct oauth_params *p, const char *suffix,
    struct error *err);

/* The folder for a user without the setting; the caller frees it. */
char *oauth_store_default(const struct user *u);

/*
 * Checks that the folder is one, belongs to the owner, and is closed to others.
 * *absent: there is none, which is no error.  Errors: ERROR_CONFIG, ERROR_FILE.
 */
bool oauth_store_check(const char *folder, uid_t owner, bool *absent,
    struct error *err);

/* What a file of the store must be, when its descriptor or path was looked at:
 * as the folder, and without a second name.  Errors: ERROR_CONFIG. */
bool oauth_store_check_file(const char *path, const struct file_info *info,
    uid_t owner, struct error *err);

/*
 * Appends the whole text of a file to an empty text, which the caller wipes, and
 * checks the folder and the file.  *absent: there is none.  Errors: ERROR_CONFIG,
 * ERROR_FILE.
 */
bool oauth_store_read(const struct oauth_params *p, const char *suffix,
    uid_t owner, struct str *text, bool *absent, struct error *err);

/*
 * Reads the access token into an empty struct.  *found is false if there is none,
 * or if the file is damaged or belongs to something else: then a refresh replaces
 * it.  Errors: ERROR_CONFIG and ERROR_FILE, if the folder or the file is not safe
 * or cannot be read.
 */
bool oauth_store_read_access(const struct oauth_params *p, uid_t owner,
    struct oauth_access *access, bool *found, struct error *err);

#endif
