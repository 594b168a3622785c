/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a queued message is tried again, when its sender is told of the delay,
 * and when it is returned (RFC 5321 section 4.5.4.1).
 */
#ifndef VEREDUS_QUEUE_SCHEDULE_H
#define VEREDUS_QUEUE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/entry.h"

/* Durations are in seconds, times in milliseconds since 1970. */
struct queue_schedule {
	unsigned first_pause;   /* after the first attempt */
	unsigned longest_pause; /* not less than first_pause */
	unsigned lifetime;      /* then the message is returned */
	unsigned warn_after; /* then the sender gets a delay notice; 0: none */
};

/* Returns the pause after so many failed attempts, in milliseconds: it doubles
 * with each of them. */
int64_t queue_pause_after(const struct queue_schedule *schedule,
    unsigned attempts);
/*
 * Returns the time of the next attempt after one that failed at `now`: the
 * pause doubles with each attempt, and differs by up to a fifth from one
 * message to another, so that messages that failed together are not all tried
 * at once.
 */
int64_t queue_next_attempt(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now);
/*
 * Whether it is time for an attempt.  A time that is further away than any
 * pause is the result of a clock that was wrong, and does not count.
 */
bool queue_is_due(const struct queue_schedule *schedule, int64_t next_attempt,
    int64_t now);
/* Returns a time to wait for that queue_is_due() believes. */
int64_t queue_wait_until(const struct queue_schedule *schedule, int64_t when,
    int64_t now);
/* Whether the message is returned if this attempt fails, too. */
bool queue_is_expired(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now);
/* Whether the sender gets a delay notice now. */
bool queue_must_warn(const struct queue_schedule *schedule,
    const struct queue_entry *entry, int64_t now);

#endif
