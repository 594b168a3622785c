/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the attempt at a submission that is in the queue: in the background, or
 * while the caller waits.
 */
#include "runner/handover_attempt.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/background.h"
#include "base/host.h"
#include "base/process.h"
#include "queue/sessions.h"
#include "report/result.h"
#include "runner/caller_pause.h"
#include "runner/events.h"
#include "runner/keep.h"
#include "runner/rate_limit.h"
#include "runner/settle.h"

bool
handover_record_attempt(struct handover *h, struct error *err)
{
	const struct queue_event attempt = { .type = QUEUE_EVENT_ATTEMPT,
		.time = queue_now() };

	return queue_file_reserve(&h->queued.file, err)
	    && queue_file_append(&h->queued.file, &attempt, 1, true, err);
}

static struct queue_destination
destination_of(const struct handover *h)
{
	const struct queue_entry *entry = &h->queued.file.entry;

	return (struct queue_destination){ .account = entry->account,
		.configuration = entry->configuration };
}

bool
handover_begin_attempt(struct handover *h, struct error *err)
{
	const struct queue_destination d = destination_of(h);
	int fd;

	if (caller_is_paused(h->context)
	    || !queue_session_begin(&h->queued.folder, &d,
		h->context->account.queue.sessions, &fd))
		return false;
	h->session_plus_1 = fd + 1;
	return handover_record_attempt(h, err);
}

void
handover_record_results(struct handover *h)
{
	const struct queue_schedule *schedule =
	    &h->context->account.queue.schedule;
	struct queue_file *file = &h->queued.file;
	const struct envelope *e = handover_envelope(h);
	bool is_paused = caller_note_attempt(h->context);
	struct queue_events events = { 0 };
	int64_t now = queue_now();

	queue_events_add(&events, QUEUE_EVENT_ATTEMPT, now);
	for (size_t i = 0; i < file->entry.count; i++)
		queue_events_add_result(&events, i,
		    &e->recipients[h->queued.indexes[i]], now);
	file->entry.attempts = 1;
	queue_events_add_next(&events, now,
	    is_paused ? now : queue_next_attempt(schedule, &file->entry, now));
	file->entry.attempts = 0;
	if (queue_file_append(file, events.items, events.count, false, NULL))
		queue_file_touch(file);
	queue_events_free(&events);
}

bool
handover_keep_failed(struct handover *h, const struct error *reason,
    struct error *err)
{
	const struct error *told;
	struct error why = { 0 };

	if (!handover_put(h, &why)) {
		error_free(&why);
		return false;
	}
	handover_set_reason(h, reason);
	handover_record_results(h);
	handover_mark_queued(h);
	told = envelope_result(handover_envelope(h));
	error_free(err);
	if (told != NULL)
		error_copy(err, told);
	return told == NULL;
}

void
handover_enter_background(struct handover *h)
{
	struct context *context = h->context;

	h->in_background = true;
	process_set_grace(HANDOVER_GRACE);
	strv_free(&context->notes);
	strv_free(&context->config.notes);
	strv_free(&context->submission.notes);
	strv_free(&context->submission.warnings);
}

/* The results of the recipients that the file has. */
static void
select_results(const struct handover *h, struct envelope *part)
{
	const struct envelope *e = handover_envelope(h);
	size_t count = h->queued.file.entry.count;

	*part = (struct envelope){ .count = count };
	part->recipients = alloc_zeroed(count + 1, sizeof(*part->recipients));
	for (size_t i = 0; i < count; i++)
		part->recipients[i] = e->recipients[h->queued.indexes[i]];
}

/* Records the result of the attempt at a message that was queued before. */
static bool
settle(struct handover *h, enum settled *settled, struct error *err)
{
	char *host = host_fqdn_or_name();
	const struct settle_params params = {
		.queue = &h->context->account.queue,
		.host = host,
		.is_paused = caller_note_attempt(h->context),
		.all_or_nothing = !h->context->account.session.partial,
	};
	struct envelope part;
	bool ok;

	select_results(h, &part);
	ok = queue_settle(&h->queued.file, &part, h->queued.indexes, &params,
	    settled, err);
	free(part.recipients);
	free(host);
	return ok;
}

/* The sender gets a notice in place of the dead letter. */
void
handover_end_background(struct handover *h, const struct error *result)
{
	struct context *context = h->context;
	struct report report;
	struct error err = { 0 };
	enum settled settled = SETTLED_WAITS;

	if (settle(h, &settled, &err))
		context->queue.result = settled_name(settled);
	else
		strv_take(&context->notes, error_describe(&err));
	if (settled != SETTLED_WAITS)
		rate_limit_end(context);
	context->queue.keeps =
	    settled == SETTLED_WAITS ? queue_keeps : queue_keeps_none;
	context->queue.needs_administrator = error_is_set(result)
	    && settled == SETTLED_WAITS && queue_needs_administrator(result);
	report = context_report(context);
	report_result_queued(&report, result);
	background_exit(0);
}

bool
handover_end_in_foreground(struct handover *h, bool ok)
{
	enum settled settled = SETTLED_WAITS;
	struct error why = { 0 };

	if (!settle(h, &settled, &why))
		strv_take(&h->context->notes, error_describe(&why));
	error_free(&why);
	if (settled != SETTLED_WAITS)
		return ok;
	handover_mark_queued(h);
	return true;
}
