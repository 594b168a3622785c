/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which account a message goes through.
 */
#ifndef VEREDUS_CONFIG_SELECT_H
#define VEREDUS_CONFIG_SELECT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/file.h"

enum selection_reason {
	SELECTED_BY_NAME,
	SELECTED_BY_FROM,    /* what it is from fits the sender */
	SELECTED_BY_DEFAULT, /* no other one was asked for, or fits */
};

struct selection {
	const struct settings *settings; /* of the config */
	enum selection_reason reason;
	const char *from; /* as written, of SELECTED_BY_FROM; borrowed */
	bool shortened;   /* it fits the sender without its +detail */
};

/*
 * The account of that name (-a) if one is given, else the first that has a
 * `from` for the sender (given with -f or found in the From header; NULL:
 * none was), else "default".  Errors: ERROR_CONFIG, with the files that were
 * read and the accounts that they hold.
 */
bool config_select(const struct config *config, const struct user *user,
    const char *name, const char *sender, struct selection *choice,
    struct error *err);

#endif
