/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats properties of queued messages. */
#include "modes/queue_text.h"

#include <string.h>
#include <time.h>

#include "modes/output.h"

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

void
queue_add_reason(struct str *out, const struct queue_recipient *r)
{
	bool is_reply = r->status.code != 0;

	if (r->reason == NULL)
		return;
	/* The reason of a failed connection names the host already. */
	if (r->host != NULL
	    && (is_reply || strstr(r->reason, r->host) == NULL)) {
		str_add(out, is_reply ? "host " : "");
		output_text(out, r->host);
		str_add(out, is_reply ? " said: " : ": ");
	}
	output_text(out, r->reason);
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
