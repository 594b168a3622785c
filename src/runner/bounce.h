/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Returns what a queued message could not be delivered to, and tells of delays.
 */
#ifndef VEREDUS_RUNNER_BOUNCE_H
#define VEREDUS_RUNNER_BOUNCE_H

#include <stdbool.h>

#include "base/error.h"
#include "queue/file.h"
#include "runner/settle.h"

/*
 * Tells the sender of the recipients that have failed since the last notice, or
 * of a delay that is due.  A notice is queued like a message.  Without anybody
 * to tell, it goes to bounce_to; without that, the message moves to failed/.
 * Errors: those of queue_create().
 */
bool queue_bounce(struct queue_file *file, const struct settle_params *params,
    struct error *err);

#endif
