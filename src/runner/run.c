/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tries the messages that are due, one after the other, in several processes.
 */
#include "runner/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
#include "modes/queue_open.h"
#include "queue/sessions.h"
#include "queue/sweep.h"
#include "queue/usage.h"
#include "queue/waits.h"
#include "runner/archive.h"
#include "runner/deliver_queued.h"
#include "runner/events.h"
#include "runner/pause.h"
#include "runner/plan.h"

/* Seconds for the transaction that is under way when a signal arrives. */
#define SIGNAL_GRACE 10

/* A run that finds new messages again and again ends after so many seconds. */
#define RUN_TIME 600

/* Whether the message can be sent in the session: see struct file_source. */
static bool
fits_session(struct due *due, const struct run_account *a, const char *domain,
    const struct queue_entry *entry)
{
	const char *own = domain == NULL ? NULL : queue_entry_domain(entry);

	if (domain != NULL)
		due->domain = due_hash_domain(own);
	return run_account_is_of(a, entry)
	    && (domain == NULL
		|| (own != NULL && text_equal_nocase(own, domain)));
}

/* Finds another message of the account for the open session. */
static bool
next_file(void *ctx, const struct run_account *a, const char *domain,
    struct queue_file *file)
{
	struct run *run = ctx;
	uint32_t wanted = domain == NULL ? 0 : due_hash_domain(domain);
	size_t end = run->due.count;

	if (domain != NULL && end > run->current + DUE_DOMAIN_SEARCH)
		end = run->current + DUE_DOMAIN_SEARCH;
	for (size_t i = run->current + 1; i < end; i++) {
		uint32_t known = run->due.items[i].domain;

		if ((wanted != 0 && known != 0 && known != wanted)
		    || !plan_open(run, i, file))
			continue;
		if (fits_session(&run->due.items[i], a, domain, &file->entry)) {
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

/* The account before may have another facility. */
static void
log_for_account(const struct run_account *a)
{
	if (!a->is_broken)
		log_set_facility(a->context.account.syslog);
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

/* Messages of an account without a process wait for the next run. */
static void
leave_without_process(struct run *run, struct run_account *a)
{
	struct error err = { 0 };

	error_set(&err, ERROR_SYSTEM, "cannot start a process: %s",
	    strerror(errno));
	error_subject(&err, "account %s", a->name);
	log_error(LOG_WARNING, &err);
	error_free(&err);
	a->is_left = true;
	run->has_failed = true;
}

/* A process that reads from the network is in the sandbox of one account, and
 * cannot read other accounts; another process goes on with these. */
static void
deliver_in_sandbox(struct run *run, struct run_account *a,
    struct queue_file *file, int session)
{
	plan_learn_accounts(run);
	switch (workers_add(&run->sandboxed)) {
	case WORKER_NEW:
		work_for_account(run, a, file, session);
	case WORKER_OLD:
		a->is_handed_over = true;
		break;
	case WORKER_FAILED:
		leave_without_process(run, a);
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
		plan_wait(run, a, file);
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

/* The notice is from another account, and does not tell what the configuration
 * says. */
static void
defer_by_heir(struct run *run, struct run_account *a, struct queue_file *file)
{
	struct error reason = { 0 };

	error_set(&reason, ERROR_CONFIG,
	    "account %s is not in the configuration any more, or has an error",
	    a->name);
	defer_queued(a->heir, file, &reason, run->out);
	error_free(&reason);
}

static void
defer(struct run *run, struct run_account *a, struct queue_file *file)
{
	const struct queue_pause *pause =
	    queue_pause_of_message(&run->pauses, &file->entry, queue_now());
	struct error reason = { 0 };

	if (pause != NULL)
		pause_error(pause, &reason);
	else if (plan_lacks_tokens(a, queue_now()))
		error_copy(&reason, &a->excess);
	else
		return;
	defer_queued(a, file, &reason, run->out);
	plan_set_time(run, a, file);
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
	plan = plan_message(run, a, entry, is_second);
	if (plan != PLAN_DELIVER)
		return plan;
	if (is_of_timer(run) && !queue_run_begin(run->sessions, &d))
		a->is_left = true;
	else if (!begin_probe(run, a, is_second))
		return is_second ? PLAN_WAIT : PLAN_LATER;
	return plan_message(run, a, entry, is_second);
}

static void
deliver_file(struct run *run, const struct due *due, struct queue_file *file)
{
	struct run_account *a = run_account_find(&run->accounts, &file->entry);

	log_for_account(a);
	switch (plan_with_turn(run, a, &file->entry, due->is_second)) {
	case PLAN_DELIVER:
		deliver_now(run, a, file);
		break;
	case PLAN_DEFER:
		if (a->is_broken)
			defer_by_heir(run, a, file);
		else
			defer(run, a, file);
		break;
	case PLAN_WAIT:
		plan_wait(run, a, file);
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
		const struct stat seen = run->pauses.seen;

		queue_pauses_lock(&run->pauses);
		queue_pauses_forget_released(&run->pauses, &seen);
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
		run_leave_unreadable(run, &err);
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

			/* Here this process has no lock that its workers
			 * might wait for. */
			if (run->sandboxed.count == WORKERS_MAX)
				await_sandboxed(run);
			if (!plan_open(run, i, &file))
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
			log_error(LOG_WARNING,
			    &run->accounts.items[i]->obstacle);
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
	error_free(&run->unreadable);
}

/*
 * Another worker than the first one prints its lines itself.  To release the
 * accounts of others would copy all of their memory for each process of an
 * account, which needs none of them.
 */
ATTR_NORETURN static void
end_worker(struct run *run, bool ok)
{
	if (run->out != NULL && run->out->len > 0)
		ok &= file_write(STDOUT_FILENO, run->out->data, run->out->len);
	if (run->only != NULL)
		run_accounts_leave_others(&run->accounts, run->only);
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
	log_for_account(a);
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
		    "a process of the queue run could not be started, or "
		    "ended early");
	if (!ok || !error_is_set(&run->unreadable))
		return ok;
	error_move(err, &run->unreadable);
	return false;
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

	if (!queue_find_params(context, &run->params, err))
		return false;
	find_schedule(run, &context->config);
	if (run->params.folder == NULL)
		return true;
	if (!queue_folder_open(&run->folder, run->params.folder, false, err)
	    || !queue_folder_check_access(&run->folder, err))
		return false;
	run->pauses.folder = &run->folder;
	queue_pauses_read(&run->pauses);
	/* Without regard to their times, these are not corrected either. */
	if (cmdline->queue_all || cmdline->queue_id != NULL)
		run->pauses.since = queue_now();
	else
		run->due.by_journal = run->pauses.has_released;
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
		.start = queue_now(),
		.end = clock_after_seconds(RUN_TIME),
		.out = out };
	bool ok;

	process_set_grace(SIGNAL_GRACE);
	log_keep_connection();
	ok = begin_run(&run, context, err);
	if (ok) {
		tidy(&run);
		archive_sweep(&context->config, &context->user);
		workers_start(&run.workers,
		    count_workers(&run, &context->config));
		ok = work(&run, err);
	}
	end_run(&run);
	return ok;
}
