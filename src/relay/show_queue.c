/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks over the queue, and sends each message as soon as it has been read. */
#include "relay/show_queue.h"

#include <stdlib.h>
#include <string.h>

#include "modes/queue_open.h"
#include "modes/queue_text.h"
#include "queue/listing.h"
#include "queue/notice.h"
#include "server/io.h"

#define POSITIVE 250
#define STATUS "2.0.0"

struct showing {
	struct server *server;
	const struct peer *peer;
	struct queue_pauses pauses;
	uint64_t count;
	struct str record;
	struct str line;
	bool is_broken; /* nothing more can be sent */
};

/* Every user of another user namespace may have the overflow uid. */
static bool
may_see(const struct peer *peer, const struct queue_entry *entry)
{
	return peer->uid == 0
	    || (!peer->is_overflow && entry->uid == peer->uid);
}

/* Sends the record, and empties it. */
static bool
send_record(struct showing *v, bool is_last, struct error *err)
{
	size_t at = 0;

	while (!v->is_broken && queue_listing_fold(&v->record, &at, &v->line))
		v->is_broken = !server_send_line(v->server, POSITIVE,
		    is_last && at == v->record.len, STATUS, str_text(&v->line),
		    err);
	str_truncate(&v->record, 0);
	return !v->is_broken;
}

static bool
send_recipient(struct showing *v, const struct queue_recipient *r,
    struct error *err)
{
	struct queue_recipient shown = *r;
	struct error hidden = { 0 };
	bool ok;

	policy_hide_error(&hidden);
	if (v->peer->uid != 0 && notice_hides_reason(r)) {
		shown.host = NULL;
		shown.reason = hidden.text;
	}
	queue_listing_add_recipient(&v->record, &shown);
	ok = send_record(v, false, err);
	error_free(&hidden);
	return ok;
}

static bool
send_file(void *ctx, const struct queue_file *file, struct error *err)
{
	struct showing *v = ctx;
	const struct queue_entry *entry = &file->entry;
	struct queue_item item;
	bool ok;

	if (!may_see(v->peer, entry))
		return true;
	item = queue_item_of_file(file, &v->pauses);
	queue_listing_add_message(&v->record, &item);
	ok = send_record(v, false, err);
	for (size_t i = 0; ok && i < entry->count; i++)
		if (queue_item_has(&item, &entry->recipients[i]))
			ok = send_recipient(v, &entry->recipients[i], err);
	v->count++;
	return ok;
}

static bool
send_files(struct showing *v, const char *path, struct strv *warnings,
    struct error *err)
{
	struct queue_folder folder = { 0 };
	bool ok = queue_folder_open(&folder, path, false, err);

	if (ok) {
		v->pauses.folder = &folder;
		queue_pauses_read(&v->pauses);
		ok = queue_walk(&folder, queue_places_all, send_file, v,
		    warnings, err);
	}
	queue_pauses_free(&v->pauses);
	queue_folder_close(&folder);
	return ok;
}

static bool
send_warnings(struct showing *v, const struct strv *warnings, struct error *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < warnings->count; i++) {
		queue_listing_add_warning(&v->record, warnings->items[i]);
		ok = send_record(v, false, err);
	}
	return ok;
}

/* The reason why the listing ends early is for the administrator. */
static bool
send_end(struct showing *v, struct error *why, struct error *err)
{
	char *text = NULL;

	if (error_is_set(why)) {
		if (v->peer->uid != 0)
			policy_hide_error(why);
		text = error_describe(why);
		queue_listing_add_failure(&v->record, text);
	} else {
		queue_listing_add_end(&v->record, v->count);
	}
	free(text);
	return send_record(v, true, err);
}

bool
show_queue(const struct policy *policy, struct server *server,
    struct error *err)
{
	struct showing v = { .server = server, .peer = &policy->peer };
	struct strv warnings = { 0 };
	struct error why = { 0 };
	bool ok;

	/* Without the configuration, nobody knows where the queue is. */
	if (policy->queue_folder == NULL)
		error_copy(&why, &policy->obstacle);
	else
		send_files(&v, policy->queue_folder,
		    v.peer->uid == 0 ? &warnings : NULL, &why);
	if (v.is_broken) {
		error_move(err, &why);
		ok = false;
	} else {
		ok = send_warnings(&v, &warnings, err)
		    && send_end(&v, &why, err);
	}
	error_free(&why);
	strv_free(&warnings);
	str_free(&v.record);
	str_free(&v.line);
	return ok;
}
