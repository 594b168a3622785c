/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides between an attempt and the queue.  A caller that waits too long gets
 * its answer from one process, and a copy of it goes on with the same session.
 */
#include "runner/submit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/background.h"
#include "base/process.h"
#include "base/user.h"
#include "queue/sessions.h"
#include "report/result.h"
#include "runner/enqueue.h"
#include "runner/events.h"
#include "runner/keep.h"
#include "runner/settle.h"

struct submit {
	struct context *context;
	struct queued queued;
	bool is_queued;
	bool in_background;
	int session_plus_1; /* a descriptor of queue_session_begin() */
};

static struct envelope *
envelope_of(const struct submit *s)
{
	return &s->context->submission.envelope;
}

enum queue_mode
submission_queue_mode(const struct context *context)
{
	const struct cmdline *cmdline = context->cmdline;
	const struct queue_params *queue = &context->account.queue;

	if (queue->mode == QUEUE_MODE_OFF || queue->folder == NULL
	    || cmdline_has_host(cmdline))
		return QUEUE_MODE_OFF;
	switch (cmdline->delivery) {
	case DELIVERY_BACKGROUND:
		return QUEUE_MODE_ALWAYS;
	case DELIVERY_QUEUE:
		return QUEUE_MODE_LATER;
	case DELIVERY_INTERACTIVE:
		return QUEUE_MODE_ON;
	case DELIVERY_DEFAULT:
		break;
	}
	return queue->mode;
}

bool
submission_is_queued_first(const struct context *context)
{
	enum queue_mode mode = context->cmdline->mode == MODE_SEND
	    ? submission_queue_mode(context)
	    : QUEUE_MODE_OFF;

	return mode == QUEUE_MODE_ALWAYS || mode == QUEUE_MODE_LATER;
}

/* Whether the user has no place for the queue that the account asks for. */
static bool
lacks_folder(const struct context *context)
{
	const struct queue_params *queue = &context->account.queue;

	return queue->mode != QUEUE_MODE_OFF && queue->folder == NULL
	    && !cmdline_has_host(context->cmdline);
}

static void
note_missing_folder(struct context *context)
{
	char *name = user_name(&context->user);

	strv_take(&context->notes,
	    alloc_printf("account %s: nothing is queued for the user %s, who "
			 "has no home folder: set queue_dir",
		context->account.name, name));
	free(name);
}

/* Whether the queue keeps the message for the recipient. */
static bool
is_kept(const struct recipient *r)
{
	switch (r->state) {
	case RECIPIENT_DELIVERED:
		return false;
	case RECIPIENT_FAILED:
		return queue_keeps(&r->outcome);
	case RECIPIENT_PENDING:
	case RECIPIENT_ACCEPTED:
	case RECIPIENT_QUEUED:
		break;
	}
	return true;
}

/* Whether the queue keeps the message for some recipient.  With `partial off`, a
 * recipient that is refused for good is the end of the message for all of them:
 * the caller sends it again to all. */
static bool
is_kept_for_some(const struct context *context)
{
	const struct envelope *e = &context->submission.envelope;
	bool partial = context->account.session.partial;
	bool some = false;

	for (size_t i = 0; i < e->count; i++) {
		bool kept = is_kept(&e->recipients[i]);

		if (!kept && !partial
		    && e->recipients[i].state == RECIPIENT_FAILED)
			return false;
		some |= kept;
	}
	return some;
}

/* Queues the message for all recipients that it can keep it for. */
static bool
put(struct submit *s, struct error *err)
{
	const struct envelope *e = envelope_of(s);
	bool *members = alloc_zeroed(e->count + 1, sizeof(*members));

	for (size_t i = 0; i < e->count; i++)
		members[i] = is_kept(&e->recipients[i]);
	s->is_queued = enqueue(&s->queued, s->context, members, err);
	free(members);
	if (s->is_queued)
		s->context->queue_id = s->queued.file.entry.id;
	else
		error_copy(&s->context->queue.failure, err);
	return s->is_queued;
}

