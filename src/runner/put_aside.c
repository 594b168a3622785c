/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves damaged files to failed/, leaves foreign ones, and tells of both. */
#include "runner/put_aside.h"

#include <stdlib.h>

#include "base/log.h"
#include "report/terminal.h"
#include "runner/enqueue.h"
#include "runner/events.h"
#include "runner/run_log.h"

/* Returns false if the file stays where it is. */
static bool
move(struct queue_file *file)
{
	struct error failure = { 0 };
	bool moved = queue_file_move(file, QUEUE_FAILED_MAIL, &failure);

	if (moved)
		(void)queue_folder_sync(file->folder, QUEUE_FAILED_MAIL,
		    &failure);
	if (error_is_set(&failure))
		log_error(LOG_WARNING, &failure);
	error_free(&failure);
	return moved;
}

/* The process that is in the sandbox of an account can read no other one. */
static const struct run_account *
find_account(struct run *run, const struct queue_entry *damaged)
{
	char name[] = "default";
	struct queue_entry entry = { .account = damaged->account,
		.configuration = damaged->configuration };
	struct run_account *a = run->only;
	char *own = NULL;

	if (a == NULL && entry.account == NULL) {
		entry.account = name;
		entry.configuration = own = enqueue_configuration(run->cmdline);
	}
	if (a == NULL)
		a = run_account_find(&run->accounts, &entry);
	free(own);
	return a->is_broken && a->heir != NULL ? a->heir : a;
}

static void
log_damage(struct run *run, const struct queue_entry *entry,
    const struct error *err, const char *result)
{
	const struct run_account *a = find_account(run, entry);
	const struct session_log session = { 0 };
	const struct envelope envelope = { 0 };
	const struct log_entry log = {
		.session = &session,
		.envelope = &envelope,
		.err = err,
		.delay = queue_now() - queue_id_arrival(&entry->id),
		.exit_status = error_exit_status(err),
		.queue_id = entry->id.text,
		.account = a->name,
		.result = result,
	};

	if (!a->is_broken)
		log_set_facility(a->context.account.syslog);
	run_log_result(&a->context, &log, LOG_ERR);
}

static void
warn(const struct run *run, const struct error *err)
{
	if (run->cmdline->errors != ERRORS_QUIET)
		terminal_warning(run->cmdline->name, err);
}

void
put_aside(struct run *run, struct queue_file *file, struct error *damage)
{
	char *why = error_describe(damage);
	bool moved = move(file);
	struct error err = { 0 };

	error_set(&err, damage->kind, "%s%s", why,
	    moved ? "; moved to failed/" : "");
	error_subject(&err, "%s/%s/%s", file->folder->path,
	    queue_place_name(QUEUE_ACTIVE), file->entry.id.text);
	warn(run, &err);
	log_damage(run, &file->entry, &err, moved ? "failed" : "deferred");
	error_free(&err);
	free(why);
}

void
leave_aside(struct run *run, const struct queue_id *id, const struct error *why)
{
	const struct queue_entry entry = { .id = *id };

	warn(run, why);
	log_damage(run, &entry, why, "deferred");
}
