/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decides between an attempt and the queue.  A caller that waits too long gets
 * its answer from one process, and a copy of it goes on with the same session.
 */
#include "runner/submit.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/background.h"
#include "base/process.h"
#include "base/user.h"
#include "report/result.h"
#include "runner/caller_pause.h"
#include "runner/handover.h"
#include "runner/handover_attempt.h"
#include "runner/rate_limit.h"

bool
submission_is_queued_first(const struct context *context)
{
	enum queue_mode mode = context->cmdline->mode == MODE_SEND
	    ? context_queue_mode(context)
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

/* ---- the background ---- */

/* Answers the caller. */
ATTR_NORETURN static void
answer(struct handover *h)
{
	const struct error *result;
	struct report report;
	struct error err = { 0 };

	handover_mark_queued(h);
	result = envelope_result(handover_envelope(h));
	if (result != NULL)
		error_copy(&err, result);
	report = context_report(h->context);
	background_exit(report_result(&report, &err, true));
}

/* Leaves the attempt to a process in the background, if there can be one. */
static void
go_on_in_background(struct handover *h)
{
	switch (background_fork()) {
	case BACKGROUND_PARENT:
		answer(h);
	case BACKGROUND_CHILD:
		handover_enter_background(h);
		error_free(&h->context->queue.reason);
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
end_attempt(struct handover *h)
{
	process_kill_helper();
	envelope_fail(handover_envelope(h), &h->context->queue.reason);
	rate_limit_end_attempt(h->context);
	handover_record_results(h);
	answer(h);
}

/* The caller has waited for long enough.  If the message cannot be queued, the
 * caller must wait for the result. */
static void
end_wait(void *ctx)
{
	struct handover *h = ctx;
	struct error *reason = &h->context->queue.reason;
	struct error err = { 0 };

	if (handover_keeps_some(h->context) && handover_put(h, &err)) {
		handover_set_waited(h);
		if (process_awaits_helper())
			end_attempt(h);
		if (handover_record_attempt(h, &err))
			go_on_in_background(h);
		error_free(reason);
	}
	error_free(&err);
}

/* ---- the modes ---- */

static bool
on(struct handover *h,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	const struct error *reason;
	bool ok;

	h->wait = caller_wait(h->context);
	process_set_alarm(h->wait, end_wait, h);
	ok = attempt(h->context, err);
	process_set_alarm(0, NULL, NULL);
	handover_tell_relayed(h);
	if (h->in_background)
		handover_end_background(h, err);
	if (h->is_queued)
		return handover_end_in_foreground(h, ok);
	error_free(&h->context->queue.failure);
	reason = !ok && handover_keeps_some(h->context)
	    ? handover_first_kept(handover_envelope(h))
	    : NULL;
	if (reason != NULL)
		return handover_keep_failed(h, reason, err);
	(void)caller_note_attempt(h->context);
	return ok;
}

static bool
always(struct handover *h,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct error why = { 0 };
	bool ok;

	if (handover_put(h, &why) && handover_begin_attempt(h, &why))
		go_on_in_background(h);
	error_free(&why);
	if (h->is_queued && !h->in_background) {
		rate_limit_end_attempt(h->context);
		handover_mark_queued(h);
		return true;
	}
	context_start_lookup(h->context);
	ok = attempt(h->context, err);
	if (h->in_background)
		handover_end_background(h, err);
	return ok;
}

/* Does what the mode says with a message that has its tokens. */
static bool
submit_by_mode(struct context *context, enum queue_mode mode,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct handover h = { .context = context };
	bool ok = false;

	switch (mode) {
	case QUEUE_MODE_OFF:
		if (lacks_folder(context))
			note_missing_folder(context);
		return attempt(context, err);
	case QUEUE_MODE_ON:
		ok = on(&h, attempt, err);
		break;
	case QUEUE_MODE_ALWAYS:
		ok = always(&h, attempt, err);
		break;
	case QUEUE_MODE_LATER:
		ok = handover_later(&h, err);
		break;
	}
	if (h.is_queued)
		queued_close(&h.queued);
	return ok;
}

bool
submit(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	enum queue_mode mode = context_queue_mode(context);
	bool ok = false;

	switch (rate_limit_take(context, mode, err)) {
	case RATE_LIMIT_FREE:
		ok = submit_by_mode(context, mode, attempt, err);
		rate_limit_end(context);
		break;
	case RATE_LIMIT_QUEUED:
		return true;
	case RATE_LIMIT_REFUSED:
		break;
	}
	return ok;
}