static void
mark_queued(struct submit *s)
{
	struct envelope *e = envelope_of(s);

	for (size_t i = 0; i < s->queued.file.entry.count; i++)
		e->recipients[s->queued.indexes[i]].state = RECIPIENT_QUEUED;
}

static bool
record_attempt(struct submit *s, struct error *err)
{
	const struct queue_event attempt = { .type = QUEUE_EVENT_ATTEMPT,
		.time = queue_now() };

	return queue_file_reserve(&s->queued.file, err)
	    && queue_file_append(&s->queued.file, &attempt, 1, true, err);
}

/* Records an attempt that has ended, without waiting for the disk: without the
 * journal, the message is due at once. */
static void
record_results(struct submit *s)
{
	const struct queue_schedule *schedule =
	    &s->context->account.queue.schedule;
	struct queue_file *file = &s->queued.file;
	const struct envelope *e = envelope_of(s);
	struct queue_events events = { 0 };
	int64_t now = queue_now();

	queue_events_add(&events, QUEUE_EVENT_ATTEMPT, now);
	for (size_t i = 0; i < file->entry.count; i++)
		queue_events_add_result(&events, i,
		    &e->recipients[s->queued.indexes[i]], now);
	file->entry.attempts = 1;
	queue_events_add_next(&events, now,
	    queue_next_attempt(schedule, &file->entry, now));
	file->entry.attempts = 0;
	if (queue_file_append(file, events.items, events.count, false, NULL))
		queue_file_touch(file);
	queue_events_free(&events);
}

/* ---- the background ---- */

/* Answers the caller. */
ATTR_NORETURN static void
answer(struct submit *s)
{
	const struct error *result;
	struct report report;
	struct error err = { 0 };

	mark_queued(s);
	result = envelope_result(envelope_of(s));
	if (result != NULL)
		error_copy(&err, result);
	report = context_report(s->context);
	background_exit(report_result(&report, &err, true));
}

/* The parent has logged them. */
static void
forget_notes(struct context *context)
{
	strv_free(&context->notes);
	strv_free(&context->config.notes);
	strv_free(&context->submission.notes);
	strv_free(&context->submission.warnings);
}

/* Leaves the attempt to a process in the background, if there can be one. */
static void
go_on_in_background(struct submit *s)
{
	switch (background_fork()) {
	case BACKGROUND_PARENT:
		answer(s);
	case BACKGROUND_CHILD:
		s->in_background = true;
		error_free(&s->context->queue.reason);
		forget_notes(s->context);
		break;
	case BACKGROUND_FAILED:
		break;
	}
}

/*
 * Ends the attempt, too: a child process that looks up a name or gets a password
 * ends with this one, and no server knows of the message yet.
 */
ATTR_NORETURN static void
end_attempt(struct submit *s)
{
	process_kill_helper();
	envelope_fail(envelope_of(s), &s->context->queue.reason);
	record_results(s);
	answer(s);
}

/* The caller has waited for long enough.  If the message cannot be queued, the
 * caller must wait for the result. */
static void
end_wait(void *ctx)
{
	struct submit *s = ctx;
	struct error *reason = &s->context->queue.reason;
	struct error err = { 0 };

	if (is_kept_for_some(s->context) && put(s, &err)) {
		error_set(reason, ERROR_TIMEOUT,
		    "no result after %u seconds (queue_wait)",
		    s->context->account.queue.wait);
		if (process_awaits_helper())
			end_attempt(s);
		if (record_attempt(s, &err))
			go_on_in_background(s);
		error_free(reason);
	}
	error_free(&err);
}

/* The results of the recipients that the file has. */
static void
select_results(const struct submit *s, struct envelope *part)
{
	const struct envelope *e = envelope_of(s);
	size_t count = s->queued.file.entry.count;

	*part = (struct envelope){ .count = count };
	part->recipients = alloc_zeroed(count + 1, sizeof(*part->recipients));
	for (size_t i = 0; i < count; i++)
		part->recipients[i] = e->recipients[s->queued.indexes[i]];
}

