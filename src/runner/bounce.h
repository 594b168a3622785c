/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Returns what a queued message could not be delivered to, and tells of delays.
 */
#ifndef VEREDUS_RUNNER_BOUNCE_H
#define VEREDUS_RUNNER_BOUNCE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"
#include "queue/file.h"
#include "queue/folder.h"
#include "runner/settle.h"

/*
 * Tells the sender in one notice, as NOTIFY asks for it, which recipients have
 * failed or were relayed to since the last one, and of a delay that is due.  The
 * notice is queued like a message.  If the sender cannot be told of a failure,
 * it goes to bounce_to; without that, or if the message loops, the message moves
 * to failed/ when no recipient waits.
 * Errors: those of queue_create().
 */
bool queue_bounce(struct queue_file *file, const struct settle_params *params,
    struct error *err);

/* Whether the sender is told if a server without DSN takes the message for the
 * recipient (RFC 3461 section 5.2.2). */
bool queue_wants_relayed(const struct queue_entry *entry,
    const struct queue_recipient *r);
/*
 * Queues the notice for a message that was never queued, about the recipients
 * of the entry that are RELAYED.  Errors: those of queue_create().
 */
bool queue_tell_relayed(struct queue_folder *folder,
    const struct queue_entry *entry, const struct message *m,
    const struct settle_params *params, struct error *err);

#endif
