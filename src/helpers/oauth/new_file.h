/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file of the token store that is about to be replaced.  Room for it is taken
 * before the provider is asked, because a refresh token that cannot be written
 * may be the only one that is valid.
 */
#ifndef VEREDUS_HELPERS_OAUTH_NEW_FILE_H
#define VEREDUS_HELPERS_OAUTH_NEW_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "oauth/failure.h"
#include "oauth/fields.h"
#include "oauth/params.h"

/* { 0 } is no file. */
struct new_file {
	char *path;
	char *temporary; /* NULL: there is none */
	int fd;
};

/* Makes the temporary file, with room, in the folder.  Failures: OAUTH_CONFIG,
 * OAUTH_SPACE, OAUTH_TEMPORARY. */
bool new_file_prepare(struct new_file *file, const struct oauth_params *p,
    const char *suffix, struct oauth_failure *failure);
/* Whether a file could be made: the same, and nothing is left. */
bool new_file_try(const struct oauth_params *p, struct oauth_failure *failure);
/* Writes the object, and replaces the file, so that a crash leaves the old or the
 * new one.  Failures: the same. */
bool new_file_commit(struct new_file *file, const struct record *record,
    const void *object, struct oauth_failure *failure);
/* Removes the temporary file, if there still is one. */
void new_file_free(struct new_file *file);

/* Removes the temporary files that killed processes left for the account.  The
 * caller has the lock; another host may be at work, so young files are kept. */
void new_file_clean(const struct oauth_params *p);

#endif
