/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a queue entry of a submission.
 */
#include "runner/enqueue.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/random.h"
#include "queue/create.h"
#include "queue/usage.h"
#include "runner/bounce.h"
#include "runner/events.h"

static void
copy_envelope(struct queue_entry *entry, const struct envelope *e)
{
	static const struct mail_params none;

	entry->sender = alloc_string(e->sender);
	entry->dsn.notify = e->dsn.notify;
	entry->dsn.wanted = e->dsn.wanted;
	alloc_replace(&entry->dsn.envelope_id, e->dsn.envelope_id);
	mail_params_override(&entry->mail_params,
	    e->mail_params != NULL ? e->mail_params : &none);
	entry->declared_8bit = e->declared_8bit;
}

static void
copy_recipients(struct queued *q, struct queue_entry *entry,
    const struct envelope *e, const bool *members)
{
	q->indexes = alloc_zeroed(e->count + 1, sizeof(*q->indexes));
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->recipients[i];

		if (!members[i])
			continue;
		q->indexes[entry->count] = i;
		queue_entry_add(entry, r->address, r->original)->notify =
		    r->notify;
	}
}

char *
enqueue_configuration(const struct cmdline *cmdline)
{
	return cmdline->config_file != NULL
	    ? realpath(cmdline->config_file, NULL)
	    : NULL;
}

static void
make_entry(struct queued *q, struct queue_entry *entry,
    const struct context *context, const bool *members)
{
	const struct account *account = &context->account;
	const struct envelope *e = &context->submission.envelope;

	*entry = (struct queue_entry){ .arrival = queue_now(),
		.uid = user_client(&context->user),
		.account = alloc_string(account->name),
		.configuration = enqueue_configuration(context->cmdline) };
	copy_envelope(entry, e);
	copy_recipients(q, entry, e, members);
}

static bool
reserve(struct queued *q, const struct context *context, uint64_t size,
    struct error *err)
{
	const struct queue_params *params = &context->account.queue;
	const struct queue_usage limits = { .messages = params->max_messages,
		.octets = params->max_octets };

	return queue_folder_open(&q->folder, params->folder, true, err)
	    && queue_usage_add(&q->folder, size, &limits, err);
}

bool
enqueue_is_possible(const struct context *context, struct error *err)
{
	struct queued q = { 0 };
	bool ok = reserve(&q, context, 1, err);

	if (ok)
		queue_usage_subtract(&q.folder, 1);
	queue_folder_close(&q.folder);
	return ok;
}

bool
enqueue(struct queued *q, const struct context *context, const bool *members,
    struct error *err)
{
	const struct message *m = &context->submission.message;
	uint64_t size = m->header.len + m->body.size;
	struct queue_entry entry;

	*q = (struct queued){ 0 };
	if (!reserve(q, context, size, err)) {
		queue_folder_close(&q->folder);
		return false;
	}
	make_entry(q, &entry, context, members);
	if (queue_create(&q->file, &q->folder, &entry, m, err))
		return true;
	queue_usage_subtract(&q->folder, size);
	queued_close(q);
	return false;
}

/* The notice takes the ID for its boundary. */
static void
name_entry(struct queue_entry *entry)
{
	struct random random;

	random_start(&random);
	entry->id = queue_id_make(entry->arrival, random_next(&random));
}

static void
mark_relayed(struct queue_entry *entry, const struct queued *q,
    const struct envelope *e)
{
	for (size_t i = 0; i < entry->count; i++)
		queue_recipient_set(&entry->recipients[i], QUEUE_RELAYED,
		    &e->recipients[q->indexes[i]].status, NULL, NULL);
}

bool
enqueue_relayed(const struct context *context, const bool *members,
    struct error *err)
{
	const struct submission *s = &context->submission;
	char *host = host_fqdn_or_name();
	const struct settle_params params = {
		.queue = &context->account.queue,
		.host = host,
	};
	struct queued q = { 0 };
	struct queue_entry entry;
	bool ok;

	make_entry(&q, &entry, context, members);
	mark_relayed(&entry, &q, &s->envelope);
	name_entry(&entry);
	ok = queue_folder_open(&q.folder, params.queue->folder, true, err)
	    && queue_tell_relayed(&q.folder, &entry, &s->message, &params, err);
	queue_entry_free(&entry);
	queued_close(&q);
	free(host);
	return ok;
}

void
queued_close(struct queued *q)
{
	queue_file_close(&q->file);
	queue_folder_close(&q->folder);
	free(q->indexes);
	q->indexes = NULL;
}
