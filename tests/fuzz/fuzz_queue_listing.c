/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reader of XQUEUE (queue/listing.h).  Input: the lines of a server.
 *
 *   - An error is ERROR_PROTOCOL or ERROR_FILE with a printable text.
 *   - A message that is visited has an account, a sender and a size, and its
 *     recipients have addresses and are left.
 *   - What was read is written in lines that are short and in ASCII, and is then
 *     read as the same.
 *   - Warnings are printable, and few.
 */
#include "fuzz.h"
#include "queue/listing.h"

struct seen {
	uint64_t count;
	struct str lines;
};

static void
add_record(struct str *lines, struct str *record)
{
	struct str line = { 0 };
	size_t at = 0;

	while (queue_listing_fold(record, &at, &line)) {
		fuzz_assert(line.len > 0 && line.len <= QUEUE_LISTING_LINE_MAX);
		for (size_t i = 0; i < line.len; i++)
			fuzz_assert(line.data[i] >= ' ' && line.data[i] <= '~');
		str_append(lines, line.data, line.len);
		str_add_char(lines, '\n');
	}
	str_truncate(record, 0);
	str_free(&line);
}

static bool
see(void *ctx, const struct queue_item *item, struct error *err)
{
	struct seen *seen = ctx;
	const struct queue_entry *e = item->entry;
	struct str record = { 0 };

	(void)err;
	fuzz_assert(e->account != NULL && *e->account != '\0');
	fuzz_assert(e->sender != NULL && e->text.body_size < INT64_MAX);
	queue_listing_add_message(&record, item);
	add_record(&seen->lines, &record);
	for (size_t i = 0; i < e->count; i++) {
		const struct queue_recipient *r = &e->recipients[i];

		fuzz_assert(*r->address != '\0');
		fuzz_assert(
		    r->state == QUEUE_WAITING || r->state == QUEUE_FAILED);
		queue_listing_add_recipient(&record, r);
		add_record(&seen->lines, &record);
	}
	seen->count++;
	str_free(&record);
	return true;
}

static bool
read_lines(struct input in, struct seen *seen, struct strv *warnings,
    struct error *err)
{
	struct queue_listing l = { .visit = see,
		.ctx = seen,
		.warnings = warnings };
	bool ok = true;

	while (ok && in.left > 0) {
		const struct input part = input_split(&in, '\n');
		char *line = input_text(&part);

		ok = queue_listing_read(&l, line, err);
		free(line);
	}
	ok = ok && queue_listing_finish(&l, err);
	queue_listing_free(&l);
	return ok;
}

static void
fuzz_one(const char *data, size_t size)
{
	struct seen seen = { 0 }, again = { 0 };
	struct strv warnings = { 0 };
	struct error err = { 0 };
	size_t len;
	bool ok =
	    read_lines((struct input){ data, size }, &seen, &warnings, &err);

	fuzz_check_result(ok, &err);
	if (!ok)
		fuzz_assert(
		    err.kind == ERROR_PROTOCOL || err.kind == ERROR_FILE);
	fuzz_assert(warnings.count <= 100);
	for (size_t i = 0; i < warnings.count; i++)
		fuzz_check_shown(warnings.items[i]);

	len = seen.lines.len;
	str_printf(&seen.lines, "end %llu", (unsigned long long)seen.count);
	error_free(&err);
	fuzz_assert_text(read_lines((struct input){ str_text(&seen.lines),
					seen.lines.len },
			     &again, &warnings, &err),
	    seen.lines.data);
	fuzz_assert(again.lines.len == len
	    && (len == 0
		|| memcmp(again.lines.data, seen.lines.data, len) == 0));
	str_free(&seen.lines);
	str_free(&again.lines);
	strv_free(&warnings);
}
