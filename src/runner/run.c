/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds the messages that are due by the times of their files, in the order in
 * which they are tried, and opens one after the other.
 */
#include "runner/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "config/queue.h"
#include "queue/pauses.h"
#include "queue/sessions.h"
#include "queue/sweep.h"
#include "queue/usage.h"
#include "queue/waits.h"
#include "runner/account.h"
#include "runner/deliver_queued.h"
#include "runner/due.h"
#include "runner/events.h"
#include "runner/pause.h"
#include "runner/workers.h"

/* Seconds for the transaction that is under way when a signal arrives. */
#define SIGNAL_GRACE 10

/* A run that finds new messages again and again ends after so many seconds. */
#define RUN_TIME 600

struct run {
	const struct cmdline *cmdline;
	struct queue_params params;
	struct queue_folder folder;
	struct run_accounts accounts;
	struct queue_pauses pauses;
	struct due_list due;
	size_t current; /* the message that is tried, in due */
	int sessions;   /* of queue_sessions_open() */
	int64_t end;    /* then no new messages are looked for */
	struct workers workers;
	struct workers sandboxed; /* started by this one, for an account each */
	bool has_failed;          /* one of these has */
	/* The account that this process is for; NULL: all. */
	const struct run_account *only;
	struct str *out;
};

