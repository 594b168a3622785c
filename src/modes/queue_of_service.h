/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of the caller that wait in the queue of the service of this host.
 */
#ifndef VEREDUS_MODES_QUEUE_OF_SERVICE_H
#define VEREDUS_MODES_QUEUE_OF_SERVICE_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"
#include "queue/listing.h"

/*
 * Whether the caller's messages go to a Unix socket: `socket` is the server of
 * the account of -a, or of the account "default".  Not with --service and
 * --queue-dir, which name a queue.
 */
bool queue_of_service_is_used(const struct context *context);
/*
 * Asks the server at the socket of that account, which must have been selected,
 * for the messages.  root gets those of all users.  The warnings of the server are
 * added to those of the submission.
 * Errors: those of context_prepare_connection(), xqueue_read() and
 * queue_listing_read().
 */
bool queue_of_service_read(struct context *context, queue_item_visitor *visit,
    void *ctx, struct error *err);

#endif
