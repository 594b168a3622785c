/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the members of the object in the order of Postfix, and then ours. */
#include "modes/queue_json.h"

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
add_recipient(struct json_writer *json, const struct queue_recipient *r)
{
	struct str reason = { 0 };

	json_begin_object(json, NULL);
	json_add_string(json, "address", r->address);
	queue_add_reason(&reason, r);
	if (reason.len > 0)
		json_add_string(json, "delay_reason", reason.data);
	json_end_object(json);
	str_free(&reason);
}

static void
add_recipients(struct json_writer *json, const struct queue_item *item)
{
	json_begin_array(json, "recipients");
	for (size_t i = 0; i < item->entry->count; i++) {
		const struct queue_recipient *r = &item->entry->recipients[i];

		if (queue_item_has(item, r))
			add_recipient(json, r);
	}
	json_end_array(json);
}

/* A message that was never tried has been due since it arrived. */
static void
add_next_attempt(struct json_writer *json, const struct queue_item *item)
{
	int64_t next = item->next != 0 ? item->next : item->entry->arrival;

	if (item->place != QUEUE_ACTIVE)
		json_add_null(json, "next_attempt");
	else
		json_add_number(json, "next_attempt", next / 1000);
}

static void
add_last_reply(struct json_writer *json, const struct queue_entry *entry)
{
	const struct queue_recipient *last = NULL;

	for (size_t i = 0; i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];

		if (r->status.code != 0 && r->reason != NULL
		    && (last == NULL || r->time > last->time))
			last = r;
	}
	if (last != NULL)
		json_add_string(json, "last_reply", last->reason);
}

void
queue_json_add(struct str *out, const struct queue_item *item,
    const char *service)
{
	const struct queue_entry *entry = item->entry;
	struct json_writer json = { .out = out };

	json_begin_object(&json, NULL);
	json_add_string(&json, "queue_name", queue_name(item));
	json_add_string(&json, "queue_id", entry->id.text);
	json_add_number(&json, "arrival_time", entry->arrival / 1000);
	json_add_number(&json, "message_size",
	    (int64_t)queue_message_size(entry));
	json_add_bool(&json, "forced_expire", false);
	json_add_string(&json, "sender", queue_sender_name(entry));
	add_recipients(&json, item);
	json_add_number(&json, "attempts", entry->attempts);
	add_next_attempt(&json, item);
	json_add_string(&json, "account", entry->account);
	add_last_reply(&json, entry);
	if (service != NULL) {
		json_add_string(&json, "service", service);
		json_add_number(&json, "uid", (int64_t)entry->uid);
	}
	json_end_object(&json);
	str_add_char(out, '\n');
}
