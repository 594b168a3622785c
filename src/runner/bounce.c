/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Queues notices.
 */
#include "runner/bounce.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/add_headers.h"
#include "mail/header.h"
#include "mail/path.h"
#include "queue/create.h"
#include "queue/notice.h"
#include "runner/events.h"
#include "runner/put_notice.h"

/* What is to be told about a message. */
struct bounce {
	struct queue_folder *folder;
	const struct queue_entry *entry;
	const struct message *message;
	const struct settle_params *params;
	enum notice_kind *kinds; /* by recipient; the sender wants them */
	bool is_queued;          /* the message is, so that its journal tells */
	struct queue_id notice;  /* that tells it, or "" */
};

/* Nobody reads mail to an address of this host. */
static bool
can_be_answered(const char *address, const struct settle_params *params)
{
	const char *domain = path_domain(address);

	return *address != '\0' && domain != NULL && strchr(domain, '.') != NULL
	    && !text_equal_nocase(domain, params->host);
}

static bool
reaches_sender(const struct bounce *b)
{
	return notice_is_allowed(b->entry)
	    && can_be_answered(b->entry->sender, b->params);
}

/* A message that has been here too often, or that is itself a notice of this
 * host that came back, is not returned. */
static bool
is_loop(const struct bounce *b)
{
	const struct str *header = &b->message->header;

	return header_count(header, "Received") > MESSAGE_HOPS_MAX
	    || (!b->entry->is_notice && notice_is_own(header, b->params->host));
}

/* Returns the address that a notice goes to, or NULL. */
static const char *
reader_of(const struct bounce *b)
{
	const char *last = b->params->queue->bounce_to;

	if (is_loop(b))
		return NULL;
	if (reaches_sender(b))
		return b->entry->sender;
	/* A notice that was sent there would only come back. */
	if (last != NULL && b->entry->is_notice
	    && text_equal_nocase(b->entry->recipients[0].address, last))
		return NULL;
	return last;
}

/* ---- the notice ---- */

static bool
send_notice(struct bounce *b, const char *reader, struct error *err)
{
	struct message text = { 0 };
	struct notice notice = { .entry = b->entry,
		.message = b->message,
		.kinds = b->kinds,
		.reader = reader,
		.host = b->params->host,
		.retry_until = b->entry->arrival
		    + (int64_t)b->params->queue->schedule.lifetime * 1000 };
	const struct settle_params *params = b->params;
	bool other = params->account != NULL;
	const struct notice_envelope envelope = { .uid = b->entry->uid,
		.account = other ? params->account : b->entry->account,
		.configuration =
		    other ? params->configuration : b->entry->configuration,
		.reader = reader,
		.host = b->params->host,
		.about = b->is_queued ? &b->entry->id : NULL };
	/* The limits do not count: the notice replaces its message. */
	bool ok = notice_build(&notice, &text, err)
	    && notice_put(b->folder, &envelope, &text, &b->notice, err);

	message_free(&text);
	return ok;
}

/* ---- what is told ---- */

/* What has happened to the recipient that nobody was told of. */
static enum notice_kind
news_of(const struct queue_recipient *r, bool warns)
{
	switch (r->state) {
	case QUEUE_FAILED:
		return NOTICE_FAILED;
	case QUEUE_RELAYED:
		return NOTICE_RELAYED;
	case QUEUE_WAITING:
		return warns ? NOTICE_DELAYED : NOTICE_NONE;
	case QUEUE_DELIVERED:
	case QUEUE_RETURNED:
	case QUEUE_STATES:
		break;
	}
	return NOTICE_NONE;
}

/* Leaves out what the sender does not want to know; returns whether anything is
 * left. */
static bool
choose_kinds(struct bounce *b, bool warns)
{
	bool found = false;

	for (size_t i = 0; i < b->entry->count; i++) {
		const struct queue_recipient *r = &b->entry->recipients[i];
		enum notice_kind kind = news_of(r, warns);

		if (kind != NOTICE_NONE && !notice_is_wanted(b->entry, r, kind))
			kind = NOTICE_NONE;
		b->kinds[i] = kind;
		found |= kind != NOTICE_NONE;
	}
	return found;
}

/* Only a failure is so important that another person than the sender is told;
 * returns whether anything is left. */
