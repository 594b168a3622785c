/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sends or queues the complete submission of a client of -bs.  This process goes
 * on with the client whatever becomes of the message.
 */
#ifndef VEREDUS_RUNNER_CLIENT_H
#define VEREDUS_RUNNER_CLIENT_H

#include <stdbool.h>

#include "base/error.h"
#include "modes/context.h"

struct client_attempt {
	/* Sends the message in the session that is open. */
	bool (*send)(void *ctx, struct error *err);
	/* Another process goes on with the session: puts the descriptor, which
	 * stays the caller's, in place of the connection in this process. */
	void (*leave)(void *ctx, int fd);
	/* Ends the session, in that process. */
	void (*close)(void *ctx);
	void *ctx;
};

/*
 * With `queue on`: makes the attempt, and leaves it to a process in the background
 * after queue_wait.  Queues the message for the recipients whose failure the
 * queue keeps, as client_keep().  Does not return in that process.
 */
bool client_send(struct context *context, const struct client_attempt *attempt,
    struct error *err);
/*
 * After an attempt: queues the submission for the recipients whose failure the
 * queue keeps, and removes the error; but not if the error is of a kind that is
 * told.  Errors: the given one; if the message cannot be queued, the failure of
 * such a recipient.
 */
bool client_keep(struct context *context, struct error *err);
/*
 * Queues the submission before the first attempt, which another process makes,
 * if the mode wants one.  If the message cannot be queued, `queue always` makes
 * the attempt here.  Errors: those of submit().
 */
bool client_queue(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err);

#endif
