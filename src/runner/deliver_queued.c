/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes an envelope of the recipients that wait, and delivers to them.
 */
#include "runner/deliver_queued.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/host.h"
#include "base/log.h"
#include "base/peer.h"
#include "base/process.h"
#include "base/user.h"
#include "client/observer.h"
#include "delivery/batch.h"
#include "delivery/deliver.h"
#include "delivery/tls_required.h"
#include "mail/header.h"
#include "queue/sessions.h"
#include "queue/waits.h"
#include "report/format.h"
#include "runner/alert.h"
#include "runner/archive.h"
#include "runner/events.h"
#include "runner/keep.h"
#include "runner/pause.h"
#include "runner/plan.h"
#include "runner/rate_limit.h"
#include "runner/run_log.h"
#include "runner/settle.h"

/* So many sessions in a row must break before a server is left alone. */
#define BROKEN_SESSIONS 2

struct attempt_at {
	struct batch *batch;
	struct queue_file *file;
	struct envelope envelope;
	size_t *indexes; /* by recipient of the envelope: its index in the
			  * entry */
	struct message message;
	struct session_log session;
	bool is_settled;
	bool
	    is_deferred; /* without an attempt, because of a pause or a limit */
	struct maildir_copy archive;
	struct rate_tokens tokens;
	int64_t tokens_when; /* there are some, if they are missing */
	enum pause_outcome outcome;
};

/* A message that follows the first one in its session. */
struct next_message {
	struct attempt_at attempt;
	struct queue_file file;
};

/* The messages of a session. */
struct batch {
	struct run_account *account;
	const struct file_source *source;
	struct str *out;
	char *host;         /* the name of this host */
	const char *domain; /* with `host mx`: of all recipients, or NULL */
	struct attempt_at first;
	struct next_message **next; /* that are under way, the oldest first */
	size_t count;
	size_t size;
	struct settle_removals removals; /* of messages that are settled */
};

static void
select_sender(struct attempt_at *t)
{
	const struct queue_entry *entry = &t->file->entry;
	const struct run_account *a = t->batch->account;
	bool replaced = entry->is_notice && *entry->sender == '\0'
	    && a->rejects_null_sender;

	envelope_set_sender(&t->envelope,
	    replaced ? a->context.account.sender : entry->sender, replaced);
}

/* With `host mx`, the domains of a message can have pauses of their own. */
static bool
is_paused(const struct attempt_at *t, const char *address)
{
	const struct run_account *a = t->batch->account;
	const struct queue_destination d = run_account_destination(a);

	return !t->is_deferred && account_uses_mx(&a->context.account)
	    && queue_pause_of_recipient(a->pauses, &d, address, queue_now())
	    != NULL;
}

static void
select_recipients(struct attempt_at *t)
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

static bool
begin_attempt(struct attempt_at *t, struct error *err)
{
	select_recipients(t);
	return queue_file_reserve(t->file, err)
	    && queue_file_message(t->file, &t->message, err);
}

static const struct queue_params *
queue_of(const struct attempt_at *t)
{
	return &t->batch->account->context.account.queue;
}

/* What an attempt has not used is given back, also if it was not settled. */
static void
free_attempt(struct attempt_at *t)
{
	maildir_discard(&t->archive);
	rate_limit_end_queued(queue_of(t), &t->file->entry, NULL, &t->tokens);
	message_free(&t->message);
	session_log_free(&t->session);
	free(t->indexes);
	t->envelope.mail_params = NULL;
	envelope_free(&t->envelope);
	*t = (struct attempt_at){ 0 };
}

/*
 * Whether the server does not take the null sender of a notice, as some
 * providers do not.  Then the account's own address is the next best sender, of
 * this notice and of later ones.
 */
