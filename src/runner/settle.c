/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Settles queued messages after an attempt.
 */
#include "runner/settle.h"

#include <string.h>

#include "base/text.h"
#include "queue/create.h"
#include "queue/notice.h"
#include "queue/usage.h"
#include "runner/bounce.h"
#include "runner/events.h"

/* The status of a recipient to whom no attempt has given one of the classes. */
#define EXPIRED "4.4.7"

const char *
settled_name(enum settled settled)
{
	static const char *const names[] = {
		[SETTLED_WAITS] = "deferred",
		[SETTLED_SENT] = "sent",
		[SETTLED_RETURNED] = "returned",
		[SETTLED_EXPIRED] = "expired",
		[SETTLED_FAILED] = "failed",
	};

	return names[settled];
}

/* Without the record of a deferral, the message is only tried again too early:
 * that is not worth a wait for the disk. */
static bool
must_be_durable(const struct queue_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].type != QUEUE_EVENT_DEFERRED
		    && events->items[i].type != QUEUE_EVENT_NEXT)
			return true;
	return false;
}

static bool
append(struct queue_file *file, struct queue_events *events, struct error *err)
{
	bool ok = events->count == 0
	    || queue_file_append(file, events->items, events->count,
		must_be_durable(events), err);

	queue_events_free(events);
	return ok;
}

/* Removes the last event if it says what the journal says already: otherwise the
 * journal of a message with many recipients would grow with each attempt. */
static void
drop_repeated(struct queue_events *events, const struct queue_entry *entry)
{
	const struct queue_event *event = &events->items[events->count - 1];
	const struct queue_recipient *r = &entry->recipients[event->recipient];

	if (event->type == QUEUE_EVENT_DEFERRED && r->time != 0
	    && r->state == QUEUE_WAITING && r->status.code == event->status.code
	    && text_equal(r->status.enhanced, event->status.enhanced)
	    && text_equal(r->host, event->host)
	    && text_equal(r->reason, event->reason))
		events->count--;
}

/* The sender is told of a delivery that the server will not tell of. */
static void
mark_relayed(struct queue_event *event, const struct queue_entry *entry,
    const struct recipient *r)
{
	if (event->type == QUEUE_EVENT_DELIVERED && !r->has_dsn
	    && queue_wants_relayed(entry, &entry->recipients[event->recipient]))
		event->type = QUEUE_EVENT_RELAYED;
}

static int64_t
next_attempt(const struct queue_entry *entry,
    const struct settle_params *params, int64_t now)
{
	const struct queue_schedule *schedule = &params->queue->schedule;

	if (params->tokens_when != 0)
		return queue_wait_until(schedule, params->tokens_when, now);
	return params->is_paused ? now
				 : queue_next_attempt(schedule, entry, now);
}

/* Writes the results, and when the next attempt is due. */
static bool
record(struct queue_file *file, const struct envelope *envelope,
    const size_t *indexes, const struct settle_params *params,
    struct error *err)
{
	struct queue_events events = { 0 };
	int64_t now = queue_now();

	for (size_t i = 0; i < envelope->count; i++) {
		queue_events_add_result(&events, indexes[i],
		    &envelope->recipients[i], now);
		mark_relayed(&events.items[events.count - 1], &file->entry,
		    &envelope->recipients[i]);
		drop_repeated(&events, &file->entry);
	}
	queue_events_add_next(&events, now,
	    next_attempt(&file->entry, params, now));
	return append(file, &events, err);
}

/* Fails the recipients that wait.  The reason stays that of the last attempt,
 * unless it left none, and so does the status if it is of one of the classes. */
static bool
give_up(struct queue_file *file, const char *classes, const char *status,
    const char *reason, struct error *err)
{
	struct queue_events events = { 0 };
	const int64_t now = queue_now();

	for (size_t i = 0; i < file->entry.count; i++) {
		const struct queue_recipient *r = &file->entry.recipients[i];
		struct recipient failed = { .state = RECIPIENT_FAILED };
		struct queue_event *event;

		if (r->state != QUEUE_WAITING)
			continue;
		queue_events_add_result(&events, i, &failed, now);
		event = &events.items[events.count - 1];
		event->type = QUEUE_EVENT_FAILED;
		event->status = r->status;
		/* A status without a code is of this program; one that keeps
		 * the reason from the sender stays. */
		if (!notice_hides_reason(r)
		    && (event->status.code == 0
			|| *event->status.enhanced == '\0'
			|| strchr(classes, *event->status.enhanced) == NULL))
			smtp_status_set_enhanced(&event->status, status);
		event->host = r->host;
		event->reason = r->reason != NULL ? r->reason : reason;
	}
	return append(file, &events, err);
}

static bool
has(const struct queue_file *file, enum queue_recipient_state state)
{
	return queue_entry_count(&file->entry, state) > 0;
}

/* As enqueue() has counted it. */
static uint64_t
size_of(const struct queue_file *file)
{
	return file->entry.text.header_size + file->entry.text.body_size;
}