/* Records the result of the attempt at a message that was queued before. */
static bool
settle(struct submit *s, enum settled *settled, struct error *err)
{
	char *host = notice_host();
	const struct settle_params params = {
		.queue = &s->context->account.queue,
		.host = host,
		.all_or_nothing = !s->context->account.session.partial,
	};
	struct envelope part;
	bool ok;

	select_results(s, &part);
	ok = queue_settle(&s->queued.file, &part, s->queued.indexes, &params,
	    settled, err);
	free(part.recipients);
	free(host);
	return ok;
}

/* The sender gets a notice in place of the dead letter. */
ATTR_NORETURN static void
end_background(struct submit *s, const struct error *result)
{
	struct context *context = s->context;
	struct report report;
	struct error err = { 0 };
	enum settled settled = SETTLED_WAITS;

	if (settle(s, &settled, &err))
		context->queue.result = settled_name(settled);
	else
		strv_take(&context->notes, error_describe(&err));
	context->queue.needs_administrator = error_is_set(result)
	    && settled == SETTLED_WAITS && queue_needs_administrator(result);
	report = context_report(context);
	report_result_queued(&report, result);
	background_exit(0);
}

/* ---- NOTIFY=SUCCESS ---- */

static bool
has_relayed(const struct envelope *e, const struct recipient *r)
{
	return r->state == RECIPIENT_DELIVERED && !r->has_dsn
	    && (envelope_notify(e, r) & DSN_NOTIFY_SUCCESS) != 0;
}

/* Queues the notice for recipients that are not in the file of the message, as
 * far as it is queued. */
static void
tell_relayed(const struct submit *s)
{
	const struct envelope *e = envelope_of(s);
	bool *members = alloc_zeroed(e->count + 1, sizeof(*members));
	bool found = false;
	struct error err = { 0 };

	for (size_t i = 0; i < e->count; i++)
		members[i] = has_relayed(e, &e->recipients[i]);
	for (size_t i = 0; s->is_queued && i < s->queued.file.entry.count; i++)
		members[s->queued.indexes[i]] = false;
	for (size_t i = 0; i < e->count; i++)
		found |= members[i];
	if (found && !enqueue_relayed(s->context, members, &err)) {
		error_prefix(&err, "no notice of the delivery");
		strv_take(&s->context->notes, error_describe(&err));
	}
	error_free(&err);
	free(members);
}

void
submission_tell_relayed(struct context *context)
{
	const struct submit s = { .context = context };

	tell_relayed(&s);
}

/* ---- the modes ---- */

static bool
later(struct submit *s, struct error *err)
{
	if (!put(s, err)) {
		error_free(&s->context->queue.failure);
		error_temporary(err, true);
		envelope_fail(envelope_of(s), err);
		return false;
	}
	mark_queued(s);
	return true;
}

/* The first failure that the queue keeps the message for. */
static const struct error *
first_kept(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_FAILED
		    && is_kept(&e->recipients[i]))
			return &e->recipients[i].outcome;
	return NULL;
}

static void
set_reason(struct submit *s, const struct error *reason)
{
	struct report_queue *queue = &s->context->queue;

	error_copy(&queue->reason, reason);
	queue->needs_administrator = queue_needs_administrator(reason);
}

/* After an attempt of which the caller has seen the end. */
static bool
keep_failed(struct submit *s, const struct error *reason, struct error *err)
{
	const struct error *told;
	struct error why = { 0 };

	if (!put(s, &why)) {
		error_free(&why);
		return false;
	}
	set_reason(s, reason);
	record_results(s);
	mark_queued(s);
	told = envelope_result(envelope_of(s));
	error_free(err);
	if (told != NULL)
		error_copy(err, told);
	return told == NULL;
}

/* An attempt at a queued message, for which there was no process in the
 * background. */
static bool
end_in_foreground(struct submit *s, bool ok)
{
	enum settled settled = SETTLED_WAITS;
	struct error why = { 0 };

	if (!settle(s, &settled, &why))
		strv_take(&s->context->notes, error_describe(&why));
	error_free(&why);
	if (settled != SETTLED_WAITS)
		return ok;
	mark_queued(s);
	return true;
}

