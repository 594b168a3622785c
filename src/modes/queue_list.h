/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * -bp and --queue-list: the messages in the queue.
 */
#ifndef VEREDUS_MODES_QUEUE_LIST_H
#define VEREDUS_MODES_QUEUE_LIST_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "modes/context.h"

/*
 * Writes the listing of Postfix's mailq to standard output, oldest first; with
 * -v also the attempts.  With --json, one object a line, also for the messages
 * in failed/.  The messages in the caller's own queue come first, and then those
 * in the queue of the service, if the account is one of it.  The end of the
 * output is in `out`.
 * Errors: those of queue_open(), queue_walk(), queue_of_service_read() and
 * output_flush().
 */
bool queue_list(struct context *context, struct str *out, struct error *err);

#endif