static bool
leave_failures(struct bounce *b)
{
	bool found = false;

	for (size_t i = 0; i < b->entry->count; i++) {
		if (b->kinds[i] != NOTICE_FAILED)
			b->kinds[i] = NOTICE_NONE;
		found |= b->kinds[i] != NOTICE_NONE;
	}
	return found;
}

/* Queues one notice about everything that somebody is told; *untold is whether
 * there are failures that nobody can be told of. */
static bool
tell(struct bounce *b, bool *untold, struct error *err)
{
	const char *reader = reader_of(b);

	*untold = false;
	if ((reader == NULL || !reaches_sender(b)) && !leave_failures(b))
		return true;
	*untold = reader == NULL;
	return reader == NULL || send_notice(b, reader, err);
}

/* ---- queued messages ---- */

static bool
mark_told(struct queue_file *file, const struct bounce *b, bool warned,
    bool untold, struct error *err)
{
	struct queue_events events = { 0 };
	bool ok;

	if (*b->notice.text != '\0') {
		queue_events_add(&events, QUEUE_EVENT_NOTICE, queue_now());
		events.items[0].notice = b->notice;
	}
	for (size_t i = 0; i < file->entry.count; i++) {
		enum queue_recipient_state state =
		    file->entry.recipients[i].state;

		if (state != QUEUE_RELAYED
		    && (state != QUEUE_FAILED
			|| (untold && b->kinds[i] == NOTICE_FAILED)))
			continue;
		queue_events_add(&events, QUEUE_EVENT_RETURNED, queue_now());
		events.items[events.count - 1].recipient = i;
	}
	if (warned)
		queue_events_add(&events, QUEUE_EVENT_WARNED, queue_now());
	ok = events.count == 0
	    || queue_file_append(file, events.items, events.count, true, err);
	queue_events_free(&events);
	return ok;
}

/* Queues the notice that the journal has, unless that was done before. */
static bool
publish(const struct queue_file *file, struct error *err)
{
	const struct queue_entry *entry = &file->entry;

	return *entry->notice.text == '\0'
	    || queue_publish(file->folder, &entry->id, &entry->notice, err);
}

static bool
bounce(struct queue_file *file, const struct settle_params *params, bool warns,
    struct error *err)
{
	struct message original = { 0 };
	struct bounce b = { .folder = file->folder,
		.entry = &file->entry,
		.message = &original,
		.params = params,
		.kinds = alloc_zeroed(file->entry.count, sizeof(*b.kinds)),
		.is_queued = true };
	bool untold = false;
	bool ok = !choose_kinds(&b, warns)
	    || (queue_file_message(file, &original, err)
		&& tell(&b, &untold, err));

	ok =
	    ok && mark_told(file, &b, warns, untold, err) && publish(file, err);
	if (ok && untold && queue_entry_count(&file->entry, QUEUE_WAITING) == 0
	    && file->place != QUEUE_FAILED_MAIL)
		ok = queue_file_move(file, QUEUE_FAILED_MAIL, err);
	message_free(&original);
	free(b.kinds);
	return ok;
}

bool
queue_bounce(struct queue_file *file, const struct settle_params *params,
    struct error *err)
{
	const struct queue_entry *entry = &file->entry;
	bool warns = queue_entry_count(entry, QUEUE_WAITING) > 0
	    && queue_must_warn(&params->queue->schedule, entry, queue_now());

	/* A process may have ended before it could do that. */
	if (!publish(file, err))
		return false;
	return (!warns && queue_entry_count(entry, QUEUE_FAILED) == 0
		   && queue_entry_count(entry, QUEUE_RELAYED) == 0)
	    || bounce(file, params, warns, err);
}

bool
queue_tell_relayed(struct queue_folder *folder, const struct queue_entry *entry,
    const struct message *m, const struct settle_params *params,
    struct error *err)
{
	struct bounce b = { .folder = folder,
		.entry = entry,
		.message = m,
		.params = params,
		.kinds = alloc_zeroed(entry->count + 1, sizeof(*b.kinds)) };
	bool untold;
	bool ok = !choose_kinds(&b, false) || tell(&b, &untold, err);

	free(b.kinds);
	return ok;
}

bool
queue_wants_relayed(const struct queue_entry *entry,
    const struct queue_recipient *r)
{
	return notice_is_allowed(entry)
	    && notice_is_wanted(entry, r, NOTICE_RELAYED);
}
