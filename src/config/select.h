/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Selects the account through which a message is sent.
 */
#ifndef VEREDUS_CONFIG_SELECT_H
#define VEREDUS_CONFIG_SELECT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/file.h"

enum selection_reason {
	SELECTED_BY_NAME,
	SELECTED_BY_FROM,   /* one of its `from` matches the sender */
	SELECTED_BY_DEFAULT /* none was named, and none matches */
};

struct selection {
	const struct settings *settings; /* belongs to the config */
	enum selection_reason reason;
	const char *from; /* of SELECTED_BY_FROM, as written; borrowed */
	bool shortened;   /* `from` matches the sender without its +detail */
};

/*
 * Selects the account with the given name (-a).  Without a name: the first
 * account with a `from` that matches the sender, if there is one (from -f or the
 * From header; may be NULL), else the account "default".  Errors: ERROR_CONFIG,
 * with the files that were read and the accounts in them.
 */
bool config_select(const struct config *config, const struct user *user,
    const char *name, const char *sender, struct selection *selection,
    struct error *err);

/* Whether config_select() with that name (NULL: none) may select the account
 * for a sender. */
bool config_may_select(const struct config *config,
    const struct settings *account, const char *name);

#endif
