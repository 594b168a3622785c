/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mode --configure.
 */
#ifndef VEREDUS_CONFIGURE_RUN_H
#define VEREDUS_CONFIGURE_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Appends the account for the address of the command line, with --write after it
 * is in the user's file.  Reads no setting from a file, because the output becomes
 * one.  Errors: those of the functions in configure.h, configure_keyring.h and
 * configure_write.h; ERROR_INPUT if the account is written, but nobody can be told.
 */
bool configure_run(struct context *context, struct str *out, struct error *err);

#endif