static bool
rejects_null_sender(const struct attempt_at *t, const struct error *err)
{
	struct run_account *a = t->batch->account;
	bool rejects = t->file->entry.is_notice
	    && error_is_rejection(err, STAGE_MAIL) && !err->temporary
	    && *t->envelope.sender == '\0' && a->context.account.sender != NULL;

	a->rejects_null_sender |= rejects;
	return rejects;
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
	envelope_set_sender(e, t->batch->account->context.account.sender, true);
	session_log_free(&t->session);
	deliver(params, e, &t->message, &t->session, err);
}

/* Sessions that end without a result, one after the other, are a failure of the
 * server, although each may be that of a message. */
static enum pause_evidence
evidence_of(struct run_account *a, const struct error *err)
{
	bool broken = error_is_set(err) && queue_keeps(err)
	    && (err->kind != ERROR_REJECTED || err->status.code == 421);

	if (error_is_set(&a->obstacle))
		return EVIDENCE_OF_ACCOUNT;
	a->broken_sessions = broken ? a->broken_sessions + 1 : 0;
	return a->broken_sessions >= BROKEN_SESSIONS
		&& !account_uses_mx(&a->context.account)
	    ? EVIDENCE_OF_SESSIONS
	    : EVIDENCE_OF_RESULT;
}

/* The first message of a session shows whether the servers work. */
static void
note_result(struct attempt_at *t, const struct envelope *envelope,
    const struct session_log *session, const struct error *err)
{
	struct run_account *a = t->batch->account;
	const struct pause_attempt attempt = {
		.account = &a->context.account,
		.configuration = a->configuration,
		.envelope = envelope,
		.session = session,
		.evidence = evidence_of(a, err),
	};

	alert_after_attempt(&a->context, envelope);
	t->outcome = pause_after_attempt(a->pauses, &attempt);
	a->is_good = t->outcome == OUTCOME_WORKS;
}

/* A session is open, so that other processes can open theirs. */
static void
note_stage(void *ctx, enum smtp_stage stage, int64_t when)
{
	const struct run_account *a = ctx;
	const struct queue_destination d = run_account_destination(a);

	(void)when;
	if (stage == STAGE_MAIL)
		queue_probe_works(a->probe_plus_1 - 1, &d);
}

/* Whose message it is, if the queue is that of a service. */
static void
find_client(const struct attempt_at *t, struct user *client)
{
	uid_t uid = (uid_t)t->file->entry.uid;
	char *login;

	if (!t->batch->account->context.user.is_service)
		return;
	login = peer_login(uid);
	user_init_service(client, uid, login);
	free(login);
}

static void
log_attempt(struct attempt_at *t, const struct envelope *envelope,
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
		.user = t->batch->account->context.auth.user,
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
		.recorder = t->batch->account->context.recorder,
		.keeps =
		    settled == SETTLED_WAITS ? queue_keeps : queue_keeps_none,
	};

	find_client(t, &client);
	log.client = client.is_service ? &client : NULL;
	run_log_result(&t->batch->account->context, &log,
	    error_is_set(err) && queue_needs_administrator(err)
		? LOG_ERR
		: report_log_priority(err));
	user_free(&client);
	str_free(&id);
}