static bool
on(struct submit *s,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	unsigned wait = s->context->account.queue.wait;
	const struct error *reason;
	bool ok;

	process_set_alarm(wait, end_wait, s);
	ok = attempt(s->context, err);
	process_set_alarm(0, NULL, NULL);
	tell_relayed(s);
	if (s->in_background)
		end_background(s, err);
	if (s->is_queued)
		return end_in_foreground(s, ok);
	error_free(&s->context->queue.failure);
	reason = !ok && is_kept_for_some(s->context)
	    ? first_kept(envelope_of(s))
	    : NULL;
	return reason == NULL ? ok : keep_failed(s, reason, err);
}

static struct queue_destination
destination_of(const struct submit *s)
{
	const struct queue_entry *entry = &s->queued.file.entry;

	return (struct queue_destination){ .account = entry->account,
		.configuration = entry->configuration };
}

/* Begins an attempt in the background, unless enough of them are under way: then
 * the next queue run makes it. */
static bool
begin_attempt(struct submit *s, struct error *err)
{
	const struct queue_destination d = destination_of(s);
	int fd;

	if (!queue_session_begin(&s->queued.folder, &d,
		s->context->account.queue.sessions, &fd))
		return false;
	s->session_plus_1 = fd + 1;
	return record_attempt(s, err);
}

static bool
always(struct submit *s,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct error why = { 0 };
	bool ok;

	if (put(s, &why) && begin_attempt(s, &why))
		go_on_in_background(s);
	error_free(&why);
	if (s->is_queued && !s->in_background) {
		mark_queued(s);
		return true;
	}
	context_start_lookup(s->context);
	ok = attempt(s->context, err);
	if (s->in_background)
		end_background(s, err);
	return ok;
}

bool
submit(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct submit s = { .context = context };
	bool ok = false;

	switch (submission_queue_mode(context)) {
	case QUEUE_MODE_OFF:
		if (lacks_folder(context))
			note_missing_folder(context);
		return attempt(context, err);
	case QUEUE_MODE_ON:
		ok = on(&s, attempt, err);
		break;
	case QUEUE_MODE_ALWAYS:
		ok = always(&s, attempt, err);
		break;
	case QUEUE_MODE_LATER:
		ok = later(&s, err);
		break;
	}
	if (s.is_queued)
		queued_close(&s.queued);
	return ok;
}

/* ---- for a client of this program ---- */

bool
submission_keep(struct context *context, struct error *err)
{
	struct submit s = { .context = context };
	const struct error *reason = first_kept(envelope_of(&s));
	struct error why = { 0 };
	bool told = error_is_set(err) && !queue_keeps(err);

	if (told || reason == NULL)
		return !error_is_set(err);
	if (!put(&s, &why)) {
		error_free(&why);
		if (!error_is_set(err))
			error_copy(err, reason);
		return false;
	}
	set_reason(&s, reason);
	record_results(&s);
	mark_queued(&s);
	queued_close(&s.queued);
	error_free(err);
	return true;
}

/* This process goes on with its client, and another one makes the attempt. */
static void
attempt_detached(struct submit *s,
    bool (*attempt)(struct context *context, struct error *err))
{
	struct error err = { 0 };

	if (background_detach() != BACKGROUND_CHILD)
		return;
	s->in_background = true;
	forget_notes(s->context);
	context_start_lookup(s->context);
	attempt(s->context, &err);
	end_background(s, &err);
}

static bool
always_for_client(struct submit *s,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct context *context = s->context;
	struct error why = { 0 };

	tls_context_free(context->tls);
	context->tls = NULL;
	if (put(s, &why) && begin_attempt(s, &why))
		attempt_detached(s, attempt);
	error_free(&why);
	if (s->is_queued) {
		mark_queued(s);
		return true;
	}
	context_start_lookup(context);
	return attempt(context, err);
}

bool
submission_queue(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct submit s = { .context = context };
	bool ok = submission_queue_mode(context) == QUEUE_MODE_ALWAYS
	    ? always_for_client(&s, attempt, err)
	    : later(&s, err);

	if (s.session_plus_1 != 0)
		close(s.session_plus_1 - 1);
	if (s.is_queued)
		queued_close(&s.queued);
	return ok;
}
