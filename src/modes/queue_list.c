/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listing, whose form is that of Postfix with long IDs: monitoring programs
 * and scripts know it.
 */
#include "modes/queue_list.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/peer.h"
#include "modes/output.h"
#include "modes/queue_json.h"
#include "modes/queue_of_service.h"
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
	const struct context *context;
	queue_item_visitor *add; /* a message in the form that is wanted */
	struct queue_pauses pauses;
	const char *service; /* whose queue is listed; NULL: the caller's */
	uint64_t local;      /* messages in the caller's own queue */
	uint64_t count;
	uint64_t octets;
};

static bool
is_verbose(const struct listing *listing)
{
	const struct cmdline *cmdline = listing->context->cmdline;

	return cmdline->verbose || cmdline->debug;
}

static void
add_parenthesized(struct str *out, const struct str *text)
{
	int padding =
	    text->len < REASON_WIDTH ? REASON_WIDTH - (int)text->len : 0;

	str_printf(out, "%*s(", padding, "");
	str_append(out, text->data, text->len);
	str_add(out, ")\n");
}

/* root sees the messages of all users of a service. */
static void
add_login(const struct listing *listing, struct str *line, uint64_t uid)
{
	char *login;

	if (listing->service == NULL || uid == listing->context->user.uid)
		return;
	login = peer_login((uid_t)uid);
	str_add(line, "of ");
	output_text(line, login);
	str_add(line, ", ");
	free(login);
}

/* The line of -v, which readers of the listing take for a reason. */
static void
add_attempts(const struct listing *listing, const struct queue_item *item)
{
	const struct queue_entry *entry = item->entry;
	struct str line = { 0 };

	add_login(listing, &line, entry->uid);
	str_printf(&line, "%u attempt%s, ", entry->attempts,
	    entry->attempts == 1 ? "" : "s");
	if (item->is_locked)
		str_add(&line, "being delivered");
	else if (item->place == QUEUE_HOLD)
		str_add(&line, "on hold");
	else if (item->next == 0)
		str_add(&line, "the next one is due");
	else {
		str_add(&line, "the next one at ");
		queue_add_time(&line, item->next);
	}
	add_parenthesized(listing->out, &line);
	str_free(&line);
}

static char
mark_of(const struct queue_item *item)
{
	if (item->is_locked)
		return '*';
	return item->place == QUEUE_HOLD ? '!' : ' ';
}

static void
add_first_line(struct str *out, const struct queue_item *item)
{
	const struct queue_entry *entry = item->entry;

	str_printf(out, "%s%c%*s %8" PRIu64 " ", entry->id.text, mark_of(item),
	    16 - QUEUE_ID_LENGTH, "", queue_message_size(entry));
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

/* Tells the messages of the service from those above, of which there are any. */
static void
add_separator(struct listing *listing)
{
	struct str line = { 0 };

	str_add(listing->out, listing->count == 0 ? HEADINGS : "\n");
	if (listing->service == NULL || listing->local == 0
	    || listing->count > listing->local)
		return;
	str_add(&line, "these wait in the queue of the service at ");
	output_text(&line, listing->service);
	add_parenthesized(listing->out, &line);
	str_add_char(listing->out, '\n');
	str_free(&line);
}

static bool
add_message(void *ctx, const struct queue_item *item, struct error *err)
{
	struct listing *listing = ctx;
	struct str *out = listing->out;

	if (item->place == QUEUE_FAILED_MAIL)
		return true;
	add_separator(listing);
	add_first_line(out, item);
	if (is_verbose(listing))
		add_attempts(listing, item);
	add_recipients(out, item->entry);
	listing->count++;
	listing->octets += queue_message_size(item->entry);
	return flush_piece(out, err);
}

static bool
add_json(void *ctx, const struct queue_item *item, struct error *err)
{
	struct listing *listing = ctx;

	queue_json_add(listing->out, item, listing->service);
	return flush_piece(listing->out, err);
}

static void
add_total(const struct listing *listing)
{
	str_printf(listing->out,
	    "\n-- %" PRIu64 " Kbytes in %" PRIu64 " Request%s.\n",
	    listing->octets / 1024, listing->count,
	    listing->count == 1 ? "" : "s");
}

static bool
add_file(void *ctx, const struct queue_file *file, struct error *err)
{
	struct listing *listing = ctx;
	const struct queue_item item =
	    queue_item_of_file(file, &listing->pauses);

	return listing->add(listing, &item, err);
}

/* The text does not list failed/, but what is damaged in it is a warning. */
static bool
list_folder(struct listing *listing, struct strv *warnings, struct error *err)
{
	struct queue_folder folder;
	bool ok = queue_open(listing->context, &folder, err);

	if (ok) {
		listing->pauses.folder = &folder;
		queue_pauses_read(&listing->pauses);
		ok = queue_walk(&folder, queue_places_all, add_file, listing,
		    warnings, err);
	}
	queue_pauses_free(&listing->pauses);
	queue_folder_close(&folder);
	listing->local = listing->count;
	return ok;
}

static bool
list_service(struct listing *listing, struct context *context,
    struct error *err)
{
	listing->service = context->account.server.socket;
	return queue_of_service_read(context, listing->add, listing, err);
}

bool
queue_list(struct context *context, struct str *out, struct error *err)
{
	struct listing listing = { .out = out,
		.context = context,
		.add = context->cmdline->json ? add_json : add_message };
	bool ok = list_folder(&listing, &context->submission.warnings, err);

	if (ok && queue_of_service_is_used(context))
		ok = context_select_account(context, err)
		    && list_service(&listing, context, err);
	/* After an error, what was read before it is listed. */
	if (listing.count > 0 && !context->cmdline->json)
		add_total(&listing);
	else if (ok && !context->cmdline->json)
		str_add(out, "Mail queue is empty\n");
	return ok;
}
