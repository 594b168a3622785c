/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --queue-check: the queue as a plugin of Nagios and its successors sees it.
 */
#ifndef VEREDUS_MODES_QUEUE_CHECK_H
#define VEREDUS_MODES_QUEUE_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Appends "QUEUE OK - 3 messages, oldest 5m | queued=3 oldest=300s;3600;14400".
 * The operands are two numbers of messages or two ages: a warning and a critical
 * limit, which count when they are reached; without them, the ages are one hour
 * and queue_warn of the account "default".  context->exit_status becomes 0, 1
 * or 2.  Messages on hold count, but not their age.
 *
 * Finds the user and reads the configuration itself: every error of its own is a
 * line "QUEUE UNKNOWN", and the status 3, as for other plugins.
 */
bool queue_check(struct context *context, struct str *out, struct error *err);

#endif
