/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes and gives back the tokens of submissions and of queued messages.
 */
#include "runner/rate_limit.h"

#include <stdlib.h>

#include "runner/enqueue.h"
#include "runner/events.h"
#include "runner/handover.h"

static unsigned
user_limit(const struct queue_params *queue)
{
	return RATE_BIT(RATE_USER) & rate_refusing(queue);
}

/* Those of an attempt. */
static unsigned
other_limits(const struct queue_params *queue)
{
	return rate_limits(queue) & ~user_limit(queue);
}

/* A server may have the message if the result is uncertain. */
static unsigned
count_sent(const struct envelope *e)
{
	unsigned count = 0;

	for (size_t i = 0; i < e->count; i++)
		count += e->recipients[i].state == RECIPIENT_DELIVERED
		    || e->recipients[i].outcome.uncertain;
	return count;
}

/* ---- submissions ---- */

/* The caller frees owner.configuration. */
static struct rate_owner
owner_of(const struct context *context, char **configuration)
{
	*configuration = enqueue_configuration(context->cmdline);
	return (struct rate_owner){ .queue = &context->account.queue,
		.account = context->account.name,
		.configuration = *configuration,
		.uid = user_client(&context->user) };
}

static void
give_back(struct context *context, unsigned limits, unsigned recipients)
{
	char *configuration;
	struct rate_owner owner;

	if (rate_limits(&context->account.queue) == 0)
		return;
	owner = owner_of(context, &configuration);
	rate_give_back(&owner, limits, recipients, &context->rate);
	free(configuration);
}

void
rate_limit_end_attempt(struct context *context)
{
	give_back(context, other_limits(&context->account.queue),
	    count_sent(&context->submission.envelope));
}

void
rate_limit_end(struct context *context)
{
	const struct envelope *e = &context->submission.envelope;

	give_back(context, user_limit(&context->account.queue),
	    count_sent(e) + (unsigned)envelope_count(e, RECIPIENT_QUEUED));
}

void
rate_limit_leave(struct context *context)
{
	context->rate = (struct rate_tokens){ 0 };
}

/* The journal has the reason and the time; no attempt was made. */
static void
record_wait(struct queue_file *file, const struct queue_schedule *schedule,
    const struct error *reason, int64_t when)
{
	const struct recipient waits = { .state = RECIPIENT_FAILED,
		.outcome = *reason };
	struct queue_events events = { 0 };
	int64_t now = queue_now();

	for (size_t i = 0; i < file->entry.count; i++)
		queue_events_add_result(&events, i, &waits, now);
	queue_events_add_next(&events, now,
	    queue_wait_until(schedule, when, now));
	if (queue_file_append(file, events.items, events.count, false, NULL))
		queue_file_touch(file);
	queue_events_free(&events);
}

/* The error remains if the message cannot be queued. */
static bool
queue_until(struct context *context, int64_t when, struct error *err)
{
	struct handover h = { .context = context };
	struct error why = { 0 };

	if (!handover_put(&h, &why)) {
		error_free(&why);
		return false;
	}
	handover_set_reason(&h, err);
	record_wait(&h.queued.file, &context->account.queue.schedule, err,
	    when);
	handover_mark_queued(&h);
	queued_close(&h.queued);
	error_free(err);
	return true;
}

static unsigned
count_recipients(const struct envelope *e)
{
	return (unsigned)(e->count - envelope_count(e, RECIPIENT_FAILED));
}

/* Without an attempt, what a queue run takes is left to it. */
static unsigned
limits_of(const struct context *context, enum queue_mode mode)
{
	const struct queue_params *queue = &context->account.queue;
	const struct envelope *e = &context->submission.envelope;

	if (mode == QUEUE_MODE_OFF || count_recipients(e) > 0)
		return mode == QUEUE_MODE_LATER ? user_limit(queue)
						: rate_limits(queue);
	return handover_first_kept(e) != NULL ? user_limit(queue) : 0;
}

static bool
take(struct context *context, unsigned limits, struct rate_excess *excess,
    struct error *err)
{
	unsigned recipients = count_recipients(&context->submission.envelope);
	char *configuration;
	struct rate_owner owner;
	bool ok;

	if (limits == 0)
		return true;
	owner = owner_of(context, &configuration);
	ok = rate_take(&owner, limits, recipients > 0 ? recipients : 1,
	    &context->rate, excess, err);
	free(configuration);
	return ok;
}

/* What waits for tokens of the account counts for the user who hands it over.
 * The error remains if it is not queued. */
static bool
queue_over_limit(struct context *context, const struct rate_excess *excess,
    struct error *err)
{
	unsigned limit = user_limit(&context->account.queue);
	struct rate_excess of_user;
	struct error why = { 0 };

	if (!take(context, limit, &of_user, &why)) {
		error_free(err);
		error_move(err, &why);
		return false;
	}
	if (queue_until(context, excess->when, err))
		return true;
	give_back(context, limit, 0);
	return false;
}

enum rate_limit
rate_limit_take(struct context *context, enum queue_mode mode,
    struct error *err)
{
	struct rate_excess excess;
	bool refused;

	context->rate = (struct rate_tokens){ 0 };
	if (take(context, limits_of(context, mode), &excess, err))
		return RATE_LIMIT_FREE;
	refused = mode == QUEUE_MODE_OFF || excess.when == 0
	    || (rate_refusing(&context->account.queue) & RATE_BIT(excess.kind))
		!= 0;
	if (!refused && queue_over_limit(context, &excess, err))
		return RATE_LIMIT_QUEUED;
	envelope_fail(&context->submission.envelope, err);
	return RATE_LIMIT_REFUSED;
}

/* How long a client may take to send a message, in milliseconds. */
#define TIME_TO_SEND 30000

bool
rate_limit_check(const struct context *context, enum queue_mode mode,
    struct error *err)
{
	const struct queue_params *queue = &context->account.queue;
	unsigned limits =
	    mode == QUEUE_MODE_OFF ? rate_limits(queue) : user_limit(queue);
	char *configuration;
	const struct rate_owner owner = owner_of(context, &configuration);
	bool ok = rate_check(&owner, limits, TIME_TO_SEND, err);

	free(configuration);
	return ok;
}

void
rate_limit_describe(const struct context *context, struct str *out)
{
	char *configuration;
	const struct rate_owner owner = owner_of(context, &configuration);

	rate_describe(&owner, out);
	free(configuration);
}

/* ---- queued messages ---- */

static struct rate_owner
owner_of_entry(const struct queue_params *queue,
    const struct queue_entry *entry)
{
	return (struct rate_owner){ .queue = queue,
		.account = entry->account,
		.configuration = entry->configuration,
		.uid = (uid_t)entry->uid };
}

bool
rate_limit_take_queued(const struct queue_params *queue,
    const struct queue_entry *entry, const struct envelope *envelope,
    struct rate_tokens *tokens, struct rate_excess *excess, struct error *err)
{
	const struct rate_owner owner = owner_of_entry(queue, entry);
	unsigned limits = other_limits(queue);

	/* No user has written a notice. */
	if (entry->is_notice)
		limits &= ~RATE_BIT(RATE_USER);
	return rate_take(&owner, limits, (unsigned)envelope->count, tokens,
	    excess, err);
}

void
rate_limit_end_queued(const struct queue_params *queue,
    const struct queue_entry *entry, const struct envelope *envelope,
    struct rate_tokens *tokens)
{
	const struct rate_owner owner = owner_of_entry(queue, entry);

	rate_give_back(&owner, RATE_ALL,
	    envelope != NULL ? count_sent(envelope) : 0, tokens);
}