static void
add_output(const struct attempt_at *t, const char *result,
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

static void
log_failure(const struct error *err)
{
	char *text = error_describe(err);

	log_line(LOG_ERR, text);
	free(text);
}

/* The journal of a message that is delivered would be removed with it. */
static bool
settle(const struct attempt_at *t, const struct envelope *envelope,
    enum settled *settled, struct error *err)
{
	const struct queue_event attempt = { .type = QUEUE_EVENT_ATTEMPT,
		.time = queue_now() };
	const struct settle_params params = {
		.is_paused = t->is_deferred || t->outcome == OUTCOME_PAUSED,
		.tokens_when = t->tokens_when,
		.queue = queue_of(t),
		.host = t->batch->host,
		.account = t->batch->account->name,
		.configuration = t->batch->account->configuration,
		.all_or_nothing =
		    !t->batch->account->context.account.session.partial,
		.removals = &t->batch->removals,
	};
	bool delivered =
	    envelope_count(envelope, RECIPIENT_DELIVERED) == envelope->count;

	return (delivered || t->is_deferred
		   || queue_file_append(t->file, &attempt, 1, false, err))
	    && queue_settle(t->file, envelope, t->indexes, &params, settled,
		err);
}

/* Settles the message, and tells the result. */
static void
end_attempt(struct attempt_at *t, const struct envelope *envelope,
    const struct session_log *session, const struct error *err)
{
	enum settled settled = SETTLED_WAITS;
	struct error why = { 0 };

	rate_limit_end_queued(queue_of(t), &t->file->entry, envelope,
	    &t->tokens);
	if (!archive_end(&t->archive, envelope, &why))
		log_failure(&why);
	error_free(&why);
	if (!settle(t, envelope, &settled, &why))
		log_failure(&why);
	log_attempt(t, envelope, session, err, settled);
	add_output(t, settled_name(settled), err, t->batch->out);
	error_free(&why);
	t->is_settled = true;
}

/* Without a copy in the archive the message waits, if the account requires
 * one. */
static bool
write_copy(struct attempt_at *t)
{
	const struct archive_params *archive =
	    &t->batch->account->context.account.archive;
	struct error err = { 0 };
	bool ok = archive_begin(&t->archive, archive, &t->envelope, &t->message,
	    &err);

	if (!ok && archive->required) {
		envelope_fail(&t->envelope, &err);
		end_attempt(t, &t->envelope, &t->session, &err);
	} else if (!ok) {
		log_failure(&err);
	}
	error_free(&err);
	return ok || !archive->required;
}

/* Without tokens the message waits; so do the others of the account, unless the
 * limit is that of a user. */
static bool
take_tokens(struct attempt_at *t)
{
	struct run_account *a = t->batch->account;
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
	end_attempt(t, &t->envelope, &t->session, &err);
	error_free(&err);
	return false;
}

/* ---- several messages in a session ---- */

/* A process that ended early may have left a message without recipients to try,
 * but with failures that nobody has been told of. */
static bool
has_recipients(struct attempt_at *t)
{
	const struct error none = { 0 };

	if (t->envelope.count > 0)
		return true;
	end_attempt(t, &t->envelope, &t->session, &none);
	return false;
}

static void
free_next(struct next_message *n)
{
	free_attempt(&n->attempt);
	queue_file_close(&n->file);
	free(n);
}

static bool
begin_next(struct batch *b, struct next_message *n)
{
	struct error err = { 0 };
	bool ok;

	n->attempt = (struct attempt_at){ .batch = b, .file = &n->file };
	ok = begin_attempt(&n->attempt, &err);
	if (!ok)
		log_failure(&err);
	error_free(&err);
	return ok && has_recipients(&n->attempt) && take_tokens(&n->attempt)
	    && write_copy(&n->attempt);
}

/* Opens the next file that has a message to send; NULL if there is none. */
static struct next_message *
open_next(struct batch *b)
{
	while (!process_is_ending()) {
		struct next_message *n = alloc_zeroed(1, sizeof(*n));

		if (!b->source->next(b->source->ctx, b->account, b->domain,
			&n->file)) {
			free(n);
			break;
		}
		if (begin_next(b, n))
			return n;
		free_next(n);
	}
	return NULL;
}

static bool
next_message(void *ctx, struct envelope **envelope,
    const struct message **message)
{
	struct batch *b = ctx;
	struct next_message *n = open_next(b);

	if (n == NULL)
		return false;
	b->next = alloc_grow(b->next, b->count, &b->size, sizeof(*b->next));
	b->next[b->count++] = n;
	*envelope = &n->attempt.envelope;
	*message = &n->attempt.message;
	return true;
}

static struct next_message *
remove_oldest(struct batch *b)
{
	struct next_message *n = b->next[0];

	memmove(b->next, b->next + 1, --b->count * sizeof(*b->next));
	return n;
}

static void
message_done(void *ctx, const struct envelope *envelope, bool tried,
    const struct session_log *session, const struct error *err)
{
	struct batch *b = ctx;
	struct next_message *n;

	if (b->count == 0) {
		note_result(&b->first, envelope, session, err);
		if (!rejects_null_sender(&b->first, err))
			end_attempt(&b->first, envelope, session, err);
		return;
	}
	n = remove_oldest(b);
	if (!tried || rejects_null_sender(&n->attempt, err))
		b->source->again(b->source->ctx, &n->file);
	else
		end_attempt(&n->attempt, envelope, session, err);
	free_next(n);
}

static void
messages_settled(void *ctx)
{
	struct batch *b = ctx;
	struct error err = { 0 };

	if (!queue_settle_removals(&b->removals, &err))
		log_failure(&err);
	error_free(&err);
}

static void
make_attempt(struct attempt_at *t, const struct message_source *more,
    struct error *err)
{
	struct context *context = &t->batch->account->context;
	struct observer observer = { .stage = note_stage,
		.ctx = t->batch->account };
	struct delivery_params params;

	if (error_is_set(&t->batch->account->obstacle)) {
		error_copy(err, &t->batch->account->obstacle);
		envelope_fail(&t->envelope, err);
		return;
	}
	context_start_lookup(context);
	context_delivery_params(context, &params);
	observer.next = params.observers;
	if (t->batch->account->probe_plus_1 != 0)
		params.observers = &observer;
	/* With host mx, messages for one domain have the same hosts. */
	if (!account_uses_mx(&context->account) || t->batch->domain != NULL)
		params.more = more;
	tls_required_apply(&params, &t->envelope, &t->message);
	deliver(&params, &t->envelope, &t->message, &t->session, err);
	params.more = NULL;
	params.observers = observer.next;
	if (!t->is_settled && rejects_null_sender(t, err))
		send_from_account(t, &params, err);
}

static void
deliver_first(struct batch *b)
{
	const struct message_source more = {
		/* What a server among many cannot do is not remembered. */
		.pipeline = b->domain != NULL
		    ? 1
		    : b->account->context.account.queue.pipeline,
		.faults = &b->account->faults,
		.next = next_message,
		.done = message_done,
		.settled = messages_settled,
		.ctx = b
	};
	struct attempt_at *first = &b->first;
	struct error err = { 0 };

	make_attempt(first, &more, &err);
	if (!first->is_settled) {
		note_result(first, &first->envelope, &first->session, &err);
		end_attempt(first, &first->envelope, &first->session, &err);
	}
	error_free(&err);
}

void
deliver_queued(struct run_account *a, struct queue_file *file,
    const struct file_source *source, struct str *out)
{
	struct batch b = { .account = a,
		.source = source,
		.out = out,
		.host = host_fqdn_or_name(),
		.first = { .batch = &b, .file = file } };
	struct error err = { 0 };

	if (account_uses_mx(&a->context.account))
		b.domain = queue_entry_domain(&file->entry);
	if (!begin_attempt(&b.first, &err))
		log_failure(&err);
	else if (has_recipients(&b.first) && take_tokens(&b.first)
	    && write_copy(&b.first))
		deliver_first(&b);
	messages_settled(&b);
	run_account_note_faults(a);
	error_free(&err);
	free_attempt(&b.first);
	free(b.next);
	free(b.host);
}

void
defer_queued(struct run_account *a, struct queue_file *file,
    const struct error *reason, struct str *out)
{
	struct batch b = { .account = a,
		.out = out,
		.host = host_fqdn_or_name(),
		.first = { .batch = &b,
		    .file = file,
		    .is_deferred = true,
		    .tokens_when = a->tokens_when } };
	struct error err = { 0 };

	if (begin_attempt(&b.first, &err)) {
		envelope_fail(&b.first.envelope, reason);
		end_attempt(&b.first, &b.first.envelope, &b.first.session,
		    reason);
	} else {
		log_failure(&err);
	}
	messages_settled(&b);
	error_free(&err);
	free_attempt(&b.first);
	free(b.host);
}
