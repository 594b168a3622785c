/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logins and passwords out of files in the format of ftp's .netrc.
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
	const char *login; /* or NULL: any */
};

struct netrc_entry {
	char *login;            /* or NULL */
	struct secret password; /* perhaps not set */
};

/*
 * Finds the first entry for the machine (or the default one) that has a
 * password, and the login if one is asked for.  An entry without a login fits
 * any.  Without one the entry stays empty; the caller frees it.
 * Errors: ERROR_CONFIG, "FILE:LINE: ..." and never a word of the file.
 */
bool netrc_find(const struct netrc_query *query, const struct str *text,
    struct netrc_entry *entry, struct error *err);

void netrc_entry_free(struct netrc_entry *entry);

#endif
