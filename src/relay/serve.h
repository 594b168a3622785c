/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SMTP on standard input and output (-bs): every step of the client is taken
 * to the account's server at once, so that what it hears are that server's
 * own words.
 */
#ifndef VEREDUS_RELAY_SERVE_H
#define VEREDUS_RELAY_SERVE_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Greets before anything else is done; configuration and server are looked
 * for when the first sender is known, who chooses the account.  Each message
 * has its line in the log.  True when all that was begun has had its answer,
 * good or bad; else the errors of server_run(), and ERROR_NO_INPUT.
 */
bool serve(struct context *context, struct error *err);

#endif
