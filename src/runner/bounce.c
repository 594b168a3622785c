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
#include "queue/usage.h"
#include "runner/events.h"

/* Nobody reads mail to an address of this host. */
static bool
can_be_answered(const char *address, const struct settle_params *params)
{
	const char *domain = path_domain(address);

	return *address != '\0' && domain != NULL && strchr(domain, '.') != NULL
	    && !text_equal_nocase(domain, params->host);
}

/* Returns the address that a notice goes to, or NULL. */
static const char *
reader_of(const struct queue_entry *entry, const struct settle_params *params)
{
	const char *last = params->queue->bounce_to;

	if (!entry->is_notice && can_be_answered(entry->sender, params))
		return entry->sender;
	/* A notice that was sent there would only come back. */
	if (last != NULL && entry->is_notice
	    && text_equal_nocase(entry->recipients[0].address, last))
		return NULL;
	return last;
}

/* Adds Date and Message-ID. */
static bool
complete(struct message *notice, const char *host, struct error *err)
{
	const struct header_settings settings = {
		.from = HEADER_MODE_AUTO,
		.date = HEADER_MODE_AUTO,
		.message_id = HEADER_MODE_AUTO,
	};
	const struct header_values values = { .domain = host };

	return message_add_headers(notice, &settings, &values, err);
}

/* A notice has the null sender (RFC 5321 section 4.5.5). */
static bool
queue_notice(const struct queue_file *about, const char *reader,
    const struct message *notice, struct error *err)
{
	const struct queue_usage limits = { INT64_MAX, INT64_MAX };
	struct queue_entry entry = {
		.arrival = queue_now(),
		.uid = about->entry.uid,
		.account = alloc_string(about->entry.account),
		.configuration = alloc_string(about->entry.configuration),
		.sender = alloc_string(""),
		.is_notice = true,
	};
	struct queue_file file;

	queue_entry_add(&entry, reader, NULL);
	/* A notice is queued beyond the limits: it replaces its message. */
	if (!queue_usage_add(about->folder,
		notice->header.len + notice->body.size, &limits, err)) {
		queue_entry_free(&entry);
		return false;
	}
	if (!queue_create(&file, about->folder, &entry, notice, err))
		return false;
	queue_file_close(&file);
	return true;
}

static bool
send_notice(struct queue_file *file, enum notice_kind kind, const bool *members,
    const char *reader, const struct settle_params *params, struct error *err)
{
	struct message original = { 0 };
	struct message text = { 0 };
	struct notice notice = { .kind = kind,
		.entry = &file->entry,
		.message = &original,
		.members = members,
		.host = params->host,
		.retry_until = file->entry.arrival
		    + (int64_t)params->queue->schedule.lifetime * 1000 };
	bool ok = queue_file_message(file, &original, err)
	    && notice_build(&notice, &text, err)
	    && complete(&text, params->host, err)
	    && queue_notice(file, reader, &text, err);

	message_free(&original);
	message_free(&text);
	return ok;
}

static bool
mark_returned(struct queue_file *file, const bool *members, struct error *err)
{
	struct queue_events events = { 0 };
	bool ok;

	for (size_t i = 0; i < file->entry.count; i++) {
		if (!members[i])
			continue;
		queue_events_add(&events, QUEUE_EVENT_RETURNED, queue_now());
		events.items[events.count - 1].recipient = i;
	}
	ok = queue_file_append(file, events.items, events.count, true, err);
	queue_events_free(&events);
	return ok;
}

static bool
find_members(const struct queue_entry *entry, enum queue_recipient_state state,
    bool *members)
{
	bool found = false;

	for (size_t i = 0; i < entry->count; i++) {
		members[i] = entry->recipients[i].state == state;
		found |= members[i];
	}
	return found;
}

/* A message that was returned before, or that loops, is not returned again. */
static bool
may_return(struct queue_file *file, struct error *err, bool *may)
{
	struct message m = { 0 };
	bool ok = queue_file_message(file, &m, err);

	*may = ok && header_count(&m.header, "Received") <= MESSAGE_HOPS_MAX;
	message_free(&m);
	return ok;
}

static bool
return_failed(struct queue_file *file, bool *members,
    const struct settle_params *params, struct error *err)
{
	const struct queue_entry *entry = &file->entry;
	const char *reader = reader_of(entry, params);
	bool wanted = notice_is_wanted(entry, NOTICE_FAILED) || entry->is_notice
	    || *entry->sender == '\0';
	bool may = false;

	if (!wanted)
		return mark_returned(file, members, err);
	if (!may_return(file, err, &may))
		return false;
	if (!may || reader == NULL)
		return queue_entry_count(entry, QUEUE_WAITING) > 0
		    || queue_file_move(file, QUEUE_FAILED_MAIL, err);
	return send_notice(file, NOTICE_FAILED, members, reader, params, err)
	    && mark_returned(file, members, err);
}

static bool
warn(struct queue_file *file, const bool *members,
    const struct settle_params *params, struct error *err)
{
	const struct queue_event warned = { .type = QUEUE_EVENT_WARNED,
		.time = queue_now() };
	const struct queue_entry *entry = &file->entry;

	return (!notice_is_wanted(entry, NOTICE_DELAYED)
		   || !can_be_answered(entry->sender, params)
		   || send_notice(file, NOTICE_DELAYED, members, entry->sender,
		       params, err))
	    && queue_file_append(file, &warned, 1, true, err);
}

bool
queue_bounce(struct queue_file *file, const struct settle_params *params,
    struct error *err)
{
	const struct queue_schedule *schedule = &params->queue->schedule;
	bool *members = alloc_zeroed(file->entry.count + 1, sizeof(*members));
	bool ok = true;

	if (find_members(&file->entry, QUEUE_FAILED, members))
		ok = return_failed(file, members, params, err);
	if (ok && queue_must_warn(schedule, &file->entry, queue_now())
	    && find_members(&file->entry, QUEUE_WAITING, members))
		ok = warn(file, members, params, err);
	free(members);
	return ok;
}
