/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Builds lists of events.
 */
#include "runner/events.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "queue/notice.h"
#include "runner/keep.h"

int64_t
queue_now(void)
{
	return clock_wall();
}

static struct queue_event *
add(struct queue_events *events, enum queue_event_type type, int64_t time)
{
	struct queue_event *event;

	events->items = alloc_grow(events->items, events->count, &events->size,
	    sizeof(*events->items));
	event = &events->items[events->count++];
	*event = (struct queue_event){ .type = type, .time = time };
	return event;
}

void
queue_events_add(struct queue_events *events, enum queue_event_type type,
    int64_t time)
{
	(void)add(events, type, time);
}

void
queue_events_add_next(struct queue_events *events, int64_t time, int64_t next)
{
	add(events, QUEUE_EVENT_NEXT, time)->next = next;
}

/* Keeps the text until the events are freed. */
static const char *
keep_text(struct queue_events *events, char *text)
{
	strv_take(&events->texts, text);
	return text;
}

/*
 * The status decides whether the sender may read the reason.  That a message may
 * have been delivered is not hidden, whatever kept the reply of the server from
 * this host; and that the server rejects the login for good is not about the
 * message, whatever the code.
 */
static void
set_status(struct queue_event *event, const struct error *outcome)
{
	event->status = outcome->status;
	if (outcome->uncertain && outcome->status.code == 0)
		smtp_status_set_enhanced(&event->status, "4.4.2");
	if (!error_is_rejection(outcome, STAGE_AUTH)
	    || outcome->status.code / 100 != 5
	    || notice_is_about_login(outcome->status.code))
		return;
	event->status.code = 0;
	smtp_status_set_enhanced(&event->status, "5.7.8");
}

void
queue_events_add_result(struct queue_events *events, size_t index,
    const struct recipient *recipient, int64_t time)
{
	const struct error *outcome = &recipient->outcome;
	struct queue_event *event = add(events, QUEUE_EVENT_DELIVERED, time);

	event->recipient = index;
	if (recipient->state == RECIPIENT_DELIVERED) {
		event->status = recipient->status;
		return;
	}
	event->type =
	    queue_keeps(outcome) ? QUEUE_EVENT_DEFERRED : QUEUE_EVENT_FAILED;
	set_status(event, outcome);
	if (outcome->host != NULL)
		event->host = keep_text(events, alloc_string(outcome->host));
	event->reason = keep_text(events,
	    outcome->said != NULL ? alloc_string(outcome->said)
				  : error_describe(outcome));
}

void
queue_events_free(struct queue_events *events)
{
	free(events->items);
	strv_free(&events->texts);
	*events = (struct queue_events){ 0 };
}
