/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files of the queue (queue/head.h, queue/journal.h) and their JSON
 * (modes/queue_json.h).  Input: a head, an empty line, and the events of a
 * journal, to which the checksums are added here.
 *
 *   - An error is ERROR_MESSAGE with a printable text.
 *   - A head that was read can be written, and is then read as the same.
 *   - The beginning of a valid journal is valid, wherever it is cut.
 *   - A journal changes only recipients of the head.
 *   - JSON is one line of UTF-8 without control characters, whose quotation
 *     marks are paired.
 */
#include "base/crc32c.h"
#include "fuzz.h"
#include "modes/queue_json.h"
#include "queue/head.h"
#include "queue/journal.h"

static void
check_error(const struct error *err)
{
	fuzz_check_error(err);
	fuzz_assert(err->kind == ERROR_MESSAGE);
}

static bool
parse_head(struct queue_entry *entry, const char *text, size_t len)
{
	struct error err = { 0 };
	bool ok = queue_head_parse(entry, text, len, &err);

	fuzz_assert(ok != error_is_set(&err));
	if (!ok)
		check_error(&err);
	else
		fuzz_assert(entry->count > 0 && entry->sender != NULL
		    && entry->account != NULL);
	error_free(&err);
	return ok;
}

static void
check_round_trip(const struct queue_entry *entry)
{
	struct queue_entry again = { 0 };
	struct error err = { 0 };
	struct str once = { 0 }, twice = { 0 };

	fuzz_assert(queue_head_write(entry, &once, &err));
	fuzz_assert_text(parse_head(&again, once.data, once.len), once.data);
	fuzz_assert(again.count == entry->count);
	fuzz_assert(queue_head_write(&again, &twice, &err));
	fuzz_assert_text(str_equal(&twice, once.data), once.data);
	queue_entry_free(&again);
	str_free(&once);
	str_free(&twice);
}

/* Appends each line with its checksum. */
static void
add_checksums(struct str *out, struct input *in)
{
	while (in->left > 0) {
		struct input line = input_split(in, '\n');

		str_printf(out, "%08X ", crc32c(0, line.at, line.left));
		str_append(out, line.at, line.left);
		str_add_char(out, '\n');
	}
}

static bool
replay(const char *head, size_t head_len, const char *journal, size_t len,
    struct queue_entry *entry)
{
	struct error err = { 0 };
	size_t used = 0;
	bool ok;

	fuzz_assert(parse_head(entry, head, head_len));
	ok = queue_journal_replay(entry, journal, len, &used, &err);
	fuzz_assert(ok != error_is_set(&err));
	if (!ok)
		check_error(&err);
	fuzz_assert(used <= len && (used == 0 || journal[used - 1] == '\n'));
	for (size_t i = 0; i < entry->count; i++)
		fuzz_assert(entry->recipients[i].state < QUEUE_STATES);
	error_free(&err);
	return ok;
}

static void
check_json(const struct queue_entry *entry, bool is_locked)
{
	static const enum queue_place places[] = { QUEUE_ACTIVE, QUEUE_HOLD,
		QUEUE_FAILED_MAIL };

	for (size_t i = 0; i < COUNT_OF(places); i++) {
		const struct queue_item item = { .entry = entry,
			.place = places[i],
			.is_locked = is_locked };
		struct str out = { 0 };
		size_t quotes = 0;

		queue_json_add(&out, &item, is_locked ? "/run/x" : NULL);
		fuzz_assert(out.data[out.len - 1] == '\n');
		fuzz_assert(out.data[0] == '{' && out.data[out.len - 2] == '}');
		for (size_t k = 0; k + 1 < out.len; k++) {
			unsigned char c = (unsigned char)out.data[k];

			fuzz_assert_text(c >= 0x20 && c != 0x7f, out.data);
			if (c == '\\')
				k++;
			quotes += c == '"';
		}
		fuzz_assert_text(quotes % 2 == 0, out.data);
		str_free(&out);
	}
}

static void
fuzz_one(const char *data, size_t size)
{
	struct input in = { data, size };
	const char *end = memmem(data, size, "\n\n", 2);
	size_t head = end != NULL ? (size_t)(end - data) + 2 : size;
	struct input rest = { data + head, size - head };
	char *text = input_copy(&(struct input){ in.at, head });
	struct queue_entry entry = { 0 }, part = { 0 };
	struct str journal = { 0 };

	if (parse_head(&entry, text, head)) {
		check_round_trip(&entry);
		queue_entry_free(&entry);
		add_checksums(&journal, &rest);
		if (replay(text, head, str_text(&journal), journal.len, &entry))
			for (size_t cut = 0; cut < journal.len;
			     cut += 1 + journal.len / 8) {
				fuzz_assert(replay(text, head, journal.data,
				    cut, &part));
				queue_entry_free(&part);
			}
		check_json(&entry, size % 2 == 0);
	}
	queue_entry_free(&entry);
	str_free(&journal);
	free(text);
}
