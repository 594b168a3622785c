/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queues messages of clients.  A client whose server takes too long gets its
 * reply from this process, and a copy of it goes on with the session.
 */
#include "runner/client.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/background.h"
#include "base/process.h"
#include "runner/caller_pause.h"
#include "runner/handover.h"
#include "runner/handover_attempt.h"
#include "runner/keep.h"
#include "runner/rate_limit.h"
#include "runner/submit.h"

bool
client_keep(struct context *context, struct error *err)
{
	struct handover h = { .context = context };
	const struct error *reason = handover_first_kept(handover_envelope(&h));
	struct error why = { 0 };
	bool told = error_is_set(err) && !queue_keeps(err);

	if (told || reason == NULL) {
		(void)caller_note_attempt(context);
		return !error_is_set(err);
	}
	if (!handover_put(&h, &why)) {
		error_free(&why);
		if (!error_is_set(err))
			error_copy(err, reason);
		return false;
	}
	handover_set_reason(&h, reason);
	handover_record_results(&h);
	handover_mark_queued(&h);
	queued_close(&h.queued);
	error_free(err);
	return true;
}

/* ---- the wait ---- */

struct wait {
	struct handover h;
	const struct client_attempt *attempt;
	bool has_left; /* another process goes on with the session */
};

/* Leaves the session to a process in the background, if there can be one. */
static void
leave_session(struct wait *w)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nowhere < 0)
		return;
	switch (background_detach()) {
	case BACKGROUND_PARENT:
		w->has_left = true;
		rate_limit_leave(w->h.context);
		maildir_leave(&w->h.context->archive);
		w->attempt->leave(w->attempt->ctx, nowhere);
		break;
	case BACKGROUND_CHILD:
		handover_enter_background(&w->h);
		break;
	case BACKGROUND_FAILED:
		break;
	}
	close(nowhere);
}

/* The client has waited for long enough.  If the message cannot be queued, it
 * must wait for the result. */
static void
end_wait(void *ctx)
{
	struct wait *w = ctx;
	struct error *reason = &w->h.context->queue.reason;
	struct error err = { 0 };

	if (handover_keeps_some(w->h.context) && handover_put(&w->h, &err)) {
		handover_set_waited(&w->h);
		if (handover_record_attempt(&w->h, &err))
			leave_session(w);
		if (!w->has_left)
			error_free(reason);
	}
	error_free(&err);
}

/* The result for the client, after a wait that was too long or not. */
static bool
end_attempt(struct wait *w, bool ok, struct error *err)
{
	if (w->has_left)
		handover_mark_queued(&w->h);
	else if (!w->h.is_queued)
		return client_keep(w->h.context, err);
	else
		ok = handover_end_in_foreground(&w->h, ok);
	queued_close(&w->h.queued);
	if (w->has_left || ok)
		error_free(err);
	return w->has_left || ok;
}

bool
client_send(struct context *context, const struct client_attempt *attempt,
    struct error *err)
{
	struct wait w = { .h = { .context = context }, .attempt = attempt };
	bool ok;

	w.h.wait = caller_wait(context);
	process_set_alarm(w.h.wait, end_wait, &w);
	ok = attempt->send(attempt->ctx, err);
	process_set_alarm(0, NULL, NULL);
	error_free(&context->queue.failure);
	if (!w.has_left)
		handover_tell_relayed(&w.h);
	if (w.h.in_background) {
		attempt->close(attempt->ctx);
		handover_end_background(&w.h, err);
	}
	return end_attempt(&w, ok, err);
}

/* ---- queue always and later ---- */

/* This process goes on with its client, and another one makes the attempt, if
 * there can be one. */
static void
attempt_detached(struct handover *h,
    bool (*attempt)(struct context *context, struct error *err))
{
	struct error err = { 0 };

	switch (background_detach()) {
	case BACKGROUND_PARENT:
		rate_limit_leave(h->context);
		return;
	case BACKGROUND_FAILED:
		return;
	case BACKGROUND_CHILD:
		break;
	}
	handover_enter_background(h);
	context_start_lookup(h->context);
	attempt(h->context, &err);
	handover_end_background(h, &err);
}

static bool
always_for_client(struct handover *h,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct context *context = h->context;
	struct error why = { 0 };

	tls_context_free(context->tls);
	context->tls = NULL;
	if (handover_put(h, &why) && handover_begin_attempt(h, &why))
		attempt_detached(h, attempt);
	error_free(&why);
	if (h->is_queued) {
		rate_limit_end_attempt(context);
		handover_mark_queued(h);
		return true;
	}
	context_start_lookup(context);
	return attempt(context, err);
}

bool
client_queue(struct context *context,
    bool (*attempt)(struct context *context, struct error *err),
    struct error *err)
{
	struct handover h = { .context = context };
	bool ok = context_queue_mode(context) == QUEUE_MODE_ALWAYS
	    ? always_for_client(&h, attempt, err)
	    : handover_later(&h, err);

	if (h.session_plus_1 != 0)
		close(h.session_plus_1 - 1);
	if (h.is_queued)
		queued_close(&h.queued);
	return ok;
}
