/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opens the files of messages, and finds out which of them must wait.
 */
#include "runner/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/process.h"
#include "queue/schedule.h"
#include "queue/waits.h"
#include "runner/events.h"
#include "runner/put_aside.h"

static bool
is_first(const struct run *run)
{
	return run->workers.number == 0 && run->only == NULL;
}

void
run_leave(const struct run *run, const struct error *err)
{
	if (!is_first(run))
		return;
	log_error(LOG_WARNING, err);
	if (run->out == NULL)
		return;
	error_print(err, false, run->out);
	str_add_char(run->out, '\n');
}

void
run_leave_unreadable(struct run *run, struct error *err)
{
	run_leave(run, err);
	if (!error_is_set(&run->unreadable))
		error_move(&run->unreadable, err);
}

/* ---- the files ---- */

static bool
has_recipient_like(const struct queue_entry *entry, const char *part)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->recipients[i].state == QUEUE_WAITING
		    && strstr(entry->recipients[i].address, part) != NULL)
			return true;
	return false;
}

/* Whether the message is not of the account that this process is for. */
static bool
is_of_others(const struct run *run, const struct queue_entry *entry)
{
	return run->only != NULL && !run_account_is_of(run->only, entry);
}

static bool
matches(const struct run *run, const struct queue_entry *entry)
{
	const struct cmdline *cmdline = run->cmdline;

	if (is_of_others(run, entry))
		return false;
	if (cmdline->queue_sender != NULL
	    && strstr(entry->sender, cmdline->queue_sender) == NULL)
		return false;
	return cmdline->queue_recipient == NULL
	    || has_recipient_like(entry, cmdline->queue_recipient);
}

/* Whether another process of this run, for example, was faster. */
static bool
was_tried_since_start(const struct run *run, const struct queue_entry *entry)
{
	return entry->last_attempt >= run->start
	    && entry->last_attempt <= queue_now();
}

/* The time of a file is only a copy of what its journal says. */
static bool
is_due(struct run *run, const struct queue_entry *entry)
{
	const struct cmdline *cmdline = run->cmdline;
	const struct run_account *a;

	if (cmdline->queue_all || cmdline->queue_id != NULL)
		return !was_tried_since_start(run, entry);
	a = run_account_find(&run->accounts, entry);
	return queue_is_due(a->is_broken ? &run->due.schedule
					 : &a->context.account.queue.schedule,
	    entry->next_attempt, queue_now());
}

/* All processes of the run come upon the file. */
static void
leave(struct run *run, const struct queue_id *id, enum queue_file_state state,
    struct error *err)
{
	if (!is_first(run))
		return;
	if (state == QUEUE_FILE_NEWER) {
		error_set(err, ERROR_FILE,
		    "a newer version of veredus wrote this message");
		error_subject(err, "%s/%s/%s", run->folder.path,
		    queue_place_name(QUEUE_ACTIVE), id->text);
	}
	leave_aside(run, id, err);
}

/* Opens a file, and deals with one that cannot be delivered. */
static enum queue_file_state
open_due(struct run *run, const struct queue_id *id, struct queue_file *file)
{
	struct error err = { 0 };
	enum queue_file_state state =
	    queue_file_open(file, &run->folder, QUEUE_ACTIVE, id, &err);

	switch (state) {
	case QUEUE_FILE_DAMAGED:
		put_aside(run, file, &err);
		queue_file_close(file);
		break;
	case QUEUE_FILE_NEWER:
	case QUEUE_FILE_FOREIGN:
		leave(run, id, state, &err);
		break;
	case QUEUE_FILE_UNREADABLE:
		run_leave_unreadable(run, &err);
		break;
	case QUEUE_FILE_OPEN:
	case QUEUE_FILE_GONE:
	case QUEUE_FILE_LOCKED:
		break;
	}
	error_free(&err);
	return state;
}

/* ---- messages that wait ---- */

static bool
has_reasons(const struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->recipients[i].state == QUEUE_WAITING
		    && entry->recipients[i].time == 0)
			return false;
	return true;
}

/* Whether something is to be written or to be done during a pause, for a message
 * that must not be tried.  A list of the queue shows why a message waits. */
static bool
must_settle(const struct run_account *a, const struct queue_entry *entry,
    int64_t now)
{
	const struct queue_schedule *schedule =
	    &a->context.account.queue.schedule;

	return !has_reasons(entry) || queue_is_expired(schedule, entry, now)
	    || queue_must_warn(schedule, entry, now);
}

bool
plan_lacks_tokens(const struct run_account *a, int64_t now)
{
	return a->tokens_when > now;
}

/* Returns when the message can be tried: after the pause of its destination, or
 * when the account has tokens; 0: now. */
static int64_t
waits_until(const struct run *run, const struct run_account *a,
    const struct queue_entry *entry, int64_t now)
{
	const struct queue_pause *pause =
	    queue_pause_of_message(&run->pauses, entry, now);

	if (pause != NULL)
		return pause->until;
	return plan_lacks_tokens(a, now)
	    ? queue_wait_until(&a->context.account.queue.schedule,
		a->tokens_when, now)
	    : 0;
}

enum plan
plan_message(const struct run *run, const struct run_account *a,
    const struct queue_entry *entry, bool is_second)
{
	int64_t now = queue_now();

	if (a->is_left || a->is_handed_over || (a->is_broken && !a->heir))
		return PLAN_WAIT;
	if (a->is_broken)
		return must_settle(a->heir, entry, now) ? PLAN_DEFER
							: PLAN_WAIT;
	if (plan_lacks_tokens(a, now)
	    || queue_pause_of_message(&run->pauses, entry, now) != NULL)
		return must_settle(a, entry, now) ? PLAN_DEFER : PLAN_WAIT;
	return a->is_probed_elsewhere && !is_second ? PLAN_LATER : PLAN_DELIVER;
}

