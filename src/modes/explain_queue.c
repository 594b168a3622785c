/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what the queue would do with a message. */
#include "modes/explain_queue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "modes/folder_check.h"
#include "report/dead_letter.h"

static const struct {
	const char *word;
	const char *explained;
	const char *pretended; /* NULL: the message is sent first */
} modes[] = {
	[QUEUE_MODE_OFF] = { "off", "off: the caller is told of every failure",
	    NULL },
	[QUEUE_MODE_ON] = { "on", "on: what cannot be delivered now is kept",
	    NULL },
	[QUEUE_MODE_ALWAYS] = { "always",
	    "always: kept before it is sent in the "
	    "background",
	    "queued before it is sent in the background" },
	[QUEUE_MODE_LATER] = { "later", "later: kept for the next queue run",
	    "queued for the next queue run" },
};

/* ---- what decides ---- */

static void
add_setting(const struct context *context, struct explanation *x)
{
	struct str text = { 0 };

	account_describe_setting(&context->account, "queue", &text);
	explanation_add(x, PART_QUEUE_SOURCE, str_text(&text));
	str_free(&text);
}

static void
add_reason(const struct context *context, struct explanation *x)
{
	static const char *const options[] = {
		[DELIVERY_DEFAULT] = NULL,
		[DELIVERY_BACKGROUND] = "-odb",
		[DELIVERY_INTERACTIVE] = "-odi",
		[DELIVERY_QUEUE] = "-odq",
	};
	const struct queue_params *queue = &context->account.queue;
	const char *option = options[context->cmdline->delivery];

	if (cmdline_has_host(context->cmdline))
		explanation_add(x, PART_QUEUE_SOURCE,
		    "the command line, which gives the server");
	else if (queue->mode != QUEUE_MODE_OFF && queue->folder == NULL)
		explanation_add(x, PART_QUEUE_SOURCE,
		    "the user has no home folder, and queue_dir is not set");
	else if (queue->mode != QUEUE_MODE_OFF && option != NULL)
		explanation_add(x, PART_QUEUE_SOURCE, option);
	else
		add_setting(context, x);
}

/* ---- the folder ---- */

static void
add_folder(const char *path, struct explanation *x)
{
	struct error err = { 0 };
	bool exists;
	char *reason;

	if (folder_check_queue(path, &exists, &err)) {
		explanation_format(x, PART_QUEUE_FOLDER, "%s%s", path,
		    exists ? "" : ", not created yet");
	} else {
		reason = error_describe(&err);
		explanation_format(x, PART_QUEUE_FOLDER,
		    "%s, which cannot be used: %s", path, reason);
		free(reason);
	}
	error_free(&err);
}

/* ---- the schedule ---- */

static void
add_schedule(const struct queue_params *queue, enum queue_mode mode,
    struct explanation *x)
{
	const struct queue_schedule *schedule = &queue->schedule;
	struct str text = { 0 };

	if (mode == QUEUE_MODE_ON) {
		str_add(&text, "the caller waits for up to ");
		text_add_duration(&text, queue->wait);
		str_add(&text, "; ");
	}
	str_add(&text, "pauses of ");
	text_add_duration(&text, schedule->first_pause);
	str_add(&text, " to ");
	text_add_duration(&text, schedule->longest_pause);
	if (schedule->warn_after != 0) {
		str_add(&text, "; delay notice after ");
		text_add_duration(&text, schedule->warn_after);
	}
	str_add(&text, "; returned after ");
	text_add_duration(&text, schedule->lifetime);
	explanation_add(x, PART_QUEUE_SCHEDULE, str_text(&text));
	str_free(&text);
}

static void
add_dead_letter(const struct context *context, struct explanation *x)
{
	const char *setting = context->account.dead_letter;
	char *file = NULL;

	if (strcmp(setting, "on") != 0
	    || context->user.uid >= DEAD_LETTER_UID_MIN)
		file = dead_letter_file(setting, &context->user);
	if (file != NULL)
		explanation_format(x, PART_QUEUE_DEAD_LETTER,
		    "%s, what is not sent and not kept", file);
	free(file);
}

void
explain_queue(const struct context *context, struct explanation *x)
{
	const struct queue_params *queue = &context->account.queue;
	enum queue_mode mode = context_queue_mode(context);

	explanation_begin(x, EXPLAINED_QUEUE, modes[mode].explained);
	explanation_add(x, PART_QUEUE_MODE, modes[mode].word);
	add_reason(context, x);
	if (mode != QUEUE_MODE_OFF) {
		add_folder(queue->folder, x);
		add_schedule(queue, mode, x);
	}
	add_dead_letter(context, x);
}

void
pretend_queue(const struct context *context, struct str *out)
{
	const char *text = modes[context_queue_mode(context)].pretended;

	if (text != NULL)
		str_printf(out, "delivery = %s\n", text);
}
