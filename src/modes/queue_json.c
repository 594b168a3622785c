/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the members of the object in the order of Postfix, and then ours. */
#include "modes/queue_json.h"

#include <inttypes.h>

#include "base/json.h"
#include "modes/queue_text.h"

/* Postfix has no failed/; its other names have the same meaning here. */
static const char *
queue_name(const struct queue_item *item)
{
	if (item->place == QUEUE_FAILED_MAIL)
		return "failed";
	if (item->is_locked)
		return "active";
	if (item->place == QUEUE_HOLD)
		return "hold";
	return item->entry->attempts == 0 ? "incoming" : "deferred";
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

static void
add_recipients(struct str *out, const struct queue_item *item)
{
	const char *separator = "";

	str_add(out, "\"recipients\": [");
	for (size_t i = 0; i < item->entry->count; i++) {
		const struct queue_recipient *r = &item->entry->recipients[i];

		if (!queue_item_has(item, r))
			continue;
		str_add(out, separator);
		add_recipient(out, r);
		separator = ", ";
	}
	str_add_char(out, ']');
}

/* A message that was never tried has been due since it arrived. */
static void
add_next_attempt(struct str *out, const struct queue_item *item)
{
	int64_t next = item->next != 0 ? item->next : item->entry->arrival;

	str_add(out, "\"next_attempt\": ");
	if (item->place != QUEUE_ACTIVE)
		str_add(out, "null");
	else
		str_printf(out, "%" PRId64, next / 1000);
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

static void
add_service(struct str *out, const struct queue_entry *entry,
    const char *service)
{
	str_add(out, ", ");
	add_member(out, "service", service);
	str_printf(out, ", \"uid\": %" PRIu64, entry->uid);
}

void
queue_json_add(struct str *out, const struct queue_item *item,
    const char *service)
{
	const struct queue_entry *entry = item->entry;

	str_add_char(out, '{');
	add_member(out, "queue_name", queue_name(item));
	str_add(out, ", ");
	add_member(out, "queue_id", entry->id.text);
	str_printf(out,
	    ", \"arrival_time\": %" PRId64 ", \"message_size\": %" PRIu64
	    ", \"forced_expire\": false, ",
	    entry->arrival / 1000, queue_message_size(entry));
	add_member(out, "sender", queue_sender_name(entry));
	str_add(out, ", ");
	add_recipients(out, item);
	str_printf(out, ", \"attempts\": %u, ", entry->attempts);
	add_next_attempt(out, item);
	str_add(out, ", ");
	add_member(out, "account", entry->account);
	add_last_reply(out, entry);
	if (service != NULL)
		add_service(out, entry, service);
	str_add(out, "}\n");
}
