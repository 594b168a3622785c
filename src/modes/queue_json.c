/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the members of the object in the order of Postfix, and then ours. */
#include "modes/queue_json.h"

#include <inttypes.h>

#include "base/json.h"
#include "modes/queue_text.h"

/* Postfix has no failed/; its other names have the same meaning here. */
static const char *
queue_name(const struct queue_file *file, bool is_locked)
{
	if (file->place == QUEUE_FAILED_MAIL)
		return "failed";
	if (is_locked)
		return "active";
	if (file->place == QUEUE_HOLD)
		return "hold";
	return file->entry.attempts == 0 ? "incoming" : "deferred";
}

static void
add_member(struct str *out, const char *name, const char *value)
{
	str_printf(out, "\"%s\": ", name);
	json_add_string(out, value);
}

static void
add_recipient(struct str *out, const struct queue_recipient *r)
{
	struct str reason = { 0 };

	str_add_char(out, '{');
	add_member(out, "address", r->address);
	queue_add_reason(&reason, r);
	if (reason.len > 0) {
		str_add(out, ", ");
		add_member(out, "delay_reason", reason.data);
	}
	str_add_char(out, '}');
	str_free(&reason);
}

/* In failed/, those that failed are the ones that matter. */
static bool
is_left(const struct queue_file *file, const struct queue_recipient *r)
{
	return r->state == QUEUE_WAITING
	    || (file->place == QUEUE_FAILED_MAIL && r->state == QUEUE_FAILED);
}

static void
add_recipients(struct str *out, const struct queue_file *file)
{
	const char *separator = "";

	str_add(out, "\"recipients\": [");
	for (size_t i = 0; i < file->entry.count; i++) {
		const struct queue_recipient *r = &file->entry.recipients[i];

		if (!is_left(file, r))
			continue;
		str_add(out, separator);
		add_recipient(out, r);
		separator = ", ";
	}
	str_add_char(out, ']');
}

/* A message that was never tried has been due since it arrived. */
static void
add_next_attempt(struct str *out, const struct queue_file *file,
    const struct queue_pauses *pauses)
{
	const struct queue_entry *entry = &file->entry;
	int64_t next = queue_next_time(pauses, entry);

	str_add(out, "\"next_attempt\": ");
	if (file->place != QUEUE_ACTIVE)
		str_add(out, "null");
	else
		str_printf(out, "%" PRId64,
		    (next != 0 ? next : entry->arrival) / 1000);
}

static void
add_last_reply(struct str *out, const struct queue_entry *entry)
{
	const struct queue_recipient *last = NULL;

	for (size_t i = 0; i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];

		if (r->status.code != 0 && r->reason != NULL
		    && (last == NULL || r->time > last->time))
			last = r;
	}
	if (last == NULL)
		return;
	str_add(out, ", ");
	add_member(out, "last_reply", last->reason);
}

void
queue_json_add(struct str *out, const struct queue_file *file,
    const struct queue_pauses *pauses, bool is_locked)
{
	const struct queue_entry *entry = &file->entry;

	str_add_char(out, '{');
	add_member(out, "queue_name", queue_name(file, is_locked));
	str_add(out, ", ");
	add_member(out, "queue_id", entry->id.text);
	str_printf(out,
	    ", \"arrival_time\": %" PRId64 ", \"message_size\": %" PRIu64
	    ", \"forced_expire\": false, ",
	    entry->arrival / 1000, queue_message_size(entry));
	add_member(out, "sender", queue_sender_name(entry));
	str_add(out, ", ");
	add_recipients(out, file);
	str_printf(out, ", \"attempts\": %u, ", entry->attempts);
	add_next_attempt(out, file, pauses);
	str_add(out, ", ");
	add_member(out, "account", entry->account);
	add_last_reply(out, entry);
	str_add(out, "}\n");
}
