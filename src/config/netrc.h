/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Logins and passwords out of files in the format of ftp's .netrc.
 */
#ifndef VEREDUS_CONFIG_NETRC_H
#define VEREDUS_CONFIG_NETRC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/secret.h"

struct netrc_entry {
	char *login;            /* or NULL */
	struct secret password; /* perhaps not set */
};

/*
 * Finds the first entry for the machine (or the default one) that has a
 * password, and the login if one is asked for.  An entry without a login fits
 * any.  *found tells whether there was one; the caller frees the entry.
 * Errors: ERROR_CONFIG, "FILE:LINE: ..." and never a word of the file.
 */
bool netrc_find(const char *file, const char *text, size_t len,
    const char *machine, const char *login, struct netrc_entry *entry,
    bool *found, struct error *err);

void netrc_entry_free(struct netrc_entry *entry);

#endif
