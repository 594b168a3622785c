/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration files: accounts, their inheritance, and what is wrong in
 * the files.  Knows neither what a setting means (option.h) nor which
 * account is wanted (select.h).
 */
#ifndef VEREDUS_CONFIG_FILE_H
#define VEREDUS_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strv.h"
#include "base/user.h"
#include "config/settings.h"

struct config_sources {
	const char *user_file;   /* or NULL: none */
	bool user_must_exist;    /* it was given with -C */
	const char *system_file; /* or NULL: none */
	const struct user *user; /* owns the user's file; "~/" is its home */
};

struct config {
	struct settings **accounts; /* the user's, then the system's */
	size_t count;
	struct strv files;  /* that were read */
	struct strv absent; /* that were looked for */
	struct strv errors; /* "FILE:LINE: message", one for each */
	struct strv notes;  /* the same form, for the log */
};

/* SYSCONFDIR/veredus.conf. */
const char *config_system_file(void);
/*
 * $XDG_CONFIG_HOME/veredus.conf if the user owns that folder, else
 * HOME/.config/veredus.conf; NULL without a home.  The caller frees.
 */
char *config_user_file(const struct user *user);

/*
 * Reads both files.  All errors are gathered in config->errors; if there are
 * any, err is ERROR_CONFIG with the first one and their number, and the
 * accounts are not to be used.
 */
bool config_read(struct config *config, const struct config_sources *sources,
    struct error *err);
void config_free(struct config *config);

#endif
