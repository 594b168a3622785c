/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which account a message goes through.
 */
#ifndef VEREDUS_CONFIG_CHOOSE_H
#define VEREDUS_CONFIG_CHOOSE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"
#include "config/file.h"

enum choice_reason {
	CHOICE_BY_NAME,
	CHOICE_BY_FROM,    /* what it is from fits the sender */
	CHOICE_BY_DEFAULT, /* no other one was asked for, or fits */
};

struct choice {
	const struct settings *settings; /* of the config */
	enum choice_reason reason;
	const char *from; /* as written, of CHOICE_BY_FROM; borrowed */
	bool shortened;   /* it fits the sender without its +detail */
};

/*
 * The account of that name (-a) if one is given, else the first that has a
 * `from` for the sender (given with -f or found in the From header; NULL:
 * none was), else "default".  Errors: ERROR_CONFIG, with the files that were
 * read and the accounts that they hold.
 */
bool config_choose(const struct config *config, const struct user *user,
    const char *name, const char *sender, struct choice *choice,
    struct error *err);

#endif
