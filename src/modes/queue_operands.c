/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the messages that operands name, and waits for their locks. */
#include "modes/queue_operands.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "modes/queue_open.h"

/* The rest of many failures is only counted. */
#define PROBLEMS_MAX 20
/* Between two attempts to lock a message, in milliseconds. */
#define RETRY_INTERVAL 50

struct run {
	struct context *context;
	struct queue_folder *folder;
	const struct queue_command *command;
	const enum queue_place *places; /* where the messages may be */
	bool named;                     /* they were named by an ID */
	struct queue_list locked;
	size_t failures;
	struct error first; /* failure */
};

static bool
fail(struct run *run, struct error *failure)
{
	if (run->failures++ < PROBLEMS_MAX)
		strv_take(&run->context->problems, error_describe(failure));
	if (error_is_set(&run->first))
		error_free(failure);
	else
		error_move(&run->first, failure);
	return false;
}

static void
fail_message(struct run *run, const struct queue_id *id, enum error_kind kind,
    const char *what)
{
	struct error failure = { 0 };

	error_set(&failure, kind, "%s", what);
	error_subject(&failure, "%s", id->text);
	fail(run, &failure);
}

static void
fail_file(struct run *run, enum queue_place place, const struct queue_id *id,
    enum queue_file_state state, struct error *reason)
{
	struct error failure = { 0 };
	char *text = queue_file_problem(run->folder, place, id, state, reason);

	error_set(&failure,
	    state == QUEUE_FILE_DAMAGED ? ERROR_MESSAGE : ERROR_FILE, "%s",
	    text);
	free(text);
	error_free(reason);
	fail(run, &failure);
}

/* Says so if the message is in failed/, where the command does not look. */
static void
fail_missing(struct run *run, const struct queue_id *id)
{
	struct error reason = { 0 };
	struct queue_file file;
	enum queue_file_state state =
	    queue_file_peek(&file, run->folder, QUEUE_FAILED_MAIL, id, &reason);

	state = queue_command_select(run->context, &file,
	    &(struct queue_operand){ .id = id, .is_named = true }, state);
	queue_file_close(&file);
	error_free(&reason);
	fail_message(run, id, ERROR_NO_INPUT,
	    state == QUEUE_FILE_GONE
		? "there is no message with this ID"
		: "the message is in failed/; --queue-requeue puts it back "
		  "into the queue");
}

/* Returns false if the message is locked. */
static bool
work_on(struct run *run, const struct queue_id *id)
{
	const struct queue_command *command = run->command;
	const struct queue_operand operand = { .id = id,
		.is_named = run->named };
	enum queue_file_state state = QUEUE_FILE_GONE;
	struct error reason = { 0 };
	const enum queue_place *place = run->places;

	for (; *place != QUEUE_PLACES; place++) {
		state = command->work(command->ctx, run->folder, *place,
		    &operand, &reason);
		if (state != QUEUE_FILE_GONE)
			break;
	}
	if (state == QUEUE_FILE_LOCKED)
		return false;
	if (state == QUEUE_FILE_GONE && run->named)
		fail_missing(run, id);
	else if (state == QUEUE_FILE_OPEN && error_is_set(&reason))
		fail(run, &reason);
	else if (state != QUEUE_FILE_GONE && state != QUEUE_FILE_OPEN)
		fail_file(run, *place, id, state, &reason);
	error_free(&reason);
	return true;
}

static void
add_locked(struct run *run, const struct queue_id *id)
{
	struct queue_list *list = &run->locked;

	list->ids =
	    alloc_grow(list->ids, list->count, &list->size, sizeof(*list->ids));
	list->ids[list->count++] = *id;
}

/* All locked messages together have the time that one may take: a run that
 * holds them has asked a server about all of them. */
