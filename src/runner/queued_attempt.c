/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes an envelope of the recipients that wait, and settles and logs what became
 * of them.
 */
#include "runner/queued_attempt.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/user.h"
#include "mail/header.h"
#include "queue/waits.h"
#include "report/format.h"
#include "runner/archive.h"
#include "runner/events.h"
#include "runner/keep.h"
#include "runner/rate_limit.h"
#include "runner/run_log.h"

static void
select_sender(struct queued_attempt *t)
{
	const struct queue_entry *entry = &t->file->entry;
	const struct run_account *a = t->session->account;
	bool replaced = entry->is_notice && *entry->sender == '\0'
	    && a->rejects_null_sender;

	envelope_set_sender(&t->envelope,
	    replaced ? a->context.account.sender : entry->sender, replaced);
}

/* With `host mx`, the domains of a message can have pauses of their own. */
static bool
is_paused(const struct queued_attempt *t, const char *address)
{
	const struct run_account *a = t->session->account;
	const struct queue_destination d = run_account_destination(a);

	return !t->is_deferred && account_uses_mx(&a->context.account)
	    && queue_pause_of_recipient(a->pauses, &d, address, queue_now())
	    != NULL;
}

static void
select_recipients(struct queued_attempt *t)
{
	struct queue_entry *entry = &t->file->entry;
	struct envelope *e = &t->envelope;

	t->indexes = alloc_zeroed(entry->count + 1, sizeof(*t->indexes));
	select_sender(t);
	/* RFC 3461 section 6.1; with the account's sender, the server might
	 * return a notice to its own sender. */
	e->dsn.notify = entry->is_notice ? DSN_NOTIFY_NEVER : entry->dsn.notify;
	e->dsn.wanted = entry->dsn.wanted;
	alloc_replace(&e->dsn.envelope_id, entry->dsn.envelope_id);
	entry->mail_params.accepted = entry->arrival;
	e->mail_params = &entry->mail_params;
	e->declared_8bit = entry->declared_8bit;
	for (size_t i = 0; i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];

		if (r->state != QUEUE_WAITING || is_paused(t, r->address)
		    || !envelope_add(e, r->address, r->original))
			continue;
		t->indexes[e->count - 1] = i;
		e->recipients[e->count - 1].notify = r->notify;
	}
}

bool
queued_attempt_open(struct queued_attempt *t)
{
	struct error err = { 0 };
	bool ok;

	select_recipients(t);
	ok = queue_file_reserve(t->file, &err)
	    && queue_file_message(t->file, &t->message, &err);
	if (!ok)
		log_error(LOG_ERR, &err);
	error_free(&err);
	return ok;
}

static const struct queue_params *
queue_of(const struct queued_attempt *t)
{
	return &t->session->account->context.account.queue;
}

/* Whose message it is, if the queue is that of a service. */
static void
find_client(const struct queued_attempt *t, struct user *client)
{
	uid_t uid = (uid_t)t->file->entry.uid;
	char *login;

	if (!t->session->account->context.user.is_service)
		return;
	login = peer_login(uid);
	user_init_service(client, uid, login);
	free(login);
}

static void
log_attempt(struct queued_attempt *t, const struct envelope *envelope,
    const struct session_log *session, const struct error *err,
    enum settled settled)
{
	const struct queue_entry *entry = &t->file->entry;
	struct str id = { 0 };
	struct user client = { 0 };
	struct log_entry log = {
		.host = session->host.len > 0 ? str_text(&session->host)
					      : err->host,
		.session = session,
		.user = t->session->account->context.auth.user,
		.envelope = envelope,
		.size = message_size(&t->message),
		.message_id =
		    header_value(&t->message.header, "Message-ID", &id)
		    ? id.data
		    : NULL,
		.err = err,
		.delay = queue_now() - entry->arrival,
		.exit_status = error_exit_status(err),
		.queue_id = entry->id.text,
		.account = entry->account,
		.result = settled_name(settled),
		.recorder = t->session->account->context.recorder,
		.keeps =
		    settled == SETTLED_WAITS ? queue_keeps : queue_keeps_none,
	};

	find_client(t, &client);
	log.client = client.is_service ? &client : NULL;
	run_log_result(&t->session->account->context, &log,
	    error_is_set(err) && queue_needs_administrator(err)
		? LOG_ERR
		: report_log_priority(err));
	user_free(&client);
	str_free(&id);
}

