/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a queue entry of a notice. */
#include "runner/put_notice.h"

#include "base/alloc.h"
#include "mail/add_headers.h"
#include "queue/create.h"
#include "queue/usage.h"
#include "runner/events.h"

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

static bool
create(struct queue_file *file, struct queue_folder *folder,
    struct queue_entry *entry, const struct message *notice,
    const struct queue_id *about, struct error *err)
{
	return about != NULL
	    ? queue_prepare(file, folder, entry, notice, about, err)
	    : queue_create(file, folder, entry, notice, err);
}

bool
notice_put(struct queue_folder *folder, const struct notice_envelope *envelope,
    struct message *notice, struct queue_id *id, struct error *err)
{
	const struct queue_usage limits = { INT64_MAX, INT64_MAX };
	struct queue_entry entry = {
		.arrival = queue_now(),
		.uid = envelope->uid,
		.account = alloc_string(envelope->account),
		.configuration = alloc_string(envelope->configuration),
		.sender = alloc_string(""),
		.is_notice = true,
	};
	struct queue_file file;
	uint64_t size;

	queue_entry_add(&entry, envelope->reader, NULL);
	if (!complete(notice, envelope->host, err)) {
		queue_entry_free(&entry);
		return false;
	}
	size = notice->header.len + notice->body.size;
	if (!queue_usage_add(folder, size, &limits, err)) {
		queue_entry_free(&entry);
		return false;
	}
	if (!create(&file, folder, &entry, notice, envelope->about, err)) {
		queue_usage_subtract(folder, size);
		return false;
	}
	if (id != NULL)
		*id = file.entry.id;
	queue_file_close(&file);
	return true;
}
