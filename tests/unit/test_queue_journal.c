/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "error_says.h"
#include "queue/journal.h"
#include "queue_sample.h"

static const struct queue_event events[] = {
	{ .type = QUEUE_EVENT_ATTEMPT, .time = 1000 },
	{ .type = QUEUE_EVENT_DELIVERED,
	    .time = 2000,
	    .recipient = 0,
	    .status = { 250, "2.0.0" },
	    .host = "mail.example",
	    .reason = "ok" },
	{ .type = QUEUE_EVENT_FAILED,
	    .time = 2000,
	    .recipient = 1,
	    .status = { 550, "5.1.1" },
	    .host = "mail.example",
	    .reason = "no such user" },
	{ .type = QUEUE_EVENT_DEFERRED, .time = 2000, .recipient = 2 },
	{ .type = QUEUE_EVENT_NEXT, .time = 2000, .next = 9000 },
	{ .type = QUEUE_EVENT_RETURNED, .time = 2200, .recipient = 1 },
	{ .type = QUEUE_EVENT_NOTICE,
	    .time = 2400,
	    .notice = { "6H2MWQB4M0001" } },
	{ .type = QUEUE_EVENT_WARNED, .time = 2500 },
	{ .type = QUEUE_EVENT_DONE, .time = 3000 },
};

static void
write_events(struct str *text)
{
	for (size_t i = 0; i < COUNT_OF(events); i++)
		queue_journal_add(text, &events[i]);
}

static void
expect_state_after_events(const struct queue_entry *entry)
{
	const struct queue_recipient *r = entry->recipients;

	assert_int_equal(entry->attempts, 1);
	assert_true(entry->last_attempt == 1000 && entry->next_attempt == 9000);
	assert_true(entry->warned && entry->done);
	assert_int_equal(r[0].state, QUEUE_DELIVERED);
	assert_int_equal(r[1].state, QUEUE_RETURNED);
	assert_int_equal(r[1].status.code, 550);
	assert_string_equal(r[1].status.enhanced, "5.1.1");
	assert_string_equal(r[1].host, "mail.example");
	assert_string_equal(r[1].reason, "no such user");
	assert_int_equal(r[2].state, QUEUE_WAITING);
	assert_true(r[2].time == 2000);
	assert_string_equal(r[2].status.enhanced, "");
	assert_null(r[2].host);
	assert_null(r[2].reason);
}

static void
replays_what_it_wrote(void **state)
{
	struct queue_entry entry = sample_entry();
	struct error err = { 0 };
	struct str text = { 0 };
	size_t used;

	(void)state;
	write_events(&text);
	assert_true(
	    queue_journal_replay(&entry, text.data, text.len, &used, &err));
	assert_int_equal(used, text.len);
	expect_state_after_events(&entry);
	str_free(&text);
	queue_entry_free(&entry);
}

/* The sender of a message that was relayed is told, and then it counts as
 * delivered. */
static void
a_recipient_that_was_relayed_to_is_told_of(void **state)
{
	struct queue_event event = { .type = QUEUE_EVENT_RELAYED,
		.recipient = 1,
		.status = { 250, "2.1.5" } };
	struct queue_entry entry = sample_entry();
	struct error err = { 0 };
	struct str text = { 0 };
	size_t used;

	(void)state;
	queue_journal_add(&text, &event);
	assert_true(
	    queue_journal_replay(&entry, text.data, text.len, &used, &err));
	assert_int_equal(entry.recipients[1].state, QUEUE_RELAYED);
	assert_string_equal(entry.recipients[1].status.enhanced, "2.1.5");
	event.type = QUEUE_EVENT_RETURNED;
	queue_journal_add(&text, &event);
	assert_true(
	    queue_journal_replay(&entry, text.data, text.len, &used, &err));
	assert_int_equal(entry.recipients[1].state, QUEUE_DELIVERED);
	str_free(&text);
	queue_entry_free(&entry);
}

