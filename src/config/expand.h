/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of the user and of the host in the values of settings.
 */
#ifndef VEREDUS_CONFIG_EXPAND_H
#define VEREDUS_CONFIG_EXPAND_H

#include <stdbool.h>

#include "base/error.h"
#include "base/user.h"

/* The letters that stand for a name after "%". */
#define EXPAND_LETTERS "UHCM"

/*
 * Replaces %U by the user's login name, %H by the host's name, %C by its fully
 * qualified name, %M by the first line of /etc/mailname, and %% by a percent
 * sign.  The caller frees *out.  Errors: ERROR_CONFIG if the host does not have
 * the name.
 */
bool expand_names(const char *text, const struct user *user, char **out,
    struct error *err);

#endif
