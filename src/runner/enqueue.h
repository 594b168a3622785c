/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts the current submission into the queue of its account.
 */
#ifndef VEREDUS_RUNNER_ENQUEUE_H
#define VEREDUS_RUNNER_ENQUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "modes/context.h"
#include "queue/file.h"
#include "queue/folder.h"

/* A message that was queued. */
struct queued {
	struct queue_folder folder;
	struct queue_file file; /* locked */
	/* For each recipient of the file, its index in the envelope of the
	 * submission. */
	size_t *indexes;
};

/* Returns the path of the file of -C, or NULL: a queue run finds the others as
 * this process did.  The caller frees it. */
char *enqueue_configuration(const struct cmdline *cmdline);
/*
 * Whether a message of the account could be queued now: the folder can be used,
 * and its limits are not reached.  Errors: those of queue_folder_open(),
 * queue_usage_add().
 */
bool enqueue_is_possible(const struct context *context, struct error *err);
/*
 * Queues the message for the recipients that `members` has; the submission must
 * be complete.  When this returns true, the queue is responsible for them.
 * Errors: those of queue_folder_open(), queue_usage_add(), queue_create().
 */
bool enqueue(struct queued *q, const struct context *context,
    const bool *members, struct error *err);
/*
 * Queues the notice for those who have asked for it that a server without DSN
 * has the message, which is not queued for them.  `members` are recipients that
 * were delivered to.  Errors: those of queue_folder_open(), queue_create().
 */
bool enqueue_relayed(const struct context *context, const bool *members,
    struct error *err);
/* Unlocks the file. */
void queued_close(struct queued *q);

#endif
