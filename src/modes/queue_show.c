/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints queued messages. */
#include "modes/queue_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "mail/dsn.h"
#include "modes/output.h"
#include "modes/queue_open.h"
#include "modes/queue_operands.h"
#include "modes/queue_text.h"

#define BLOCK ((size_t)65536)
/* Octets of a line that a terminal gets in one piece. */
#define LINE_MAX_SHOWN ((size_t)1000)

/* ---- the envelope ---- */

static void
add_time(struct str *out, const char *label, int64_t when)
{
	str_printf(out, "%s: ", label);
	queue_add_time(out, when);
	str_printf(out, " (%" PRId64 ")\n", when / 1000);
}

static void
add_value(struct str *out, const char *label, const char *value)
{
	if (value != NULL)
		output_line(out, OUTPUT_TOP, label, value);
}

static void
add_notify(struct str *out, unsigned notify)
{
	struct str words = { 0 };

	if (notify == DSN_NOTIFY_DEFAULT)
		return;
	dsn_add_notify(&words, notify, ",");
	add_value(out, "dsn_notify", str_text(&words));
	str_free(&words);
}

static void
add_recipient(struct str *out, const struct queue_recipient *r)
{
	static const char *const labels[QUEUE_STATES] = {
		[QUEUE_WAITING] = "recipient",
		[QUEUE_DELIVERED] = "done_recipient",
		[QUEUE_RELAYED] = "done_recipient",
		[QUEUE_FAILED] = "failed_recipient",
		[QUEUE_RETURNED] = "returned_recipient",
	};
	struct str reason = { 0 };

	add_value(out, "original_recipient", r->original);
	add_notify(out, r->notify);
	add_value(out, labels[r->state], r->address);
	if (r->time != 0)
		add_time(out, "last_result_time", r->time);
	queue_add_reason(&reason, r);
	if (reason.len > 0)
		add_value(out, "last_result", reason.data);
	str_free(&reason);
}

static void
add_attempts(struct str *out, const struct queue_entry *entry)
{
	str_printf(out, "attempts: %u\n", entry->attempts);
	if (entry->last_attempt != 0)
		add_time(out, "last_attempt_time", entry->last_attempt);
	if (entry->next_attempt != 0)
		add_time(out, "next_attempt_time", entry->next_attempt);
}

static void
add_dsn(struct str *out, const struct dsn *dsn)
{
	add_value(out, "dsn_envelope_id", dsn->envelope_id);
	add_notify(out, dsn->notify);
	if (dsn->wanted != DSN_RETURN_DEFAULT)
		add_value(out, "dsn_return",
		    dsn->wanted == DSN_RETURN_FULL ? "FULL" : "HDRS");
}

static void
add_envelope(struct str *out, const struct queue_entry *entry)
{
	str_printf(out, "message_size: %" PRIu64 "\n",
	    queue_message_size(entry));
	add_time(out, "message_arrival_time", entry->arrival);
	add_value(out, "account", entry->account);
	add_value(out, "configuration", entry->configuration);
	str_printf(out, "uid: %" PRIu64 "\n", entry->uid);
	if (entry->is_notice)
		str_add(out, "notice: yes\n");
	add_dsn(out, &entry->dsn);
	add_attempts(out, entry);
	add_value(out, "sender", entry->sender);
	for (size_t i = 0; i < entry->count; i++)
		add_recipient(out, &entry->recipients[i]);
}

/* ---- the message ---- */

/* Appends a line for a terminal, whose indentation is kept. */
static void
add_printable(struct str *out, const char *line, size_t len)
{
	while (len > 0 && text_is_space((unsigned char)*line)) {
		str_add_char(out, *line++);
		len--;
	}
	text_clean(out, line, len, LINE_MAX_SHOWN);
	str_add_char(out, '\n');
}

/* Appends the octets; for a terminal the whole lines of them, whose number of
 * octets is returned. */
static size_t
add_octets(struct str *out, const char *octets, size_t len, bool printable)
{
	size_t used = 0;

	if (!printable) {
		str_append(out, octets, len);
		return len;
	}
	while (used < len) {
		const char *lf = memchr(octets + used, '\n', len - used);
		size_t line =
		    lf != NULL ? (size_t)(lf - octets) - used : len - used;

		if (lf == NULL && line < LINE_MAX_SHOWN)
			break;
		add_printable(out, octets + used, line);
		used += line + (lf != NULL);
	}
	return used;
}

static bool
add_body(struct str *out, const struct message *m, bool printable,
    struct error *err)
{
	struct str pending = { 0 };
	char *block = alloc_bytes(BLOCK);
	size_t got = 1;
	bool ok = true;

	for (uint64_t at = 0; ok && at < m->body.size && got > 0; at += got) {
		ok = buffer_file_read(&m->body, at, block, BLOCK, &got, err);
		if (!ok)
			break;
		str_append(&pending, block, got);
		str_consume(&pending,
		    add_octets(out, pending.data, pending.len, printable));
		ok = output_flush(out, err);
	}
	if (pending.len > 0)
		add_printable(out, pending.data, pending.len);
	str_free(&pending);
	free(block);
	return ok;
}

static bool
add_message(struct str *out, const struct queue_file *file, struct error *err)
{
	bool printable = isatty(STDOUT_FILENO) == 1;
	struct message m = { 0 };
	bool ok = queue_file_message(file, &m, err);

	if (ok)
		add_octets(out, str_text(&m.header), m.header.len, printable);
	str_add_char(out, '\n');
	ok = ok && add_body(out, &m, printable, err);
	message_free(&m);
	return ok;
}

static bool
show(struct str *out, const struct queue_file *file, struct error *err)
{
	const char *place = queue_place_name(file->place);
	const char *id = file->entry.id.text;
	bool ok;

	str_printf(out, "*** ENVELOPE RECORDS %s/%s ***\n", place, id);
	add_envelope(out, &file->entry);
	str_printf(out, "*** MESSAGE CONTENTS %s/%s ***\n", place, id);
	ok = add_message(out, file, err);
	str_printf(out, "*** MESSAGE FILE END %s/%s ***\n", place, id);
	return ok;
}

/* ---- the operands ---- */

struct showing {
	const struct context *context;
	struct str *out;
};

static enum queue_file_state
show_in(void *ctx, struct queue_folder *folder, enum queue_place place,
    const struct queue_operand *operand, struct error *err)
{
	const struct showing *showing = ctx;
	struct queue_file file;
	enum queue_file_state state =
	    queue_file_peek(&file, folder, place, operand->id, err);

	state = queue_command_select(showing->context, &file, operand, state);
	if (state == QUEUE_FILE_OPEN)
		show(showing->out, &file, err);
	queue_file_close(&file);
	return state;
}

bool
queue_show(struct context *context, struct str *out, struct error *err)
{
	struct showing showing = { .context = context, .out = out };
	const struct queue_command command = { .work = show_in,
		.ctx = &showing,
		.named = queue_places_all,
		.all = queue_places_waiting };
	struct queue_folder folder;
	bool ok = queue_open(context, &folder, err)
	    && queue_command_run(context, &folder, &command, err);

	queue_folder_close(&folder);
	return ok;
}