static void
cleans_what_a_server_said(void **state)
{
	const struct queue_event event = { .type = QUEUE_EVENT_FAILED,
		.host = "a b\nc",
		.reason = "x\r\n00000000 1 done\n\x1B[1m" };
	struct queue_entry entry = sample_entry();
	struct error err = { 0 };
	struct str text = { 0 };
	size_t used;

	(void)state;
	queue_journal_add(&text, &event);
	assert_ptr_equal(strchr(text.data, '\n'), text.data + text.len - 1);
	assert_true(
	    queue_journal_replay(&entry, text.data, text.len, &used, &err));
	assert_string_equal(entry.recipients[0].host, "a");
	assert_string_equal(entry.recipients[0].reason,
	    "x 00000000 1 done ?[1m");
	assert_false(entry.done);
	str_free(&text);
	queue_entry_free(&entry);
}

/* Whatever part of the last line was written, only whole lines count. */
static void
ignores_an_incomplete_last_line(void **state)
{
	struct str whole = { 0 };
	struct str last = { 0 };

	(void)state;
	write_events(&whole);
	queue_journal_add(&last, &events[COUNT_OF(events) - 1]);
	for (size_t cut = 0; cut < last.len; cut++) {
		struct queue_entry entry = sample_entry();
		struct error err = { 0 };
		size_t used;

		assert_true(queue_journal_replay(&entry, whole.data,
		    whole.len - last.len + cut, &used, &err));
		assert_int_equal(used, whole.len - last.len);
		assert_false(entry.done);
		assert_true(entry.warned);
		queue_entry_free(&entry);
	}
	str_free(&last);
	str_free(&whole);
}

static void
ignores_a_last_line_with_damaged_octets(void **state)
{
	struct queue_entry entry = sample_entry();
	struct error err = { 0 };
	struct str text = { 0 };
	size_t used;

	(void)state;
	write_events(&text);
	memset(text.data + text.len - 6, '\0', 5);
	assert_true(
	    queue_journal_replay(&entry, text.data, text.len, &used, &err));
	assert_true(used < text.len);
	assert_false(entry.done);
	str_free(&text);
	queue_entry_free(&entry);
}

/* A block that did not reach the disk is a hole, which may be anywhere. */
static void
ignores_a_hole_and_what_is_behind_it(void **state)
{
	struct str text = { 0 };

	(void)state;
	write_events(&text);
	for (size_t i = 0; i + 40 < text.len; i++) {
		struct queue_entry entry = sample_entry();
		struct error err = { 0 };
		struct str torn = { 0 };
		size_t used;

		str_append(&torn, text.data, text.len);
		memset(torn.data + i, '\0', 30);
		assert_true(queue_journal_replay(&entry, torn.data, torn.len,
		    &used, &err));
		assert_true(used <= i);
		assert_true(used == 0 || torn.data[used - 1] == '\n');
		str_free(&torn);
		queue_entry_free(&entry);
	}
	str_free(&text);
}

/* A changed octet anywhere before the last line is found, except for the LF that
 * precedes it: without it, two lines look like one that is incomplete. */
static void
rejects_a_damaged_line(void **state)
{
	struct str last = { 0 };
	struct str text = { 0 };

	(void)state;
	write_events(&text);
	queue_journal_add(&last, &events[COUNT_OF(events) - 1]);
	for (size_t i = 0; i < text.len - last.len - 1; i++) {
		struct queue_entry entry = sample_entry();
		struct error err = { 0 };
		size_t used;

		text.data[i] ^= 1;
		if (queue_journal_replay(&entry, text.data, text.len, &used,
			&err))
			fail_msg("octet %zu", i);
		assert_true(error_says(&err, "journal is damaged"));
		text.data[i] ^= 1;
		error_free(&err);
		queue_entry_free(&entry);
	}
	str_free(&last);
	str_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays_what_it_wrote),
		cmocka_unit_test(a_recipient_that_was_relayed_to_is_told_of),
		cmocka_unit_test(cleans_what_a_server_said),
		cmocka_unit_test(ignores_an_incomplete_last_line),
		cmocka_unit_test(ignores_a_last_line_with_damaged_octets),
		cmocka_unit_test(ignores_a_hole_and_what_is_behind_it),
		cmocka_unit_test(rejects_a_damaged_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
