/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes an envelope of the recipients that wait, and delivers to them.
 */
#include "runner/deliver_queued.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "delivery/deliver.h"
#include "mail/header.h"
#include "report/format.h"
#include "runner/events.h"
#include "runner/keep.h"
#include "runner/settle.h"

struct attempt_at {
	struct run_account *account;
	struct queue_file *file;
	struct envelope envelope;
	size_t *indexes; /* by recipient of the envelope: its index in the
			  * entry */
	struct message message;
	struct session_log session;
	bool was_made; /* a server was asked */
};

static void
select_recipients(struct attempt_at *t)
{
	struct queue_entry *entry = &t->file->entry;
	struct envelope *e = &t->envelope;

	t->indexes = alloc_zeroed(entry->count + 1, sizeof(*t->indexes));
	envelope_set_sender(e, entry->sender, false);
	e->dsn.notify = entry->dsn.notify;
	e->dsn.wanted = entry->dsn.wanted;
	alloc_replace(&e->dsn.envelope_id, entry->dsn.envelope_id);
	e->mail_params = &entry->mail_params;
	e->declared_8bit = entry->declared_8bit;
	for (size_t i = 0; i < entry->count; i++)
		if (entry->recipients[i].state == QUEUE_WAITING
		    && envelope_add(e, entry->recipients[i].address,
			entry->recipients[i].original))
			t->indexes[e->count - 1] = i;
}

static bool
begin_attempt(struct attempt_at *t, struct error *err)
{
	const struct queue_event begun = { .type = QUEUE_EVENT_ATTEMPT,
		.time = queue_now() };

	select_recipients(t);
	return queue_file_message(t->file, &t->message, err)
	    && queue_file_append(t->file, &begun, 1, false, err);
}

/*
 * Whether the server does not take the null sender of a notice, as some
 * providers do.  Then the account's own address is the next best sender.
 */
static bool
rejects_null_sender(const struct attempt_at *t, const struct error *err)
{
	return t->file->entry.is_notice && error_is_rejection(err, STAGE_MAIL)
	    && !err->temporary && *t->envelope.sender == '\0'
	    && t->account->context.account.sender != NULL;
}

static void
send_from_account(struct attempt_at *t, const struct delivery_params *params,
    struct error *err)
{
	struct envelope *e = &t->envelope;

	error_free(err);
	for (size_t i = 0; i < e->count; i++) {
		error_free(&e->recipients[i].outcome);
		e->recipients[i].state = RECIPIENT_PENDING;
	}
	envelope_set_sender(e, t->account->context.account.sender, true);
	session_log_free(&t->session);
	deliver(params, e, &t->message, &t->session, err);
}

static void
make_attempt(struct attempt_at *t, struct error *err)
{
	struct context *context = &t->account->context;
	struct delivery_params params;

	if (error_is_set(&t->account->obstacle)) {
		error_copy(err, &t->account->obstacle);
		envelope_fail(&t->envelope, err);
		return;
	}
	t->was_made = true;
	context_start_lookup(context);
	context_delivery_params(context, &params);
	deliver(&params, &t->envelope, &t->message, &t->session, err);
	if (rejects_null_sender(t, err))
		send_from_account(t, &params, err);
}

/* Whether the failure is that of the server or the account, and not of one
 * message: then no other message need be tried. */
static bool
is_obstacle(const struct attempt_at *t, const struct error *err)
{
	if (!error_is_set(err) || !queue_keeps(err)
	    || account_uses_mx(&t->account->context.account))
		return false;
	return err->kind != ERROR_REJECTED || err->stage < STAGE_MAIL;
}

static void
log_attempt(const struct attempt_at *t, const struct error *err,
    const char *result)
{
	const struct queue_entry *entry = &t->file->entry;
	struct str id = { 0 };
	struct str line = { 0 };
	const struct log_entry log = {
		.host = t->session.host.len > 0 ? str_text(&t->session.host)
						: err->host,
		.session = &t->session,
		.user = t->account->context.auth.user,
		.envelope = &t->envelope,
		.size = message_size(&t->message),
		.message_id =
		    header_value(&t->message.header, "Message-ID", &id)
		    ? id.data
		    : NULL,
		.err = err,
		.delay = queue_now() - entry->arrival,
		.exit_status = error_exit_status(err),
		.queue_id = entry->id.text,
		.result = result,
	};

	report_log(&log, &line);
	log_line(error_is_set(err) && queue_needs_administrator(err)
		? LOG_ERR
		: report_log_priority(err),
	    line.data);
	str_free(&line);
	str_free(&id);
}

static const char *
name_of(enum settled settled)
{
	static const char *const names[] = {
		[SETTLED_WAITS] = "deferred",
		[SETTLED_SENT] = "sent",
		[SETTLED_RETURNED] = "returned",
	};

	return names[settled];
}

static void
add_output(const struct attempt_at *t, const char *result,
    const struct error *err, struct str *out)
{
	str_printf(out, "%s %s", t->file->entry.id.text, result);
	if (error_is_set(err)) {
		str_add(out, ": ");
		error_print(err, false, out);
	}
	str_add_char(out, '\n');
}

/* Settles the message, and tells the result. */
static void
end_attempt(struct attempt_at *t, const struct error *err, struct str *out)
{
	char *host = notice_host();
	const struct settle_params params = {
		.queue = &t->account->context.account.queue,
		.host = host,
	};
	enum settled settled = SETTLED_WAITS;
	struct error why = { 0 };
	const char *result;

	if (!queue_settle(t->file, &t->envelope, t->indexes, &params, &settled,
		&why)) {
		char *text = error_describe(&why);

		log_line(LOG_ERR, text);
		free(text);
	}
	result = name_of(settled);
	log_attempt(t, err, result);
	add_output(t, result, err, out);
	error_free(&why);
	free(host);
}

void
deliver_queued(struct run_account *a, struct queue_file *file, struct str *out)
{
	struct attempt_at t = { .account = a, .file = file };
	struct error err = { 0 };

	if (!begin_attempt(&t, &err)) {
		char *text = error_describe(&err);

		log_line(LOG_ERR, text);
		free(text);
	} else {
		make_attempt(&t, &err);
		if (is_obstacle(&t, &err) && !error_is_set(&a->obstacle))
			error_copy(&a->obstacle, &err);
		end_attempt(&t, &err, out);
	}
	error_free(&err);
	message_free(&t.message);
	session_log_free(&t.session);
	free(t.indexes);
	t.envelope.mail_params = NULL;
	envelope_free(&t.envelope);
}