static void
add_removal(struct settle_removals *r, const struct queue_file *file)
{
	r->folder = file->folder;
	r->place = file->place;
	/* What is in failed/ does not count. */
	if (file->place == QUEUE_FAILED_MAIL)
		return;
	r->usage.messages++;
	r->usage.octets += size_of(file);
}

bool
queue_settle_removals(struct settle_removals *r, struct error *err)
{
	bool ok = true;

	if (r->folder != NULL) {
		ok = queue_folder_sync(r->folder, r->place, err);
		queue_usage_subtract_all(r->folder, &r->usage);
	}
	*r = (struct settle_removals){ 0 };
	return ok;
}

static bool
finish(struct queue_file *file, const struct settle_params *params,
    enum settled *settled, struct error *err)
{
	struct settle_removals own = { 0 };

	if (has(file, QUEUE_WAITING)) {
		queue_file_touch(file);
		*settled = SETTLED_WAITS;
		return true;
	}
	*settled = has(file, QUEUE_RETURNED) ? SETTLED_RETURNED : SETTLED_SENT;
	if (!queue_file_remove(file, err))
		return false;
	add_removal(params->removals != NULL ? params->removals : &own, file);
	return queue_settle_removals(&own, err);
}

/* Tells the sender, and ends the message if no recipient is left. */
static bool
tell_and_finish(struct queue_file *file, const struct settle_params *params,
    enum settled *settled, struct error *err)
{
	bool was_in_failed = file->place == QUEUE_FAILED_MAIL;

	if (!queue_bounce(file, params, err))
		return false;
	if (file->place != QUEUE_FAILED_MAIL || !has(file, QUEUE_FAILED))
		return finish(file, params, settled, err);
	*settled = SETTLED_FAILED;
	if (!was_in_failed)
		queue_usage_subtract(file->folder, size_of(file));
	return true;
}

/* Without another recipient, nothing need be written before the removal. */
static bool
is_delivered(const struct queue_file *file, const struct envelope *envelope)
{
	return envelope_count(envelope, RECIPIENT_DELIVERED) == envelope->count
	    && queue_entry_count(&file->entry, QUEUE_WAITING) == envelope->count
	    && !has(file, QUEUE_FAILED) && !has(file, QUEUE_RETURNED)
	    && !has(file, QUEUE_RELAYED);
}

static bool
is_relayed(const struct queue_file *file, const struct envelope *envelope,
    const size_t *indexes)
{
	for (size_t i = 0; i < envelope->count; i++)
		if (!envelope->recipients[i].has_dsn
		    && queue_wants_relayed(&file->entry,
			&file->entry.recipients[indexes[i]]))
			return true;
	return false;
}

static void
mark_delivered(struct queue_file *file)
{
	for (size_t i = 0; i < file->entry.count; i++)
		file->entry.recipients[i].state = QUEUE_DELIVERED;
}

/* If the message cannot be removed, its journal says who has it, so that nobody
 * gets it again. */
static bool
remove_delivered(struct queue_file *file, const struct envelope *envelope,
    const size_t *indexes, const struct settle_params *params,
    enum settled *settled, struct error *err)
{
	mark_delivered(file);
	if (finish(file, params, settled, err))
		return true;
	if (envelope->count > 0)
		(void)record(file, envelope, indexes, params, NULL);
	return false;
}

/* Gives the message up if its time is over.  The status of a late message says
 * so, whatever the last attempt has left (RFC 2852 section 4.1). */
static bool
expire(struct queue_file *file, const struct settle_params *params,
    bool *expired, struct error *err)
{
	const struct queue_entry *entry = &file->entry;
	bool late = mail_params_is_late(&entry->mail_params);

	*expired = late
	    || queue_is_expired(&params->queue->schedule, entry, queue_now());
	return !*expired
	    || give_up(file, late ? "" : "4", late ? MAIL_PARAMS_LATE : EXPIRED,
		"the message has been in the queue for too long", err);
}

bool
queue_settle(struct queue_file *file, const struct envelope *envelope,
    const size_t *indexes, const struct settle_params *params,
    enum settled *settled, struct error *err)
{
	bool expired = false;

	if (is_delivered(file, envelope)
	    && !is_relayed(file, envelope, indexes))
		return remove_delivered(file, envelope, indexes, params,
		    settled, err);
	if (!record(file, envelope, indexes, params, err))
		return false;
	if (params->all_or_nothing && has(file, QUEUE_FAILED)
	    && !give_up(file, "45", EXPIRED,
		"another recipient was rejected and \"partial off\" is set",
		err))
		return false;
	if (has(file, QUEUE_WAITING) && !expire(file, params, &expired, err))
		return false;
	if (!tell_and_finish(file, params, settled, err))
		return false;
	if (expired && *settled == SETTLED_RETURNED)
		*settled = SETTLED_EXPIRED;
	return true;
}

bool
queue_return_now(struct queue_file *file, const struct settle_params *params,
    enum settled *settled, struct error *err)
{
	return give_up(file, "45", EXPIRED,
		   "an administrator has returned the message", err)
	    && tell_and_finish(file, params, settled, err);
}
