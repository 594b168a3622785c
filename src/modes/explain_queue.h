/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What --explain and --pretend say about the queue.
 */
#ifndef VEREDUS_MODES_EXPLAIN_QUEUE_H
#define VEREDUS_MODES_EXPLAIN_QUEUE_H

#include "base/str.h"
#include "modes/context.h"
#include "modes/explanation.h"

/*
 * Appends what becomes of a message that cannot be delivered: whether the queue
 * keeps it, what decides that, the folder of the queue and whether it can be
 * used, the schedule, and the file of dead letters.  Creates nothing.
 */
void explain_queue(const struct context *context, struct explanation *x);
/* Appends a line "delivery = TEXT" if the message is queued before the first
 * attempt. */
void pretend_queue(const struct context *context, struct str *out);

#endif
