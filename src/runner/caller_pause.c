/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and changes pauses without a queue run.
 */
#include "runner/caller_pause.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "queue/pauses.h"
#include "queue/waits.h"
#include "runner/alert.h"
#include "runner/enqueue.h"
#include "runner/events.h"
#include "runner/pause.h"

/* Without a queue, there are no pauses. */
static bool
open_pauses(const struct context *context, struct queue_folder *folder,
    struct queue_pauses *p)
{
	*p = (struct queue_pauses){ .folder = folder };
	if (context->account.queue.folder == NULL
	    || !queue_folder_open(folder, context->account.queue.folder, false,
		NULL))
		return false;
	queue_pauses_read(p);
	return true;
}

static bool
have_pauses(const struct queue_pauses *p, const struct context *context)
{
	const struct envelope *e = &context->submission.envelope;
	char *configuration = enqueue_configuration(context->cmdline);
	const struct queue_destination account = {
		.account = context->account.name,
		.configuration = configuration,
	};
	int64_t now = queue_now();
	bool result = e->count > 0;

	for (size_t i = 0; result && i < e->count; i++)
		result = queue_pause_of_recipient(p, &account,
			     e->recipients[i].address, now)
		    != NULL;
	free(configuration);
	return result;
}

bool
caller_is_paused(const struct context *context)
{
	struct queue_folder folder;
	struct queue_pauses p;
	bool result;

	if (!open_pauses(context, &folder, &p))
		return false;
	result = p.count > 0 && have_pauses(&p, context);
	queue_pauses_free(&p);
	queue_folder_close(&folder);
	return result;
}

unsigned
caller_wait(const struct context *context)
{
	unsigned wait = context->account.queue.wait;
	unsigned connect = context->account.server.connect_timeout;

	return connect != 0 && connect < wait && caller_is_paused(context)
	    ? connect
	    : wait;
}

bool
caller_note_attempt(const struct context *context)
{
	struct queue_folder folder;
	struct queue_pauses p;
	enum pause_outcome outcome;
	char *configuration;

	alert_after_attempt(context, &context->submission.envelope);
	if (!open_pauses(context, &folder, &p))
		return false;
	configuration = enqueue_configuration(context->cmdline);
	outcome = pause_after_attempt(&p,
	    &(struct pause_attempt){ .account = &context->account,
		.configuration = configuration,
		.envelope = &context->submission.envelope,
		.session = &context->session });
	free(configuration);
	queue_pauses_free(&p);
	queue_folder_close(&folder);
	return outcome == OUTCOME_PAUSED;
}

/* Whether messages with this pause use the account as it was selected now. */
static bool
is_of_account(const struct queue_pause *pause, const struct context *context,
    const char *file)
{
	if (strcmp(pause->account, context->account.name) != 0)
		return false;
	/* Without -C, messages name no file. */
	if (pause->configuration == NULL)
		return context->cmdline->config_file == NULL
		    || context->user.is_service;
	return text_equal(pause->configuration, file);
}

/* Returns how many of the pauses are those of the account. */
static size_t
count_pauses(const struct queue_pauses *p, const struct context *context,
    const char *file)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++)
		count += is_of_account(&p->items[i], context, file);
	return count;
}

static bool
end_pauses(struct queue_pauses *p, const struct context *context,
    const char *file)
{
	if (count_pauses(p, context, file) == 0)
		return false;
	queue_pauses_lock(p);
	for (size_t i = p->count; i-- > 0;) {
		const struct queue_pause *pause = &p->items[i];
		const struct queue_destination d = { .account = pause->account,
			.configuration = pause->configuration,
			.domain = pause->domain };

		if (is_of_account(pause, context, file))
			queue_pauses_end(p, &d, queue_now());
	}
	return queue_pauses_write(p);
}

bool
caller_end_pauses(const struct context *context)
{
	const struct origin *origin = &context->account.origin;
	struct queue_folder folder;
	struct queue_pauses p;
	char *file;
	bool ended;

	if (!open_pauses(context, &folder, &p))
		return false;
	file =
	    origin->kind == ORIGIN_FILE ? realpath(origin->file, NULL) : NULL;
	ended = end_pauses(&p, context, file);
	free(file);
	queue_pauses_free(&p);
	queue_folder_close(&folder);
	return ended;
}
