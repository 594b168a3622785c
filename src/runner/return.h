/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --queue-return: messages are returned before they expire.
 */
#ifndef VEREDUS_RUNNER_RETURN_H
#define VEREDUS_RUNNER_RETURN_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Returns the messages that the operands name to their senders, those on hold,
 * too.  Each has a line in the log.  The notices are in the queue, and leave with
 * the next queue run.
 * Errors: those of queue_open() and queue_command_run(); ERROR_MESSAGE for a
 * message that nobody could be told of, and that is in failed/ now.
 */
bool queue_return(struct context *context, struct error *err);

#endif
