/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads the configuration files: their accounts, the inheritance between them,
 * and their errors.  option.h knows the settings, select.h selects an account.
 */
#ifndef VEREDUS_CONFIG_FILE_H
#define VEREDUS_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/string_index.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/settings.h"

struct config_sources {
	const char *user_file; /* or NULL: none */
	bool user_must_exist;  /* the file was given with -C */
	bool user_yields;      /* not read if the system file locks "default" */
	const char *system_file; /* or NULL: none */
	/* The file of --service, the only one then: a secret that belongs to
	 * the service or to root, with the service's group; or NULL. */
	const char *service_file;
	const struct user *user; /* owns user_file; "~/" is the home */
	bool without_commands;   /* no command of eval runs */
};

struct config {
	struct settings **accounts; /* locked ones, then the user's, then the
	                             * other ones of the system */
	size_t count;
	size_t size;               /* room in accounts */
	struct string_index names; /* of the accounts */
	struct strv files;         /* the files that were read */
	struct strv absent;        /* the files that do not exist */
	struct strv errors;        /* "FILE:LINE: message" */
	struct strv error_files;   /* the file of each of them */
	bool has_common_error;     /* one may concern every account */
	struct strv notes;         /* the same, for the log */
	/* The place of the first error that may be about the queue, "FILE:LINE"
	 * or a whole file; or NULL. */
	char *queue_error;
};

/* SYSCONFDIR/veredus.conf. */
const char *config_system_file(void);
/* SYSCONFDIR/veredus/service.conf. */
const char *config_service_file(void);
/*
 * Returns $XDG_CONFIG_HOME/veredus.conf if the user owns that folder, else
 * ~/.config/veredus.conf, or NULL without a home.  The caller frees the result.
 */
char *config_user_file(const struct user *user);

/*
 * Reads both files into an empty struct.  After errors, config->errors has all of
 * them, err has the first one and their number, and the accounts must not be
 * used.  Errors: ERROR_CONFIG; ERROR_SECRET if a later attempt may succeed.
 */
bool config_read(struct config *config, const struct config_sources *sources,
    struct error *err);
/* The same for a text that will be part of the user's file. */
bool config_read_text(struct config *config, const struct str *text,
    const struct user *user, struct error *err);
/*
 * Returns the locked account of that name, or NULL.  It is in the system file,
 * and a user's file that defines it as well is an error.
 */
const struct settings *config_find_locked(const struct config *config,
    const char *name);
/* Returns the account of that name, or NULL. */
const struct settings *config_find(const struct config *config,
    const char *name);
/*
 * Returns the account of that name whose lines, or those that it inherits from,
 * have an error; or NULL.  A name that is defined twice stands for both accounts.
 */
const struct settings *config_find_wrong(const struct config *config,
    const char *name);
/* Removes the accounts that keep() is false for, and returns their number. */
size_t config_restrict(struct config *config,
    bool (*keep)(void *ctx, const struct settings *account), void *ctx);
/*
 * Returns the line on which the file defines the account, or 0.  The file need
 * not be valid, no command of it runs, and a file that cannot be read defines
 * nothing.
 */
unsigned config_file_defines(const char *path, const char *name);
void config_free(struct config *config);

#endif
