/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds logins and passwords in files in the format of ftp's .netrc.
 */
#ifndef VEREDUS_CONFIG_NETRC_H
#define VEREDUS_CONFIG_NETRC_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/str.h"

struct netrc_query {
	const char *file; /* for errors */
	const char *machine;
	const char *login; /* NULL: any */
};

struct netrc_entry {
	char *login;            /* or NULL */
	struct secret password; /* may be unset */
};

/*
 * Finds the first entry for the machine, or the default entry, that has a
 * password and matches the login, if one is asked for.  An entry without a login
 * matches any.  If there is none, the entry stays empty.  The caller frees the
 * entry.  Errors: ERROR_CONFIG, "FILE:LINE: ...", without a word of the file.
 */
bool netrc_find(const struct netrc_query *query, const struct str *text,
    struct netrc_entry *entry, struct error *err);

void netrc_entry_free(struct netrc_entry *entry);

#endif
