/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removes, moves and rewrites queued messages.
 *
 * postsuper -r of Postfix gives a message that it queues again a new name.  Here
 * it keeps its ID: the new file takes the place of the old one in one step, so
 * that a crash between two steps cannot leave both.
 */
#include "modes/queue_manage.h"

#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/log.h"
#include "config/select.h"
#include "modes/queue_open.h"
#include "modes/queue_operands.h"
#include "queue/create.h"
#include "queue/usage.h"

struct manage {
	struct context *context;
	const struct action *action;
	const struct settings *account; /* of -a; NULL: each keeps its own */
	bool changed[QUEUE_PLACES];     /* names in it have changed */
};

typedef bool action_work(struct manage *manage, struct queue_file *file,
    struct error *err);

static action_work delete_message, move_message, requeue_message;

static const enum queue_place only_active[] = { QUEUE_ACTIVE, QUEUE_PLACES };
static const enum queue_place only_hold[] = { QUEUE_HOLD, QUEUE_PLACES };

static const struct action {
	enum mode mode;
	action_work *work;
	enum queue_place target; /* of move_message() and requeue_message() */
	bool takes_damaged;
	const enum queue_place *named;
	const enum queue_place *all;
	const char *result; /* for the log */
} actions[] = {
	{ MODE_QUEUE_DELETE, delete_message, QUEUE_PLACES, true,
	    queue_places_all, queue_places_waiting, "deleted" },
	{ MODE_QUEUE_HOLD, move_message, QUEUE_HOLD, false,
	    queue_places_waiting, only_active, "held" },
	{ MODE_QUEUE_RELEASE, move_message, QUEUE_ACTIVE, false,
	    queue_places_waiting, only_hold, "released" },
	{ MODE_QUEUE_REQUEUE, requeue_message, QUEUE_ACTIVE, false,
	    queue_places_all, queue_places_waiting, "requeued" },
};

static int64_t
now(void)
{
	return (int64_t)time(NULL) * 1000;
}

/* ---- the actions ---- */

static bool
delete_message(struct manage *manage, struct queue_file *file,
    struct error *err)
{
	const struct queue_text *text = &file->entry.text;

	manage->changed[file->place] = true;
	if (!queue_file_remove(file, err))
		return false;
	if (file->place != QUEUE_FAILED_MAIL)
		queue_usage_subtract(file->folder,
		    text->header_size + text->body_size);
	return true;
}

static bool
move_message(struct manage *manage, struct queue_file *file, struct error *err)
{
	enum queue_place target = manage->action->target;

	manage->changed[file->place] = true;
	manage->changed[target] = true;
	return queue_file_move(file, target, err);
}

/* Recipients to whom the message was not delivered; who failed is tried again
 * only if the message could not be returned. */
static bool
is_left(const struct queue_file *file, const struct queue_recipient *r)
{
	return r->state == QUEUE_WAITING
	    || (file->place == QUEUE_FAILED_MAIL && r->state == QUEUE_FAILED);
}

static bool
copy_recipients(struct queue_entry *entry, const struct queue_file *file)
{
	for (size_t i = 0; i < file->entry.count; i++) {
		const struct queue_recipient *r = &file->entry.recipients[i];

		if (is_left(file, r))
			queue_entry_add(entry, r->address, r->original)
			    ->notify = r->notify;
	}
	return entry->count > 0;
}

/* Moves what never changes into a new entry. */
static void
take_entry(struct queue_entry *entry, struct queue_entry *old)
{
	const struct queue_id id = old->id;

	*entry = *old;
	entry->recipients = NULL;
	entry->count = entry->size = 0;
	entry->attempts = 0;
	entry->last_attempt = entry->next_attempt = 0;
	entry->warned = entry->done = false;
	*old = (struct queue_entry){ .id = id,
		.recipients = old->recipients,
		.count = old->count,
		.size = old->size,
		.warned = old->warned };
}

/* Without -C, a queue run finds the files as this process did. */
static void
use_account(struct queue_entry *entry, const struct manage *manage)
{
	const char *file = manage->context->cmdline->config_file;

	alloc_replace(&entry->account, manage->account->values.name);
	free(entry->configuration);
	entry->configuration = file != NULL ? realpath(file, NULL) : NULL;
}

