/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats properties of queued messages. */
#include "modes/queue_text.h"

#include <string.h>
#include <time.h>

#include "modes/output.h"
#include "queue/waits.h"

uint64_t
queue_message_size(const struct queue_entry *entry)
{
	/* The empty line belongs to the message. */
	return entry->text.header_size + 1 + entry->text.body_size;
}

const char *
queue_sender_name(const struct queue_entry *entry)
{
	return entry->is_notice || *entry->sender == '\0' ? "MAILER-DAEMON"
							  : entry->sender;
}

static int64_t
next_time(const struct queue_pauses *pauses, const struct queue_entry *entry)
{
	const struct queue_pause *pause =
	    queue_pause_of_message(pauses, entry, (int64_t)time(NULL) * 1000);

	return pause != NULL && pause->until > entry->next_attempt
	    ? pause->until
	    : entry->next_attempt;
}

struct queue_item
queue_item_of_file(const struct queue_file *file,
    const struct queue_pauses *pauses)
{
	return (struct queue_item){ .entry = &file->entry,
		.place = file->place,
		.is_locked = queue_file_is_locked(file),
		.next = next_time(pauses, &file->entry) };
}

/* The reason of a failed connection names the host already. */
static void
add_reason(struct str *out, const struct smtp_status *status, const char *host,
    const char *reason)
{
	bool is_reply = status->code != 0;

	if (host != NULL && (is_reply || strstr(reason, host) == NULL)) {
		str_add(out, is_reply ? "host " : "");
		output_text(out, host);
		str_add(out, is_reply ? " said: " : ": ");
	}
	output_text(out, reason);
}

void
queue_add_reason(struct str *out, const struct queue_recipient *r)
{
	if (r->reason != NULL)
		add_reason(out, &r->status, r->host, r->reason);
}

void
queue_add_pause(struct str *out, const struct queue_pause *pause)
{
	add_reason(out, &pause->status, pause->host, pause->reason);
}

void
queue_add_time(struct str *out, int64_t when)
{
	const time_t seconds = (time_t)(when / 1000);
	struct tm parts = { 0 };
	char text[32] = "?";

	/* The names are English, because the program sets no locale. */
	if (localtime_r(&seconds, &parts) != NULL)
		strftime(text, sizeof(text), "%a %b %e %H:%M:%S", &parts);
	str_add(out, text);
}
