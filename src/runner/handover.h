/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The steps by which the queue becomes responsible for the current submission.
 */
#ifndef VEREDUS_RUNNER_HANDOVER_H
#define VEREDUS_RUNNER_HANDOVER_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/envelope.h"
#include "modes/context.h"
#include "runner/enqueue.h"

/* Seconds for the reply that is due when a signal arrives. */
#define HANDOVER_GRACE 10

struct handover {
	struct context *context;
	struct queued queued;
	bool is_queued;
	bool in_background; /* this process has no caller any more */
	int session_plus_1; /* a descriptor of queue_session_begin() */
	unsigned wait;      /* seconds that the caller waits */
};

struct envelope *handover_envelope(const struct handover *h);

/* ---- what is kept ---- */

/*
 * Whether the queue keeps the message for some recipient.  With `partial off`, a
 * recipient that is refused for good is the end of the message for all of them:
 * the caller sends it again to all.
 */
bool handover_keeps_some(const struct context *context);
/* Returns the first failure that the queue keeps the message for, or NULL. */
const struct error *handover_first_kept(const struct envelope *e);
/* Sets why the message is queued, for the report. */
void handover_set_reason(struct handover *h, const struct error *reason);

/* The same for a caller that has waited for long enough. */
void handover_set_waited(struct handover *h);

/* ---- queueing ---- */

/*
 * Queues the message for all recipients that it can keep it for.
 * Errors: those of enqueue(), which the report gets, too.
 */
bool handover_put(struct handover *h, struct error *err);
/* Queues the message without an attempt.  Errors: those of enqueue(), for all
 * recipients. */
bool handover_later(struct handover *h, struct error *err);
/* Makes the recipients of the file QUEUED. */
void handover_mark_queued(struct handover *h);
/*
 * Queues the notice for recipients with NOTIFY=SUCCESS that were delivered to
 * and are not in the file of the message, as far as it is queued.
 */
void handover_tell_relayed(const struct handover *h);

#endif
