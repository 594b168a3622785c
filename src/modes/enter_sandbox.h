/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sandbox of a process that speaks to the servers of one account.
 */
#ifndef VEREDUS_MODES_ENTER_SANDBOX_H
#define VEREDUS_MODES_ENTER_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "modes/context.h"

/*
 * Gives up what the rest of the run does not need, as the account says.  The
 * message, the login and the files for TLS are in memory, and
 * context_delivery_params() was called; afterwards this process can neither read
 * the configuration again nor run a command.  Makes what must exist by then: the
 * log file and the folders of the queue, of the dead letter and of the policies.
 * Errors: ERROR_CONFIG if the account requires what the kernel lacks.
 */
bool context_enter_sandbox(const struct context *context, struct error *err);

/*
 * The same for a process of a queue run that sends for this account alone.
 * `folder` is that of the queue, and `largest` the size that a message has at
 * most.
 */
bool context_enter_sandbox_of_run(const struct context *context,
    const char *folder, uint64_t largest, struct error *err);

/*
 * The same for a session of -bs or --service, before it reads from its client:
 * allows what all accounts of context->monitor need together, the folder for
 * large messages (NULL: the usual ones), and the queue that the client may list
 * (NULL: none).  Without accounts, the process can only list, reply and log.  The
 * sandbox is off if all accounts say so, and required if one of them says so.
 */
bool context_enter_sandbox_of_client(const struct context *context,
    const char *folder, const char *listed_queue, struct error *err);

#endif
