/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listing, whose form is that of Postfix with long IDs: monitoring programs
 * and scripts know it.
 */
#include "modes/queue_list.h"

#include <inttypes.h>
#include <string.h>

#include "modes/output.h"
#include "modes/queue_json.h"
#include "modes/queue_open.h"
#include "modes/queue_text.h"

/* Standard output gets the listing in pieces of about this size. */
#define PIECE ((size_t)65536)
/* A shorter reason ends in this column. */
#define REASON_WIDTH 76
#define RECIPIENT_COLUMN 47
#define HEADINGS \
	"----Queue ID----- --Size-- ---Arrival Time---- " \
	"--Sender/Recipient------\n"

struct listing {
	struct str *out;
	struct queue_pauses pauses;
	bool verbose;
	uint64_t count;
	uint64_t octets;
};

static void
add_parenthesized(struct str *out, const struct str *text)
{
	int padding =
	    text->len < REASON_WIDTH ? REASON_WIDTH - (int)text->len : 0;

	str_printf(out, "%*s(", padding, "");
	str_append(out, text->data, text->len);
	str_add(out, ")\n");
}

/* The line of -v, which readers of the listing take for a reason. */
static void
add_attempts(const struct listing *listing, const struct queue_file *file,
    bool is_locked)
{
	const struct queue_entry *entry = &file->entry;
	int64_t next = queue_next_time(&listing->pauses, entry);
	struct str line = { 0 };

	str_printf(&line, "%u attempt%s, ", entry->attempts,
	    entry->attempts == 1 ? "" : "s");
	if (is_locked)
		str_add(&line, "being delivered");
	else if (file->place == QUEUE_HOLD)
		str_add(&line, "on hold");
	else if (next == 0)
		str_add(&line, "the next one is due");
	else {
		str_add(&line, "the next one at ");
		queue_add_time(&line, next);
	}
	add_parenthesized(listing->out, &line);
	str_free(&line);
}

static char
mark_of(const struct queue_file *file, bool is_locked)
{
	if (is_locked)
		return '*';
	return file->place == QUEUE_HOLD ? '!' : ' ';
}

static void
add_first_line(struct str *out, const struct queue_file *file, bool is_locked)
{
	const struct queue_entry *entry = &file->entry;

	str_printf(out, "%s%c%*s %8" PRIu64 " ", entry->id.text,
	    mark_of(file, is_locked), 16 - QUEUE_ID_LENGTH, "",
	    queue_message_size(entry));
	queue_add_time(out, entry->arrival);
	str_add_char(out, ' ');
	output_text(out, queue_sender_name(entry));
	str_add_char(out, '\n');
}

/* A reason stands above the recipients that share it. */
static void
add_recipients(struct str *out, const struct queue_entry *entry)
{
	struct str reason = { 0 };
	struct str shown = { 0 };

	for (size_t i = 0; i < entry->count; i++) {
		const struct queue_recipient *r = &entry->recipients[i];

		if (r->state != QUEUE_WAITING)
			continue;
		str_truncate(&reason, 0);
		queue_add_reason(&reason, r);
		if (reason.len == 0 && shown.len > 0)
			str_add(&reason, "reason unavailable");
		if (!str_equal(&shown, str_text(&reason))) {
			add_parenthesized(out, &reason);
			str_truncate(&shown, 0);
			str_append(&shown, reason.data, reason.len);
		}
		str_printf(out, "%*s", RECIPIENT_COLUMN, "");
		output_text(out, r->address);
		str_add_char(out, '\n');
	}
	str_free(&reason);
	str_free(&shown);
}

static bool
flush_piece(struct str *out, struct error *err)
{
	return out->len < PIECE || output_flush(out, err);
}

static bool
add_message(void *ctx, const struct queue_file *file, struct error *err)
{
	struct listing *listing = ctx;
	struct str *out = listing->out;
	bool is_locked = queue_file_is_locked(file);

	str_add(out, listing->count == 0 ? HEADINGS : "\n");
	add_first_line(out, file, is_locked);
	if (listing->verbose)
		add_attempts(listing, file, is_locked);
	add_recipients(out, &file->entry);
	listing->count++;
	listing->octets += queue_message_size(&file->entry);
	return flush_piece(out, err);
}

static bool
add_json(void *ctx, const struct queue_file *file, struct error *err)
{
	struct listing *listing = ctx;

	queue_json_add(listing->out, file, &listing->pauses,
	    queue_file_is_locked(file));
	return flush_piece(listing->out, err);
}

static bool
list_as_text(const struct context *context, struct queue_folder *folder,
    struct listing *listing, struct strv *warnings, struct error *err)
{
	static const enum queue_place places[] = { QUEUE_ACTIVE, QUEUE_HOLD,
		QUEUE_PLACES };

	listing->verbose = context->cmdline->verbose || context->cmdline->debug;
	if (!queue_walk(folder, places, add_message, listing, warnings, err))
		return false;
	if (listing->count == 0)
		str_add(listing->out, "Mail queue is empty\n");
	else
		str_printf(listing->out,
		    "\n-- %" PRIu64 " Kbytes in %" PRIu64 " Request%s.\n",
		    listing->octets / 1024, listing->count,
		    listing->count == 1 ? "" : "s");
	return true;
}

bool
queue_list(struct context *context, struct str *out, struct error *err)
{
	static const enum queue_place places[] = { QUEUE_ACTIVE, QUEUE_HOLD,
		QUEUE_FAILED_MAIL, QUEUE_PLACES };
	struct strv *warnings = &context->submission.warnings;
	struct listing listing = { .out = out };
	struct queue_folder folder;
	bool ok = queue_open(context, &folder, err);

	if (ok) {
		listing.pauses.folder = &folder;
		queue_pauses_read(&listing.pauses);
		ok = context->cmdline->json
		    ? queue_walk(&folder, places, add_json, &listing, warnings,
			err)
		    : list_as_text(context, &folder, &listing, warnings, err);
	}
	queue_pauses_free(&listing.pauses);
	queue_folder_close(&folder);
	return ok;
}