static int64_t
earlier(int64_t a, int64_t b, int64_t now)
{
	return b > now && b < a ? b : a;
}

void
plan_set_time(const struct run *run, const struct run_account *a,
    const struct queue_file *file)
{
	const struct queue_schedule *schedule =
	    &a->context.account.queue.schedule;
	const struct queue_entry *entry = &file->entry;
	int64_t now = queue_now();
	int64_t when = waits_until(run, a, entry, now);

	if (when == 0)
		return;
	when = earlier(when,
	    entry->arrival + (int64_t)schedule->lifetime * 1000, now);
	queue_file_set_time(file,
	    earlier(when, entry->arrival + (int64_t)schedule->warn_after * 1000,
		now));
}

static void
add_reason(const struct run *run, const struct run_account *a,
    const struct queue_entry *entry)
{
	const struct queue_pause *pause =
	    queue_pause_of_message(&run->pauses, entry, queue_now());

	if (run->out == NULL)
		return;
	str_printf(run->out, "%s waits: ", entry->id.text);
	if (a->is_broken) {
		str_printf(run->out, "account %s cannot be used", a->name);
	} else if (a->is_left) {
		str_printf(run->out, "other processes work on account %s",
		    a->name);
	} else if (pause != NULL) {
		queue_pause_print_name(pause, run->out);
		str_printf(run->out, " has a pause: %s", pause->reason);
	} else if (error_is_set(&a->excess)) {
		error_print(&a->excess, false, run->out);
	}
	str_add_char(run->out, '\n');
}

/* One worker tells about what no worker does. */
void
plan_wait(const struct run *run, const struct run_account *a,
    const struct queue_file *file)
{
	if (a->is_handed_over)
		return;
	plan_set_time(run, a, file);
	if (run->workers.number == 0)
		add_reason(run, a, &file->entry);
}

static bool
may_wait(const struct run_account *a)
{
	return a->is_broken || a->is_left || a->is_handed_over
	    || a->is_probed_elsewhere || a->tokens_when != 0;
}

/* Whether it must be known before the message is opened what it waits for. */
static bool
may_be_skipped(const struct run *run, const struct due *due)
{
	if (run->pauses.count > 0)
		return true;
	if (due->account != NULL)
		return may_wait(due->account);
	for (size_t i = 0; i < run->accounts.count; i++)
		if (may_wait(run->accounts.items[i]))
			return true;
	return run->only != NULL;
}

/* Whether the message is known to be one of another process of this run. */
static bool
is_elsewhere(const struct run *run, const struct due *due)
{
	return due->account != NULL
	    && (run->only != NULL ? due->account != run->only
				  : due->account->is_handed_over);
}

static void
learn_account(struct run *run, struct due *due)
{
	struct queue_file file;
	struct error err = { 0 };

	if (queue_file_peek(&file, &run->folder, QUEUE_ACTIVE, &due->id, &err)
		== QUEUE_FILE_OPEN
	    && matches(run, &file.entry))
		due->account = run_account_find(&run->accounts, &file.entry);
	queue_file_close(&file);
	error_free(&err);
}

void
plan_learn_accounts(struct run *run)
{
	for (; run->learned < run->due.count && !process_is_ending();
	     run->learned++) {
		struct due *due = &run->due.items[run->learned];

		if (!due->is_done && due->account == NULL)
			learn_account(run, due);
	}
}

/*
 * Whether the message is left alone.  With a long queue and a server that is
 * down, this is what happens to most messages, so that they are neither locked
 * nor read as a whole.
 */
static bool
is_skipped(struct run *run, const struct due *due)
{
	struct queue_file file;
	struct error err = { 0 };
	enum plan plan = PLAN_DELIVER;
	bool is_open;

	if (is_elsewhere(run, due))
		return true;
	/* A pause that has ended since must not set the time of a file. */
	queue_pauses_read(&run->pauses);
	if (!may_be_skipped(run, due))
		return false;
	is_open =
	    queue_file_peek(&file, &run->folder, QUEUE_ACTIVE, &due->id, &err)
	    == QUEUE_FILE_OPEN;
	if (is_open && is_of_others(run, &file.entry)) {
		plan = PLAN_WAIT;
	} else if (is_open && matches(run, &file.entry)
	    && is_due(run, &file.entry)) {
		struct run_account *a =
		    run_account_find(&run->accounts, &file.entry);

		plan = plan_message(run, a, &file.entry, due->is_second);
		if (plan == PLAN_WAIT)
			plan_wait(run, a, &file);
	}
	queue_file_close(&file);
	error_free(&err);
	if (plan == PLAN_LATER)
		due_list_add(&run->due, due->id, true);
	return plan == PLAN_WAIT || plan == PLAN_LATER;
}

bool
plan_open(struct run *run, size_t i, struct queue_file *file)
{
	const struct due due = run->due.items[i];
	enum queue_file_state state;

	if (due.is_done)
		return false;
	if (is_skipped(run, &due)) {
		run->due.items[i].is_done = true;
		return false;
	}
	state = open_due(run, &due.id, file);
	if (state == QUEUE_FILE_OPEN && matches(run, &file->entry)
	    && is_due(run, &file->entry))
		return true;
	run->due.items[i].is_done = true;
	if (state == QUEUE_FILE_LOCKED && !due.is_second)
		due_list_add(&run->due, due.id, true);
	if (state == QUEUE_FILE_OPEN) {
		queue_file_touch(file);
		queue_file_close(file);
	}
	return false;
}
