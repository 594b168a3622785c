/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "error_says.h"
#include "queue/listing.h"
#include "queue_sample.h"

#define ID "6H2MGFE5M0001"
#define MESSAGE \
	"message " ID " queue free 33 68 1000 2 3000 default a@b.example"
#define RECIPIENT "recipient waiting 450 4.2.0 7 mx no+20way bob@example.org"

/* Appends the lines of the record, each with LF. */
static void
add_lines(struct str *lines, struct str *record)
{
	struct str line = { 0 };
	size_t at = 0;

	while (queue_listing_fold(record, &at, &line)) {
		assert_true(line.len <= QUEUE_LISTING_LINE_MAX);
		str_append(lines, line.data, line.len);
		str_add_char(lines, '\n');
	}
	str_truncate(record, 0);
	str_free(&line);
}

static void
write_item(struct str *lines, const struct queue_item *item)
{
	struct str record = { 0 };

	queue_listing_add_message(&record, item);
	add_lines(lines, &record);
	for (size_t i = 0; i < item->entry->count; i++) {
		queue_listing_add_recipient(&record,
		    &item->entry->recipients[i]);
		add_lines(lines, &record);
	}
	str_free(&record);
}

/* What the visitor has seen. */
struct seen {
	size_t count;
	struct str lines; /* of all items, written again */
};

static bool
see(void *ctx, const struct queue_item *item, struct error *err)
{
	struct seen *seen = ctx;

	(void)err;
	seen->count++;
	write_item(&seen->lines, item);
	return true;
}

static bool
read_text(const char *text, struct seen *seen, struct strv *warnings,
    struct error *err)
{
	struct queue_listing l = { .visit = see,
		.ctx = seen,
		.warnings = warnings };
	const char *at = text, *end = text + strlen(text), *line;
	size_t len;
	bool ok = true;

	while (ok && (line = text_next_line(&at, end, &len)) != NULL) {
		char *copy = alloc_string_n(line, len);

		ok = queue_listing_read(&l, copy, err);
		free(copy);
	}
	ok = ok && queue_listing_finish(&l, err);
	queue_listing_free(&l);
	return ok;
}

static void
reads_what_was_written(void **state)
{
	struct queue_entry entry = sample_entry();
	const struct queue_item item = { .entry = &entry,
		.place = QUEUE_HOLD,
		.is_locked = true,
		.next = 12345 };
	struct smtp_status status = { 450, "4.2.0" };
	struct str lines = { 0 };
	struct seen seen = { 0 };
	struct error err = { 0 };

	(void)state;
	entry.is_notice = false;
	queue_recipient_set(&entry.recipients[0], QUEUE_WAITING, &status,
	    "mx.example", "450 4.2.0 1+1=2 \xC3\xBC");
	write_item(&lines, &item);
	assert_non_null(strstr(str_text(&lines), "1+2B1+3D2+20+C3+BC"));
	str_add(&lines, "end 1\n");
	assert_true(read_text(lines.data, &seen, NULL, &err));
	str_add(&seen.lines, "end 1\n");
	assert_string_equal(seen.lines.data, lines.data);
	assert_int_equal(seen.count, 1);
	queue_entry_free(&entry);
	str_free(&lines);
	str_free(&seen.lines);
}

static void
folds_records_that_are_too_long_for_a_line(void **state)
{
	struct queue_entry entry = sample_entry();
	const struct queue_item item = { .entry = &entry,
		.place = QUEUE_ACTIVE };
	char *address = alloc_zeroed(2000, 1);
	struct str lines = { 0 };
	struct seen seen = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i + 2 < 2000; i += 2)
		memcpy(address + i, "\xC3\xBC", 2);
	queue_entry_add(&entry, address, NULL);
	write_item(&lines, &item);
	assert_non_null(strstr(lines.data, "\n +"));
	str_add(&lines, "end 1\n");
	assert_true(read_text(lines.data, &seen, NULL, &err));
	str_add(&seen.lines, "end 1\n");
	/* The text is cut, between two characters, when it is written. */
	assert_string_equal(seen.lines.data, lines.data);
	queue_entry_free(&entry);
	free(address);
	str_free(&lines);
	str_free(&seen.lines);
}

/* Octets that are no UTF-8 have no beginning of a character. */
static void
cuts_text_of_any_octets(void **state)
{
	struct queue_recipient r = { .address = alloc_zeroed(2000, 1) };
	struct str record = { 0 };

	(void)state;
	memset(r.address, 0x80, 1999);
	queue_listing_add_recipient(&record, &r);
	assert_true(record.len > 900);
	free(r.address);
	str_free(&record);
}

