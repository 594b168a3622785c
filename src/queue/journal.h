/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal of a queued message: what happened to it, in lines that are only
 * ever appended.  Each line begins with the checksum of its rest, so that a
 * line that was written in part is recognized.
 */
#ifndef VEREDUS_QUEUE_JOURNAL_H
#define VEREDUS_QUEUE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "queue/entry.h"

enum queue_event_type {
	QUEUE_EVENT_ATTEMPT,   /* an attempt began */
	QUEUE_EVENT_DELIVERED, /* results of one recipient */
	QUEUE_EVENT_RELAYED,   /* delivered, and the sender is to be told */
	QUEUE_EVENT_FAILED,
	QUEUE_EVENT_DEFERRED,
	QUEUE_EVENT_RETURNED, /* the sender was told of a recipient's result */
	QUEUE_EVENT_NEXT,     /* when the next attempt is due */
	QUEUE_EVENT_WARNED,   /* the sender has got a delay notice */
	QUEUE_EVENT_DONE,     /* nothing is left to do */
	QUEUE_EVENT_NOTICE,   /* tmp/ has the notice that tells the sender */
	QUEUE_EVENT_TYPES
};

/* Times are milliseconds since 1970; text is borrowed. */
struct queue_event {
	enum queue_event_type type;
	int64_t time;
	/* Of the results: */
	size_t recipient; /* its index in the entry */
	struct smtp_status status;
	const char *host;   /* the server, or NULL */
	const char *reason; /* or NULL; cleaned when it is written */
	/* Of QUEUE_EVENT_NEXT: */
	int64_t next;
	/* Of QUEUE_EVENT_NOTICE: */
	struct queue_id notice;
};

/* Appends the line of an event. */
void queue_journal_add(struct str *out, const struct queue_event *event);
/* Makes the entry what it is after the event. */
void queue_entry_apply(struct queue_entry *entry,
    const struct queue_event *event);

/*
 * Applies the events of a journal, in order.  *used is the length of the whole
 * lines; after it may come the beginning of a last line, which does not count.
 * Errors: ERROR_MESSAGE for a damaged line.
 */
bool queue_journal_replay(struct queue_entry *entry, const char *text,
    size_t len, size_t *used, struct error *err);

#endif
