/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --queue-delete, --queue-hold, --queue-release and --queue-requeue.
 */
#ifndef VEREDUS_MODES_QUEUE_MANAGE_H
#define VEREDUS_MODES_QUEUE_MANAGE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Does what the mode says with the messages that the operands name, and writes
 * a line to the system log for each of them.  The changes are on the disk when
 * this returns.  Prints nothing.
 * Errors: those of queue_open(), queue_command_run(), config_select() for the
 * account of -a, queue_replace() and queue_folder_sync().
 */
bool queue_manage(struct context *context, struct str *out, struct error *err);

#endif
