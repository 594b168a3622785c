/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The attempt at the current submission for which the queue is responsible, or
 * becomes it when the attempt has failed.
 */
#ifndef VEREDUS_RUNNER_HANDOVER_ATTEMPT_H
#define VEREDUS_RUNNER_HANDOVER_ATTEMPT_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/error.h"
#include "runner/handover.h"

/* Records that the attempt begins.  Errors: those of queue_file_append(). */
bool handover_record_attempt(struct handover *h, struct error *err);
/*
 * The same for an attempt in the background, unless enough of them are under
 * way, or the destination has a pause: then the next queue run makes it.
 */
bool handover_begin_attempt(struct handover *h, struct error *err);
/* Records an attempt that has ended, without waiting for the disk: without the
 * journal, the message is due at once. */
void handover_record_results(struct handover *h);
/*
 * Queues the message after an attempt whose end the caller has seen; the reason
 * is that of handover_first_kept().  If it can be queued, err becomes the result
 * of the other recipients.
 */
bool handover_keep_failed(struct handover *h, const struct error *reason,
    struct error *err);
/*
 * Call this in the process in the background.  From now on a signal leaves it ten
 * seconds for the reply that is due: whoever ends all processes of a service
 * shall not make it send the message twice.  Forgets the notes, which the process
 * of the caller logs.
 */
void handover_enter_background(struct handover *h);
/* In the process in the background: settles the message, writes the log line and
 * ends the process. */
ATTR_NORETURN void handover_end_background(struct handover *h,
    const struct error *result);
/*
 * Settles a message for which there was no process in the background.  Returns
 * true if it waits in the queue, otherwise whether the attempt was `ok`.
 */
bool handover_end_in_foreground(struct handover *h, bool ok);

#endif