static void
log_error(const struct error *err)
{
	char *text = error_describe(err);

	log_line(LOG_WARNING, text);
	free(text);
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

/* The time of a file is only a copy of what its journal says. */
static bool
is_due(struct run *run, const struct queue_entry *entry)
{
	const struct cmdline *cmdline = run->cmdline;
	const struct run_account *a;

	if (cmdline->queue_all || cmdline->queue_id != NULL)
		return true;
	a = run_account_find(&run->accounts, entry);
	return queue_is_due(a->is_broken ? &run->due.schedule
					 : &a->context.account.queue.schedule,
	    entry->next_attempt, queue_now());
}

/* A damaged file is never sent, and nobody can be told of it. */
static void
put_aside(struct queue_file *file, struct error *err)
{
	error_subject(err, "%s/%s", file->folder->path, file->entry.id.text);
	log_error(err);
	error_free(err);
	if (queue_file_move(file, QUEUE_FAILED_MAIL, err))
		(void)queue_folder_sync(file->folder, QUEUE_FAILED_MAIL, err);
	if (error_is_set(err))
		log_error(err);
}

static void
log_newer(const struct queue_id *id)
{
	struct error err = { 0 };

	error_set(&err, ERROR_FILE,
	    "a later version of this program queued it");
	error_subject(&err, "%s", id->text);
	log_error(&err);
	error_free(&err);
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
		put_aside(file, &err);
		queue_file_close(file);
		break;
	case QUEUE_FILE_NEWER:
		log_newer(id);
		break;
	case QUEUE_FILE_FOREIGN:
	case QUEUE_FILE_UNREADABLE:
		log_error(&err);
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

enum plan {
	PLAN_DELIVER,
	PLAN_DEFER, /* settle it without an attempt */
	PLAN_WAIT,  /* leave it alone */
	PLAN_LATER  /* look at it again at the end */
};

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

/* Whether a limit of the account was reached in this run. */
static bool
lacks_tokens(const struct run_account *a, int64_t now)
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
	return lacks_tokens(a, now)
	    ? queue_wait_until(&a->context.account.queue.schedule,
		a->tokens_when, now)
	    : 0;
}

static enum plan
make_plan(const struct run *run, const struct run_account *a,
    const struct queue_entry *entry, bool is_second)
{
	int64_t now = queue_now();

	if (a->is_broken || a->is_left || a->is_handed_over)
		return PLAN_WAIT;
	if (lacks_tokens(a, now)
	    || queue_pause_of_message(&run->pauses, entry, now) != NULL)
		return must_settle(a, entry, now) ? PLAN_DEFER : PLAN_WAIT;
	return a->is_probed_elsewhere && !is_second ? PLAN_LATER : PLAN_DELIVER;
}

static int64_t
earlier(int64_t a, int64_t b, int64_t now)
{
	return b > now && b < a ? b : a;
}

/* No run need look at the file before the pause ends, the sender is to be told,
 * or the message is to be returned. */
static void
set_time(const struct run *run, const struct run_account *a,
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
static void
wait_with(const struct run *run, const struct run_account *a,
    const struct queue_file *file)
{
	if (a->is_handed_over)
		return;
	set_time(run, a, file);
	if (run->workers.number == 0)
		add_reason(run, a, &file->entry);
}

/* Whether the account of some message need be known before it is opened. */
static bool
has_waiting(const struct run *run)
{
	for (size_t i = 0; i < run->accounts.count; i++) {
		const struct run_account *a = run->accounts.items[i];

		if (a->is_broken || a->is_left || a->is_handed_over
		    || a->is_probed_elsewhere || a->tokens_when != 0)
			return true;
	}
	return run->only != NULL || run->pauses.count > 0;
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

	if (!has_waiting(run))
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

		plan = make_plan(run, a, &file.entry, due->is_second);
		if (plan == PLAN_WAIT)
			wait_with(run, a, &file);
	}
	queue_file_close(&file);
	error_free(&err);
	if (plan == PLAN_LATER)
		due_list_add(&run->due, due->id, true);
	return plan == PLAN_WAIT || plan == PLAN_LATER;
}

/*
 * Opens the file of a message that is to be tried.  Another worker may have it
 * only to look at it, so it is looked at once more at the end.
 */
static bool
open_selected(struct run *run, size_t i, struct queue_file *file)
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

/* ---- the attempts ---- */

/* Finds another message of the account for the open session. */
static bool
next_file(void *ctx, const struct run_account *a, struct queue_file *file)
{
	struct run *run = ctx;

	for (size_t i = run->current + 1; i < run->due.count; i++) {
		if (!open_selected(run, i, file))
			continue;
		if (run_account_is_of(a, &file->entry)) {
			run->due.items[i].is_done = true;
			run->current = i;
			return true;
		}
		queue_file_close(file);
	}
	return false;
}

/* It comes last, so that others are tried before it. */
static void
try_again(void *ctx, const struct queue_file *file)
{
	struct run *run = ctx;

	due_list_add(&run->due, file->entry.id, false);
}

/* Somebody who asks for certain messages does not want to wait for another
 * run. */
static bool
is_of_timer(const struct run *run)
{
	const struct cmdline *cmdline = run->cmdline;

	return !cmdline->queue_all && cmdline->queue_id == NULL
	    && cmdline->queue_recipient == NULL
	    && cmdline->queue_sender == NULL;
}

/*
 * Until a session has worked, one process alone tries the servers, and the others
 * wait for what it finds: a server that is down gets one connection in a run.
 */
static bool
begin_probe(struct run *run, struct run_account *a, bool is_second)
{
	const struct queue_destination d = run_account_destination(a);
	enum queue_probe probe;
	int fd;

	if (a->is_good || account_uses_mx(&a->context.account))
		return true;
	probe = queue_probe_begin(&run->folder, &d, is_second, &fd);
	a->is_probed_elsewhere = probe == QUEUE_PROBE_BUSY;
	a->probe_plus_1 = fd + 1;
	queue_pauses_read(&run->pauses);
	return probe != QUEUE_PROBE_BUSY;
}

static void
deliver_session(struct run *run, struct run_account *a, struct queue_file *file)
{
	const struct file_source source = { .next = next_file,
		.again = try_again,
		.ctx = run };

	deliver_queued(a, file, &source, run->out);
}

ATTR_NORETURN static void work_for_account(struct run *run,
    struct run_account *a, struct queue_file *file, int session);

/* A process that reads from the network is in the sandbox of one account, and
 * cannot read other accounts; another process goes on with these. */
static void
deliver_in_sandbox(struct run *run, struct run_account *a,
    struct queue_file *file, int session)
{
	switch (workers_add(&run->sandboxed)) {
	case WORKER_NEW:
		work_for_account(run, a, file, session);
	case WORKER_OLD:
		a->is_handed_over = true;
		break;
	case WORKER_FAILED:
		a->is_left = true;
		break;
	}
}

static void
deliver_now(struct run *run, struct run_account *a, struct queue_file *file)
{
	const struct queue_destination d = run_account_destination(a);
	int session;

	a->is_left = !queue_session_begin(&run->folder, &d,
	    a->context.account.queue.sessions, &session);
	if (a->is_left) {
		wait_with(run, a, file);
		return;
	}
	if (run->only == NULL
	    && a->context.account.sandbox != SANDBOX_MODE_OFF) {
		deliver_in_sandbox(run, a, file, session);
	} else {
		run_account_prepare(a);
		deliver_session(run, a, file);
	}
	if (session >= 0)
		close(session);
}

static void
defer(struct run *run, struct run_account *a, struct queue_file *file)
{
	const struct queue_pause *pause =
	    queue_pause_of_message(&run->pauses, &file->entry, queue_now());
	struct error reason = { 0 };

	if (pause != NULL)
		pause_error(pause, &reason);
	else if (lacks_tokens(a, queue_now()))
		error_copy(&reason, &a->excess);
	else
		return;
	defer_queued(a, file, &reason, run->out);
	set_time(run, a, file);
	error_free(&reason);
}

/* What was planned before this process had its turn may have changed. */
static enum plan
plan_with_turn(struct run *run, struct run_account *a,
    const struct queue_entry *entry, bool is_second)
{
	const struct queue_destination d = run_account_destination(a);
	enum plan plan;

	queue_pauses_read(&run->pauses);
	plan = make_plan(run, a, entry, is_second);
	if (plan != PLAN_DELIVER)
		return plan;
	if (is_of_timer(run) && !queue_run_begin(run->sessions, &d))
		a->is_left = true;
	else if (!begin_probe(run, a, is_second))
		return is_second ? PLAN_WAIT : PLAN_LATER;
	return make_plan(run, a, entry, is_second);
}

static void
deliver_file(struct run *run, const struct due *due, struct queue_file *file)
{
	struct run_account *a = run_account_find(&run->accounts, &file->entry);

	switch (plan_with_turn(run, a, &file->entry, due->is_second)) {
	case PLAN_DELIVER:
		deliver_now(run, a, file);
		break;
	case PLAN_DEFER:
		defer(run, a, file);
		break;
	case PLAN_WAIT:
		wait_with(run, a, file);
		break;
	case PLAN_LATER:
		due_list_add(&run->due, due->id, true);
		break;
	}
	run_account_end_probe(a);
}

/* Puts the queue in order before the attempts. */
static void
tidy(struct run *run)
{
	if (run->folder.root_plus_1 == 0)
		return;
	run->folder.create = true; /* failed/ may be missing */
	queue_usage_set(&run->folder, &run->due.usage);
	queue_sweep(&run->folder, QUEUE_TMP, QUEUE_TMP_LIFETIME);
	queue_sweep(&run->folder, QUEUE_FAILED_MAIL,
	    run->params.failed_lifetime);
	if (run->due.by_journal) {
		queue_pauses_lock(&run->pauses);
		queue_pauses_forget_released(&run->pauses);
		(void)queue_pauses_write(&run->pauses);
	}
}

/* Finds messages that have arrived since. */
static bool
has_new(struct run *run)
{
	struct error err = { 0 };
	size_t before = run->due.count;

	if (run->cmdline->queue_id != NULL || process_is_ending()
	    || clock_has_passed(run->end))
		return false;
	if (!due_list_read(&run->due, &run->folder, &err))
		log_error(&err);
	error_free(&err);
	return run->due.count > before;
}

/* Waits for the processes for one account each.  After that, new messages of
 * these accounts are not handed over yet. */
static void
await_sandboxed(struct run *run)
{
	if (!workers_wait(&run->sandboxed))
		run->has_failed = true;
	for (size_t i = 0; i < run->accounts.count; i++)
		run->accounts.items[i]->is_handed_over = false;
	queue_pauses_read(&run->pauses);
}

static void
try_all(struct run *run)
{
	size_t i = 0;

	do {
		for (; i < run->due.count && !process_is_ending(); i++) {
			const struct due due = run->due.items[i];
			struct queue_file file;

			if (!open_selected(run, i, &file))
				continue;
			run->due.items[i].is_done = true;
			run->current = i;
			deliver_file(run, &due, &file);
			queue_file_close(&file);
		}
		if (run->sandboxed.count > 0)
			await_sandboxed(run);
	} while (has_new(run));
}

/* A run that a signal ended was not made, unless it was at its end. */
static bool
check_signal(const struct run *run, struct error *err)
{
	bool left = run->has_failed;

	for (size_t i = 0; i < run->due.count; i++)
		left |= !run->due.items[i].is_done;
	if (process_signal() == 0 && !(left && process_is_ending()))
		return true;
	return error_set(err, ERROR_INTERRUPTED,
	    "the queue run was ended by a signal");
}

/* One line for each account that cannot be used. */
static void
log_obstacles(const struct run *run)
{
	for (size_t i = 0; i < run->accounts.count; i++)
		if (run->accounts.items[i]->is_broken
		    && run->workers.number == 0)
			log_error(&run->accounts.items[i]->obstacle);
}

/* The most sessions that an account may have, but no more than messages. */
static unsigned
count_workers(const struct run *run, const struct config *config)
{
	unsigned most = 1;

	for (size_t i = 0; i < config->count; i++) {
		unsigned n = config->accounts[i]->values.queue.sessions;

		most = n > most ? n : most;
	}
	return run->due.count < most ? (unsigned)run->due.count : most;
}

static void
end_run(struct run *run)
{
	if (run->only == NULL)
		log_obstacles(run);
	run_accounts_free(&run->accounts);
	queue_pauses_free(&run->pauses);
	if (run->sessions >= 0)
		close(run->sessions);
	queue_folder_close(&run->folder);
	queue_params_free(&run->params);
	due_list_free(&run->due);
}

/* Another worker than the first one prints its lines itself. */
ATTR_NORETURN static void
end_worker(struct run *run, bool ok)
{
	if (run->out != NULL && run->out->len > 0)
		ok &= file_write(STDOUT_FILENO, run->out->data, run->out->len);
	end_run(run);
	_exit(ok ? EX_OK : EX_TEMPFAIL);
}

ATTR_NORETURN static void
work_for_account(struct run *run, struct run_account *a,
    struct queue_file *file, int session)
{
	struct error err = { 0 };
	bool ok;

	run->only = a;
	if (run->out != NULL)
		str_truncate(run->out, 0);
	run_account_prepare(a);
	run_account_enter_sandbox(a, run->params.folder, run->due.usage.octets);
	deliver_session(run, a, file);
	if (session >= 0)
		close(session);
	queue_file_close(file);
	run_account_end_probe(a);
	try_all(run);
	ok = check_signal(run, &err);
	error_free(&err);
	end_worker(run, ok);
}

static bool
work(struct run *run, struct error *err)
{
	bool ok;

	try_all(run);
	ok = check_signal(run, err);
	if (run->workers.number > 0)
		end_worker(run, ok && !run->has_failed);
	if ((!workers_wait(&run->workers) || run->has_failed) && ok)
		return error_set(err, ERROR_INTERRUPTED,
		    "a process of the queue run ended early");
	return ok;
}

/* The longest pause of a message of any account. */
static void
find_schedule(struct run *run, const struct config *config)
{
	struct queue_schedule *longest = &run->due.schedule;

	*longest = run->params.schedule;
	for (size_t i = 0; i < config->count; i++) {
		const char *retry = config->accounts[i]->values.queue.retry;
		struct queue_schedule schedule = { 0 };

		if (queue_parse_retry(retry, &schedule)
		    && schedule.longest_pause > longest->longest_pause)
			longest->longest_pause = schedule.longest_pause;
	}
}

/* Opens the queue and finds the messages. */
static bool
begin_run(struct run *run, struct context *context, struct error *err)
{
	const struct cmdline *cmdline = context->cmdline;

	config_queue_params(&context->config, &context->user, &run->params);
	find_schedule(run, &context->config);
	if (run->params.folder == NULL)
		return true;
	if (!queue_folder_open(&run->folder, run->params.folder, false, err))
		return false;
	run->pauses.folder = &run->folder;
	queue_pauses_read(&run->pauses);
	run->due.by_journal = run->pauses.has_released;
	if (cmdline->queue_all || cmdline->queue_id != NULL)
		run->pauses.since = queue_now();
	if (!due_list_read(&run->due, &run->folder, err))
		return false;
	if (run->due.count > 0)
		run->sessions = queue_sessions_open(&run->folder);
	return true;
}

bool
queue_run(struct context *context, struct str *out, struct error *err)
{
	struct run run = { .cmdline = context->cmdline,
		.due.cmdline = context->cmdline,
		.accounts.cmdline = context->cmdline,
		.accounts.pauses = &run.pauses,
		.sessions = -1,
		.end = clock_after_seconds(RUN_TIME),
		.out = out };
	bool ok;

	process_set_grace(SIGNAL_GRACE);
	log_keep_connection();
	ok = begin_run(&run, context, err);
	if (ok) {
		tidy(&run);
		workers_start(&run.workers,
		    count_workers(&run, &context->config));
		ok = work(&run, err);
	}
	end_run(&run);
	return ok;
}
