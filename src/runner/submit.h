/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends the current submission, or leaves it to the queue of its account.
 */
#ifndef VEREDUS_RUNNER_SUBMIT_H
#define VEREDUS_RUNNER_SUBMIT_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"
#include "queue/params.h"

/* Whether the submission is queued before the first attempt; it is the mode's
 * business then to start the lookup of the host. */
bool submission_is_queued_first(const struct context *context);

/*
 * Makes an attempt to deliver the complete submission, as `attempt` does; queues
 * it before, in place of, or after the attempt, as the mode says.  Recipients
 * that the queue is responsible for are QUEUED, and context->queue_id is set.
 * Does not return in a process that went on in the background.
 * Errors: those of the attempt for all other recipients; with a message that
 * could not be queued, both reasons.
 */
bool submit(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err);

#endif