static void
add_output(const struct queued_attempt *t, const char *result,
    const struct error *err, struct str *out)
{
	if (out == NULL)
		return;
	str_printf(out, "%s %s", t->file->entry.id.text, result);
	if (error_is_set(err)) {
		str_add(out, ": ");
		error_print(err, false, out);
	}
	str_add_char(out, '\n');
}

/* The journal of a message that is delivered would be removed with it. */
static bool
settle(const struct queued_attempt *t, const struct envelope *envelope,
    enum settled *settled, struct error *err)
{
	const struct queue_event attempt = { .type = QUEUE_EVENT_ATTEMPT,
		.time = queue_now() };
	const struct settle_params params = {
		.is_paused = t->is_deferred || t->outcome == OUTCOME_PAUSED,
		.tokens_when = t->tokens_when,
		.queue = queue_of(t),
		.host = t->session->host,
		.account = t->session->account->name,
		.configuration = t->session->account->configuration,
		.all_or_nothing =
		    !t->session->account->context.account.session.partial,
		.removals = &t->session->removals,
	};
	bool delivered =
	    envelope_count(envelope, RECIPIENT_DELIVERED) == envelope->count;

	return (delivered || t->is_deferred
		   || queue_file_append(t->file, &attempt, 1, false, err))
	    && queue_settle(t->file, envelope, t->indexes, &params, settled,
		err);
}

void
queued_attempt_end(struct queued_attempt *t, const struct envelope *envelope,
    const struct session_log *session, const struct error *err)
{
	enum settled settled = SETTLED_WAITS;
	struct error why = { 0 };

	rate_limit_end_queued(queue_of(t), &t->file->entry, envelope,
	    &t->tokens);
	if (!archive_end(&t->archive, envelope, &why))
		archive_warn(&t->session->account->context, &why);
	error_free(&why);
	if (!settle(t, envelope, &settled, &why))
		log_error(LOG_ERR, &why);
	log_attempt(t, envelope, session, err, settled);
	add_output(t, settled_name(settled), err, t->session->out);
	error_free(&why);
	t->is_settled = true;
}

/* Without a copy in the archive the message waits, if the account requires
 * one. */
static bool
write_copy(struct queued_attempt *t)
{
	const struct archive_params *archive =
	    &t->session->account->context.account.archive;
	struct error err = { 0 };
	bool ok = archive_begin(&t->archive, archive, &t->envelope, &t->message,
	    &err);

	if (!ok && archive->required) {
		envelope_fail(&t->envelope, &err);
		queued_attempt_end(t, &t->envelope, &t->log, &err);
	} else if (!ok) {
		archive_warn(&t->session->account->context, &err);
	}
	error_free(&err);
	return ok || !archive->required;
}

/* Without tokens the message waits; so do the others of the account, unless the
 * limit is that of a user. */
static bool
take_tokens(struct queued_attempt *t)
{
	struct run_account *a = t->session->account;
	struct rate_excess excess;
	struct error err = { 0 };

	if (rate_limit_take_queued(queue_of(t), &t->file->entry, &t->envelope,
		&t->tokens, &excess, &err))
		return true;
	if (excess.kind != RATE_USER) {
		a->tokens_when = excess.when;
		error_copy(&a->excess, &err);
	}
	t->is_deferred = true;
	t->tokens_when = excess.when;
	envelope_fail(&t->envelope, &err);
	queued_attempt_end(t, &t->envelope, &t->log, &err);
	error_free(&err);
	return false;
}

/* A process that ended early may have left a message without recipients to try,
 * but with failures that nobody has been told of. */
static bool
has_recipients(struct queued_attempt *t)
{
	const struct error none = { 0 };

	if (t->envelope.count > 0)
		return true;
	queued_attempt_end(t, &t->envelope, &t->log, &none);
	return false;
}

bool
queued_attempt_begin(struct queued_attempt *t)
{
	return queued_attempt_open(t) && has_recipients(t) && take_tokens(t)
	    && write_copy(t);
}

/* What an attempt has not used is given back, also if it was not settled. */
void
queued_attempt_free(struct queued_attempt *t)
{
	maildir_discard(&t->archive);
	rate_limit_end_queued(queue_of(t), &t->file->entry, NULL, &t->tokens);
	message_free(&t->message);
	session_log_free(&t->log);
	free(t->indexes);
	t->envelope.mail_params = NULL;
	envelope_free(&t->envelope);
	*t = (struct queued_attempt){ 0 };
}
