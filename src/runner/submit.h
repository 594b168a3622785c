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

/* What the account and the options -od of the caller want; off without a
 * configuration file and without a folder for the queue. */
enum queue_mode submission_queue_mode(const struct context *context);

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

/*
 * For the client of -bs, whose submission has had its attempt: queues the notice
 * that a server without DSN has it for recipients with NOTIFY=SUCCESS.
 */
void submission_tell_relayed(struct context *context);
/*
 * For the client of -bs, whose submission has had its attempt: queues it for the
 * recipients whose failure the queue keeps, and removes the error; but not if
 * the error is of a kind that is told.  Errors: the given one; if the message
 * cannot be queued, the failure of such a recipient.
 */
bool submission_keep(struct context *context, struct error *err);
/*
 * For the client of -bs: queues the complete submission before the first
 * attempt, which another process makes, if the mode wants one.  If the message
 * cannot be queued, `always` makes the attempt here.  Errors: those of submit().
 */
bool submission_queue(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err);

#endif
