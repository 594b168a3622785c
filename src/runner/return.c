/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Returns queued messages, with the locks of the other commands for messages.
 */
#include "runner/return.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/host.h"
#include "base/log.h"
#include "config/queue.h"
#include "modes/queue_open.h"
#include "modes/queue_operands.h"
#include "runner/account.h"
#include "runner/settle.h"

struct returning {
	struct context *context;
	struct queue_params params;
	struct settle_params settle;
	struct run_accounts accounts; /* of the messages */
	bool changed[QUEUE_PLACES];   /* names in it have changed */
};

/* The notice of an account that is gone leaves by the one that its messages are
 * returned by in a queue run. */
static void
choose_account(struct returning *r, const struct queue_entry *entry)
{
	const struct run_account *heir =
	    run_account_find(&r->accounts, entry)->heir;

	r->settle.account = heir != NULL ? heir->name : NULL;
	r->settle.configuration = heir != NULL ? heir->configuration : NULL;
}

static bool
return_message(struct returning *r, struct queue_file *file, struct error *err)
{
	const struct queue_id id = file->entry.id;
	char *account = alloc_string(file->entry.account);
	enum settled settled = SETTLED_WAITS;
	bool ok;

	choose_account(r, &file->entry);
	r->changed[file->place] = true;
	ok = queue_return_now(file, &r->settle, &settled, err);
	r->changed[file->place] = true;
	if (ok)
		queue_command_log(r->context, &id, account,
		    settled_name(settled));
	if (ok && settled == SETTLED_FAILED) {
		ok = error_set(err, ERROR_MESSAGE,
		    "nobody can be told of the message, which is in failed/ "
		    "now; see bounce_to");
		error_subject(err, "%s", id.text);
	}
	free(account);
	return ok;
}

static enum queue_file_state
return_from(void *ctx, struct queue_folder *folder, enum queue_place place,
    const struct queue_operand *operand, struct error *err)
{
	struct returning *r = ctx;
	struct queue_file file;
	enum queue_file_state state =
	    queue_file_open(&file, folder, place, operand->id, err);

	state = queue_command_select(r->context, &file, operand, state);
	if (state == QUEUE_FILE_OPEN)
		(void)return_message(r, &file, err);
	queue_file_close(&file);
	return state;
}

static bool
return_all(struct returning *r, struct queue_folder *folder, struct error *err)
{
	const struct queue_command command = { .work = return_from,
		.ctx = r,
		.named = queue_places_all,
		.all = queue_places_waiting };
	bool ok = queue_command_run(r->context, folder, &command, err);

	for (size_t i = 0; i < QUEUE_PLACES; i++)
		if (r->changed[i]
		    && !queue_folder_sync(folder, (enum queue_place)i,
			ok ? err : NULL))
			ok = false;
	return ok;
}

bool
queue_return(struct context *context, struct error *err)
{
	struct returning r = { .context = context,
		.accounts = { .cmdline = context->cmdline } };
	struct queue_folder folder;
	char *host;
	bool ok;

	if (context->cmdline->syslog_tag != NULL)
		log_set_ident(context->cmdline->syslog_tag);
	if (!queue_open(context, &folder, err))
		return false;
	/* Only a subfolder of a queue that exists is created. */
	folder.create = true;
	ok = queue_find_params(context, &r.params, err);
	host = host_fqdn_or_name();
	r.settle = (struct settle_params){ .queue = &r.params, .host = host };
	ok = ok && return_all(&r, &folder, err);
	run_accounts_free(&r.accounts);
	free(host);
	queue_params_free(&r.params);
	queue_folder_close(&folder);
	return ok;
}
