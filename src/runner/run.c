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
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "config/queue.h"
#include "queue/sweep.h"
#include "queue/usage.h"
#include "runner/account.h"
#include "runner/deliver_queued.h"
#include "runner/events.h"
#include "runner/workers.h"

/* Seconds for the transaction that is under way when a signal arrives. */
#define SIGNAL_GRACE 10

struct due {
	struct queue_id id;
	bool is_done;
	bool is_second; /* another process had it the first time */
	int64_t next;   /* 0: it was never tried */
};

struct run {
	const struct cmdline *cmdline;
	struct queue_params params;
	struct queue_folder folder;
	struct run_accounts accounts;
	struct queue_usage usage;
	struct due *due;
	size_t count;
	size_t size;
	size_t current; /* the message that is tried, in due */
	struct workers workers;
	struct str *out;
};

static void
log_error(const struct error *err)
{
	char *text = error_describe(err);

	log_line(LOG_WARNING, text);
	free(text);
}

/* ---- what is due ---- */

/* The time of a file that was never tried is that of its arrival. */
static int64_t
next_attempt(const struct queue_id *id, const struct stat *st)
{
	int64_t time =
	    (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;

	return time <= queue_id_arrival(id) + 1000 ? 0 : time;
}

static bool
is_selected(const struct run *run, const struct queue_id *id, int64_t next,
    int64_t now)
{
	const struct cmdline *cmdline = run->cmdline;

	if (cmdline->queue_id != NULL)
		return strcmp(cmdline->queue_id, id->text) == 0;
	return cmdline->queue_all
	    || queue_is_due(&run->params.schedule, next, now);
}

/* Other than regular files are left to queue_file_open(). */
static void
look_at(struct run *run, int place, const struct queue_id *id, int64_t now)
{
	struct stat st;
	int64_t next;

	if (fstatat(place, id->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	run->usage.messages++;
	run->usage.octets += (uint64_t)st.st_size;
	next = next_attempt(id, &st);
	if (!is_selected(run, id, next, now))
		return;
	run->due =
	    alloc_grow(run->due, run->count, &run->size, sizeof(*run->due));
	run->due[run->count++] = (struct due){ .id = *id, .next = next };
}

/* Messages that were never tried come first, then those that are due longest. */
static int
compare_due(const void *a, const void *b)
{
	const struct due *x = a;
	const struct due *y = b;

	if (x->next != y->next)
		return x->next < y->next ? -1 : 1;
	return strcmp(x->id.text, y->id.text);
}

static bool
find_due(struct run *run, struct error *err)
{
	struct queue_list list = { 0 };
	int64_t now = queue_now();
	int place;

	if (!queue_folder_list(&run->folder, QUEUE_ACTIVE, &list, err))
		return false;
	place = queue_folder_place(&run->folder, QUEUE_ACTIVE, NULL);
	for (size_t i = 0; i < list.count; i++)
		look_at(run, place, &list.ids[i], now);
	if (list.foreign > 0)
		log_line(LOG_WARNING,
		    "the queue has files that are no messages");
	queue_list_free(&list);
	if (run->count > 0)
		qsort(run->due, run->count, sizeof(*run->due), compare_due);
	return true;
}

/* ---- the attempts ---- */

static bool
has_recipient_like(const struct queue_entry *entry, const char *part)
{
	for (size_t i = 0; i < entry->count; i++)
		if (entry->recipients[i].state == QUEUE_WAITING
		    && strstr(entry->recipients[i].address, part) != NULL)
			return true;
	return false;
}

static bool
matches(const struct run *run, const struct queue_entry *entry)
{
	const struct cmdline *cmdline = run->cmdline;

	if (cmdline->queue_sender != NULL
	    && strstr(entry->sender, cmdline->queue_sender) == NULL)
		return false;
	return cmdline->queue_recipient == NULL
	    || has_recipient_like(entry, cmdline->queue_recipient);
}

/* The time of a file is only a copy of what its journal says. */
static bool
is_due(const struct run *run, const struct queue_entry *entry)
{
	const struct cmdline *cmdline = run->cmdline;

	return cmdline->queue_all || cmdline->queue_id != NULL
	    || queue_is_due(&run->params.schedule, entry->next_attempt,
		queue_now());
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

static void
add_due(struct run *run, struct queue_id id, bool is_second)
{
	run->due =
	    alloc_grow(run->due, run->count, &run->size, sizeof(*run->due));
	run->due[run->count++] =
	    (struct due){ .id = id, .is_second = is_second };
}

/*
 * Opens the file of a message that is to be tried.  Another worker may have it
 * only to look at it, so it is looked at once more at the end.
 */
static bool
open_selected(struct run *run, size_t i, struct queue_file *file)
{
	struct due *due = &run->due[i];
	enum queue_file_state state;

	if (due->is_done)
		return false;
	state = open_due(run, &due->id, file);
	if (state == QUEUE_FILE_OPEN && matches(run, &file->entry)
	    && is_due(run, &file->entry))
		return true;
	due->is_done = true;
	if (state == QUEUE_FILE_LOCKED && !due->is_second)
		add_due(run, due->id, true);
	if (state == QUEUE_FILE_OPEN) {
		queue_file_touch(file);
		queue_file_close(file);
	}
	return false;
}

/* Finds another message of the account for the open session. */
static bool
next_file(void *ctx, const struct run_account *a, struct queue_file *file)
{
	struct run *run = ctx;

	for (size_t i = run->current + 1; i < run->count; i++) {
		if (!open_selected(run, i, file))
			continue;
		if (run_account_is_of(a, &file->entry)) {
			run->due[i].is_done = true;
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

	add_due(run, file->entry.id, false);
}

static void
deliver_file(struct run *run, struct queue_file *file)
{
	const struct file_source source = { .next = next_file,
		.again = try_again,
		.ctx = run };
	struct run_account *a = run_account_find(&run->accounts, &file->entry);

	/* Other workers have the sessions that the account may have. */
	if (run->workers.number > 0
	    && (a->is_broken
		|| run->workers.number >= a->context.account.queue.sessions))
		return;
	if (a->is_broken && run->out != NULL)
		str_printf(run->out, "%s waits: account %s cannot be used\n",
		    file->entry.id.text, a->name);
	else if (!a->is_broken)
		deliver_queued(a, file, &source, run->out);
}

/* Puts the queue in order before the attempts. */
static void
tidy(struct run *run)
{
	if (run->folder.root_plus_1 == 0)
		return;
	run->folder.create = true; /* failed/ may be missing */
	queue_usage_set(&run->folder, &run->usage);
	queue_sweep(&run->folder, QUEUE_TMP, QUEUE_TMP_LIFETIME);
	queue_sweep(&run->folder, QUEUE_FAILED_MAIL,
	    run->params.failed_lifetime);
}

static void
try_all(struct run *run)
{
	for (size_t i = 0; i < run->count && !process_is_ending(); i++) {
		struct queue_file file;

		if (!open_selected(run, i, &file))
			continue;
		run->due[i].is_done = true;
		run->current = i;
		deliver_file(run, &file);
		queue_file_close(&file);
	}
}

/* A run that a signal ended was not made, unless it was at its end. */
static bool
check_signal(const struct run *run, struct error *err)
{
	bool left = false;

	for (size_t i = 0; i < run->count; i++)
		left |= !run->due[i].is_done;
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
	return run->count < most ? (unsigned)run->count : most;
}

static void
end_run(struct run *run)
{
	log_obstacles(run);
	run_accounts_free(&run->accounts);
	queue_folder_close(&run->folder);
	queue_params_free(&run->params);
	free(run->due);
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

static bool
work(struct run *run, struct error *err)
{
	bool ok;

	try_all(run);
	ok = check_signal(run, err);
	if (run->workers.number > 0)
		end_worker(run, ok);
	if (!workers_wait(&run->workers) && ok)
		return error_set(err, ERROR_INTERRUPTED,
		    "a process of the queue run ended early");
	return ok;
}

bool
queue_run(struct context *context, struct str *out, struct error *err)
{
	struct run run = { .cmdline = context->cmdline,
		.accounts.cmdline = context->cmdline,
		.out = out };
	bool ok;

	process_set_grace(SIGNAL_GRACE);
	config_queue_params(&context->config, &context->user, &run.params);
	ok = run.params.folder == NULL
	    || (queue_folder_open(&run.folder, run.params.folder, false, err)
		&& find_due(&run, err));
	if (ok) {
		tidy(&run);
		workers_start(&run.workers,
		    count_workers(&run, &context->config));
		ok = work(&run, err);
	}
	end_run(&run);
	return ok;
}