static void
accepts_only_valid_listings(void **state)
{
	static const struct {
		const char *text;
		const char *error; /* NULL: none */
		size_t count;
	} rows[] = {
		{ "end 0", NULL, 0 },
		{ MESSAGE "\nend 1", NULL, 1 },
		{ MESSAGE "\n" RECIPIENT "\n" MESSAGE "\nend 2", NULL, 2 },
		{ "mess\n age " ID " queue free 33 68 1000 2 3000 default =\n"
		  "end\n  1",
		    NULL, 1 },
		{ "", "it has no end", 0 },
		{ MESSAGE, "it has no end", 1 },
		{ MESSAGE "\nend 2", "(end)", 1 },
		{ "end 0\nend 0", "after its end", 0 },
		{ "end 0\n" MESSAGE, "after its end", 0 },
		{ RECIPIENT "\nend 0", "(recipient)", 0 },
		{ MESSAGE " \nend 1", "an unknown record", 0 },
		{ MESSAGE "\n\nend 1", "an empty record", 0 },
		{ " end 0", "an empty record", 0 },
		{ "END 0", "an unknown record", 0 },
		{ "end  0", "an unknown record", 0 },
		{ "message x queue free 33 68 1 2 3 d a\nend 1", "(message)",
		    0 },
		{ "message " ID " tmp free 33 68 1 2 3 d a\nend 1", "(message)",
		    0 },
		{ "message " ID " queue open 33 68 1 2 3 d a\nend 1",
		    "(message)", 0 },
		{ "message " ID " queue free 4294967296 68 1 2 3 d a\nend 1",
		    "(message)", 0 },
		{ "message " ID " queue free 33 0 1 2 3 d a\nend 1",
		    "(message)", 0 },
		{ "message " ID " queue free 33 68 -1 2 3 d a\nend 1",
		    "(message)", 0 },
		{ "message " ID " queue free 33 68 1 2 3 = a\nend 1",
		    "(message)", 0 },
		{ MESSAGE "\nrecipient sent 0 = 0 = = a\nend 1", "(recipient)",
		    1 },
		{ MESSAGE "\nrecipient waiting 600 = 0 = = a\nend 1",
		    "(recipient)", 1 },
		{ MESSAGE "\nrecipient waiting 0 4.x 0 = = a\nend 1",
		    "(recipient)", 1 },
		{ MESSAGE "\nrecipient waiting 0 = 0 = = =\nend 1",
		    "(recipient)", 1 },
		{ MESSAGE "\nrecipient waiting 0 = 0 = +0 a\nend 1",
		    "(recipient)", 1 },
		{ MESSAGE "\nrecipient waiting 0 = 0 = +00 a\nend 1",
		    "(recipient)", 1 },
		{ MESSAGE "\nrecipient waiting 0 = 0 = +c3 a\nend 1",
		    "(recipient)", 1 },
		{ "failed this", "incomplete: this", 0 },
		{ MESSAGE "\nfailed cannot+20read\n", "incomplete: cannot read",
		    1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct seen seen = { 0 };
		struct error err = { 0 };
		bool ok = read_text(rows[i].text, &seen, NULL, &err);

		if (ok != (rows[i].error == NULL))
			fail_msg("%s", rows[i].text);
		if (!ok && !error_says(&err, rows[i].error))
			fail_msg("%s: %s", rows[i].text, err.text);
		if (ok)
			assert_int_equal(seen.count, rows[i].count);
		str_free(&seen.lines);
		error_free(&err);
	}
}

static void
cleans_warnings_and_limits_their_number(void **state)
{
	struct strv warnings = { 0 };
	struct seen seen = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	assert_true(read_text("warning a+1Bb\nend 0", &seen, &warnings, &err));
	assert_string_equal(warnings.items[0], "a?b");
	for (int i = 0; i < 200; i++)
		str_add(&text, "warning a\n");
	assert_false(read_text(text.data, &seen, &warnings, &err));
	assert_true(warnings.count < 200);
	strv_free(&warnings);
	str_free(&text);
	error_free(&err);
}

static void
limits_a_record(void **state)
{
	struct seen seen = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	str_add(&text, "failed ");
	for (int i = 0; i < 20000; i++)
		str_add(&text, "x\n ");
	assert_false(read_text(text.data, &seen, NULL, &err));
	assert_true(error_says(&err, "a record that is too long"));
	str_free(&text);
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(folds_records_that_are_too_long_for_a_line),
		cmocka_unit_test(cuts_text_of_any_octets),
		cmocka_unit_test(accepts_only_valid_listings),
		cmocka_unit_test(cleans_warnings_and_limits_their_number),
		cmocka_unit_test(limits_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
