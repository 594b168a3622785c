/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The state of the queue for a monitoring system: how much waits, for how long,
 * and whether somebody must do something.
 */
#ifndef VEREDUS_MODES_QUEUE_STATE_H
#define VEREDUS_MODES_QUEUE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/strv.h"
#include "config/file.h"
#include "modes/context.h"

struct queue_state {
	uint64_t count;        /* messages in queue/ and hold/ */
	uint64_t failed;       /* in failed/ */
	uint64_t oldest;       /* seconds; messages on hold do not count */
	struct str reason;     /* why the oldest has not been delivered */
	struct str help;       /* why an administrator must do something */
	struct str help_about; /* the message or the destination */
	struct strv warnings;  /* files that cannot be used */
};

/*
 * Fills an empty struct; a queue that does not exist is empty.  The configuration
 * was read.  Errors: those of queue_open() and queue_walk().
 */
bool queue_state_read(const struct context *context, struct queue_state *state,
    struct error *err);
void queue_state_free(struct queue_state *state);

/*
 * Sets the ages, in seconds, from which the oldest message is a warning or
 * critical: one hour, and queue_warn of the account "default", because a sender
 * is told then.
 */
void queue_state_limits(const struct config *config, uint64_t *warning,
    uint64_t *critical);
/* Appends an age in the largest unit of which it has at least one: "5m". */
void queue_state_add_age(struct str *out, uint64_t seconds);

#endif
