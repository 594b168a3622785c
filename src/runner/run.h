/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A queue run: attempts to deliver the messages that are due.
 */
#ifndef VEREDUS_RUNNER_RUN_H
#define VEREDUS_RUNNER_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Runs the queue of the configuration, which has been read, for the messages
 * that the command line selects.  Appends a line for each attempt to out, unless
 * it is NULL; further processes print their lines to standard output.
 * Errors: ERROR_FILE if the queue cannot be read; ERROR_INTERRUPTED.
 */
bool queue_run(struct context *context, struct str *out, struct error *err);

#endif
