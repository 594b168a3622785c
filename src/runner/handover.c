/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Queues the current submission for the recipients that it can be kept for. */
#include "runner/handover.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/host.h"
#include "runner/keep.h"

struct envelope *
handover_envelope(const struct handover *h)
{
	return &h->context->submission.envelope;
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

bool
handover_keeps_some(const struct context *context)
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

bool
handover_put(struct handover *h, struct error *err)
{
	const struct envelope *e = handover_envelope(h);
	bool *members = alloc_zeroed(e->count + 1, sizeof(*members));

	for (size_t i = 0; i < e->count; i++)
		members[i] = is_kept(&e->recipients[i]);
	h->is_queued = enqueue(&h->queued, h->context, members, err);
	free(members);
	if (h->is_queued)
		h->context->queue_id = h->queued.file.entry.id;
	else
		error_copy(&h->context->queue.failure, err);
	return h->is_queued;
}

void
handover_mark_queued(struct handover *h)
{
	struct envelope *e = handover_envelope(h);

	for (size_t i = 0; i < h->queued.file.entry.count; i++)
		e->recipients[h->queued.indexes[i]].state = RECIPIENT_QUEUED;
}

static bool
has_relayed(const struct envelope *e, const struct recipient *r)
{
	return r->state == RECIPIENT_DELIVERED && !r->has_dsn
	    && (envelope_notify(e, r) & DSN_NOTIFY_SUCCESS) != 0;
}

void
handover_tell_relayed(const struct handover *h)
{
	const struct envelope *e = handover_envelope(h);
	bool *members = alloc_zeroed(e->count + 1, sizeof(*members));
	bool found = false;
	struct error err = { 0 };

	for (size_t i = 0; i < e->count; i++)
		members[i] = has_relayed(e, &e->recipients[i]);
	for (size_t i = 0; h->is_queued && i < h->queued.file.entry.count; i++)
		members[h->queued.indexes[i]] = false;
	for (size_t i = 0; i < e->count; i++)
		found |= members[i];
	if (found && !enqueue_relayed(h->context, members, &err)) {
		error_prefix(&err, "no notice of the delivery");
		strv_take(&h->context->notes, error_describe(&err));
	}
	error_free(&err);
	free(members);
}

const struct error *
handover_first_kept(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->recipients[i].state == RECIPIENT_FAILED
		    && is_kept(&e->recipients[i]))
			return &e->recipients[i].outcome;
	return NULL;
}

void
handover_set_reason(struct handover *h, const struct error *reason)
{
	struct report_queue *queue = &h->context->queue;

	error_copy(&queue->reason, reason);
	queue->needs_administrator = queue_needs_administrator(reason);
}

void
handover_set_waited(struct handover *h)
{
	error_set(&h->context->queue.reason, ERROR_TIMEOUT,
	    "no result after %u seconds (queue_wait)", h->wait);
}

bool
handover_later(struct handover *h, struct error *err)
{
	if (!handover_put(h, err)) {
		error_free(&h->context->queue.failure);
		error_temporary(err, true);
		envelope_fail(handover_envelope(h), err);
		return false;
	}
	handover_mark_queued(h);
	return true;
}