/* The message is due at once, but its sender is not told of the delay again. */
static bool
finish_requeue(const struct manage *manage, struct queue_file *file,
    bool was_warned, struct error *err)
{
	const struct queue_event event = { .type = QUEUE_EVENT_WARNED,
		.time = now() };
	enum queue_place target = manage->action->target;

	queue_file_touch(file);
	return (!was_warned || queue_file_append(file, &event, 1, true, err))
	    && (file->place == target || queue_file_move(file, target, err));
}

static bool
requeue_message(struct manage *manage, struct queue_file *file,
    struct error *err)
{
	struct queue_entry entry;
	struct queue_file new;
	struct message m = { 0 };
	bool ok = queue_file_message(file, &m, err);

	take_entry(&entry, &file->entry);
	if (!copy_recipients(&entry, file))
		ok = error_set(ok ? err : NULL, ERROR_MESSAGE,
		    "the message has no recipient left");
	if (manage->account != NULL)
		use_account(&entry, manage);
	manage->changed[file->place] = true;
	manage->changed[manage->action->target] = true;
	if (ok) {
		ok = queue_replace(&new, file, &entry, &m, err)
		    && finish_requeue(manage, &new, file->entry.warned, err);
		queue_file_close(&new);
	}
	queue_entry_free(&entry);
	message_free(&m);
	return ok;
}

/* ---- one message ---- */

static enum queue_file_state
manage_in(void *ctx, struct queue_folder *folder, enum queue_place place,
    const struct queue_operand *operand, struct error *err)
{
	struct manage *manage = ctx;
	const struct action *action = manage->action;
	struct queue_file file;
	enum queue_file_state state =
	    queue_file_open(&file, folder, place, operand->id, err);
	char *account = alloc_string(file.entry.account);

	/* -a of --queue-requeue is the new account. */
	if (action->work != requeue_message)
		state = queue_command_select(manage->context, &file, operand,
		    state);
	if (state == QUEUE_FILE_DAMAGED && action->takes_damaged) {
		error_free(err);
		state = QUEUE_FILE_OPEN;
	}
	/* What is on hold already, for example, needs no work. */
	if (state == QUEUE_FILE_OPEN
	    && (place != action->target || action->work == requeue_message)
	    && action->work(manage, &file, err))
		queue_command_log(manage->context, operand->id, account,
		    action->result);
	queue_file_close(&file);
	free(account);
	return state;
}

/* ---- all messages ---- */

static const struct action *
find_action(enum mode mode)
{
	const struct action *action = actions;

	while (action->mode != mode)
		action++;
	return action;
}

static bool
select_account(struct manage *manage, struct error *err)
{
	const struct context *context = manage->context;
	struct selection selection;

	if (manage->action->work != requeue_message
	    || context->cmdline->account == NULL)
		return true;
	if (!config_select(&context->config, &context->user,
		context->cmdline->account, NULL, &selection, err))
		return false;
	manage->account = selection.settings;
	return true;
}

/* The new name of a message is on the disk before the old one is gone. */
static bool
sync_changes(const struct manage *manage, struct queue_folder *folder,
    struct error *err)
{
	const enum queue_place target = manage->action->target;
	bool ok = target == QUEUE_PLACES || !manage->changed[target]
	    || queue_folder_sync(folder, target, err);

	for (size_t i = 0; ok && i < QUEUE_PLACES; i++)
		if (manage->changed[i] && i != (size_t)target)
			ok =
			    queue_folder_sync(folder, (enum queue_place)i, err);
	return ok;
}

bool
queue_manage(struct context *context, struct str *out, struct error *err)
{
	struct manage manage = { .context = context,
		.action = find_action(context->cmdline->mode) };
	const struct queue_command command = { .work = manage_in,
		.ctx = &manage,
		.named = manage.action->named,
		.all = manage.action->all };
	struct queue_folder folder;
	bool ok;

	(void)out;
	if (context->cmdline->syslog_tag != NULL)
		log_set_ident(context->cmdline->syslog_tag);
	if (!queue_open(context, &folder, err))
		return false;
	/* Only a subfolder of a queue that exists is created. */
	folder.create = true;
	ok = select_account(&manage, err)
	    && queue_command_run(context, &folder, &command, err);
	ok = sync_changes(&manage, &folder, ok ? err : NULL) && ok;
	queue_folder_close(&folder);
	return ok;
}
