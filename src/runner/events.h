/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The results of a delivery as events of the journal.
 */
#ifndef VEREDUS_RUNNER_EVENTS_H
#define VEREDUS_RUNNER_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strv.h"
#include "mail/envelope.h"
#include "queue/journal.h"

/* Events with the texts that they borrow; { 0 } is an empty list. */
struct queue_events {
	struct queue_event *items;
	size_t count;
	size_t size;
	struct strv texts;
};

/* Returns the time in milliseconds since 1970. */
int64_t queue_now(void);

/* Adds an event without a result. */
void queue_events_add(struct queue_events *events, enum queue_event_type type,
    int64_t time);
/* Adds the time of the next attempt. */
void queue_events_add_next(struct queue_events *events, int64_t time,
    int64_t next);
/*
 * Adds the result of a recipient, which is DELIVERED or FAILED; `index` is its
 * index in the entry.
 */
void queue_events_add_result(struct queue_events *events, size_t index,
    const struct recipient *recipient, int64_t time);
void queue_events_free(struct queue_events *events);

#endif