static void
wait_for_locks(struct run *run)
{
	int64_t deadline = clock_after_seconds(QUEUE_LOCK_SECONDS);

	for (size_t i = 0; i < run->locked.count; i++) {
		const struct queue_id *id = &run->locked.ids[i];
		bool done = work_on(run, id);

		while (!done && !clock_has_passed(deadline)
		    && process_signal() == 0) {
			poll(NULL, 0, RETRY_INTERVAL);
			done = work_on(run, id);
		}
		if (!done)
			fail_message(run, id, ERROR_FILE,
			    "the message is being delivered");
	}
	run->locked.count = 0;
}

static void
work_on_list(struct run *run, const struct queue_list *list)
{
	for (size_t i = 0; i < list->count && process_signal() == 0; i++)
		if (!work_on(run, &list->ids[i]))
			add_locked(run, &list->ids[i]);
	wait_for_locks(run);
}

static void
work_on_all(struct run *run)
{
	const enum queue_place *all = run->command->all;

	run->named = false;
	for (; *all != QUEUE_PLACES; all++) {
		const enum queue_place here[] = { *all, QUEUE_PLACES };
		struct queue_list list = { 0 };
		struct error failure = { 0 };

		run->places = here;
		if (queue_folder_list(run->folder, *all, &list, &failure))
			work_on_list(run, &list);
		else
			fail(run, &failure);
		queue_list_free(&list);
	}
	run->places = NULL;
}

enum queue_file_state
queue_command_select(const struct context *context,
    const struct queue_file *file, const struct queue_operand *operand,
    enum queue_file_state state)
{
	const char *account = context->cmdline->account;
	const char *own = file->entry.account;
	bool is_read = state == QUEUE_FILE_OPEN || state == QUEUE_FILE_DAMAGED;
	bool is_meant;

	if (!is_read || account == NULL)
		return state;
	is_meant = own != NULL ? strcmp(own, account) == 0 : operand->is_named;
	return is_meant ? state : QUEUE_FILE_GONE;
}

void
queue_command_log(const struct context *context, const struct queue_id *id,
    const char *account, const char *result)
{
	const struct settings *settings =
	    account != NULL ? config_find(&context->config, account) : NULL;
	int64_t delay = (int64_t)time(NULL) - queue_id_arrival(id) / 1000;
	char *line = alloc_printf("queue=%s delay=%" PRId64 " result=%s",
	    id->text, delay > 0 ? delay : 0, result);

	if (settings != NULL)
		log_set_facility(settings->values.syslog);
	log_line(LOG_INFO, line);
	free(line);
}

static bool
is_all(const char *operand)
{
	return strcmp(operand, "all") == 0;
}

static bool
parse_operands(const struct strv *operands, struct queue_list *list, bool *all,
    struct error *err)
{
	list->ids = alloc_zeroed(operands->count, sizeof(*list->ids));
	for (size_t i = 0; i < operands->count; i++) {
		const char *operand = operands->items[i];

		if (is_all(operand))
			*all = true;
		else if (!queue_id_parse(operand, &list->ids[list->count++]))
			return error_set(err, ERROR_USAGE,
			    "\"%s\" is neither the ID of a queued message nor "
			    "all; see mailq",
			    operand);
	}
	return true;
}

bool
queue_command_run(struct context *context, struct queue_folder *folder,
    const struct queue_command *command, struct error *err)
{
	struct run run = { .context = context,
		.folder = folder,
		.command = command,
		.places = command->named,
		.named = true };
	struct queue_list named = { 0 };
	bool all = false;
	bool ok =
	    parse_operands(&context->cmdline->operands, &named, &all, err);

	if (ok)
		work_on_list(&run, &named);
	if (ok && all)
		work_on_all(&run);
	if (run.failures > PROBLEMS_MAX)
		strv_take(&context->problems,
		    alloc_printf("%zu more messages with a problem",
			run.failures - PROBLEMS_MAX));
	queue_list_free(&named);
	queue_list_free(&run.locked);
	if (ok && process_signal() != 0)
		ok =
		    error_set(err, ERROR_INTERRUPTED, "ended by signal %d (%s)",
			process_signal(), strsignal(process_signal()));
	else if (error_is_set(&run.first)) {
		error_move(err, &run.first);
		ok = false;
	}
	error_free(&run.first);
	return ok;
}
