/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pauses of destinations, for a process that sends the message of a caller.
 */
#ifndef VEREDUS_RUNNER_CALLER_PAUSE_H
#define VEREDUS_RUNNER_CALLER_PAUSE_H

#include <stdbool.h>

#include "modes/context.h"

/* Whether all recipients of the submission are of destinations that have a
 * pause. */
bool caller_is_paused(const struct context *context);
/* Returns the seconds that a caller waits: in a pause, no longer than for a
 * connection. */
unsigned caller_wait(const struct context *context);
/*
 * Begins or ends the pauses of the destinations after an attempt at the
 * submission, and tells of a failed login (alert.h).  Returns whether the
 * message is due after the pause that it waits for, as in OUTCOME_PAUSED.
 */
bool caller_note_attempt(const struct context *context);
/*
 * Ends the pauses of the account, whichever way a caller may name its file: what
 * waits goes out in the next run.  Returns whether there were any.
 */
bool caller_end_pauses(const struct context *context);

#endif
