/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_message.h"

#include "queue/create.h"
#include "queue/sweep.h"
#include "runner/bounce.h"

static char bounce_to[] = "postmaster@example.net";

/* Fails the first recipient. */
static void
reject_first(void)
{
	const struct queue_event failed = { .type = QUEUE_EVENT_FAILED,
		.time = queue_now(),
		.status = { .code = 550, .enhanced = "5.1.1" },
		.host = "mx.example",
		.reason = "550 5.1.1 no such user" };
	struct error err = { 0 };

	assert_true(queue_file_append(&file, &failed, 1, false, &err));
}

/* Fails both recipients. */
static void
reject_all(void)
{
	const struct queue_event failed = { .type = QUEUE_EVENT_FAILED,
		.time = queue_now(),
		.recipient = 1,
		.status = { .code = 550, .enhanced = "5.1.1" },
		.reason = "550 5.1.1 no such user" };
	struct error err = { 0 };

	reject_first();
	assert_true(queue_file_append(&file, &failed, 1, false, &err));
}

static void
bounce(void)
{
	struct error err = { 0 };

	if (!queue_bounce(&file, &settle_params, &err))
		fail_msg("%s", err.text);
}

/* The notice is the last message, because it arrived last. */
static void
open_notice(struct queue_file *notice)
{
	struct queue_list list = { 0 };
	struct error err = { 0 };

	assert_true(queue_folder_list(&folder, QUEUE_ACTIVE, &list, &err));
	assert_int_equal(list.count, 2);
	assert_int_equal(queue_file_open(notice, &folder, QUEUE_ACTIVE,
			     &list.ids[1], &err),
	    QUEUE_FILE_OPEN);
	queue_list_free(&list);
	assert_true(notice->entry.is_notice);
	assert_string_equal(notice->entry.sender, "");
	assert_int_equal(notice->entry.count, 1);
}

static void
expect_reader(const char *reader)
{
	struct queue_file notice;

	open_notice(&notice);
	assert_string_equal(notice.entry.recipients[0].address, reader);
	queue_file_close(&notice);
}

static void
the_sender_is_told_once_of_what_was_rejected(void **state)
{
	struct queue_file notice;

	(void)state;
	put_message("alice@example.org", 1000);
	reject_first();
	bounce();
	assert_int_equal(file.entry.recipients[0].state, QUEUE_RETURNED);
	open_notice(&notice);
	assert_string_equal(notice.entry.recipients[0].address,
	    "alice@example.org");
	assert_string_equal(notice.entry.account, "default");
	assert_true(message_has(&notice, "\nDate: "));
	assert_true(message_has(&notice, "\nMessage-ID: <"));
	assert_true(message_has(&notice, "no such user"));
	assert_false(message_has(&notice, "carol@example.com"));
	queue_file_close(&notice);
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
}

static void
nothing_is_told_while_everybody_waits(void **state)
{
	(void)state;
	put_message("alice@example.org", 1000);
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 1);
}

static void
the_sender_is_told_once_of_a_delay(void **state)
{
	struct queue_file notice;

	(void)state;
	put_message("alice@example.org", 5 * 3600 * 1000);
	bounce();
	assert_true(file.entry.warned);
	open_notice(&notice);
	assert_true(message_has(&notice, "\nAction: delayed\n"));
	queue_file_close(&notice);
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
}

static void
a_sender_who_wants_no_notices_gets_none(void **state)
{
	struct queue_entry entry =
	    new_entry("alice@example.org", 5 * 3600 * 1000);

	(void)state;
	entry.dsn.notify = DSN_NOTIFY_NEVER;
	put_entry(&entry, 0);
	reject_first();
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 1);
	assert_int_equal(file.entry.recipients[0].state, QUEUE_RETURNED);
	assert_true(file.entry.warned);
}

static void
a_sender_who_cannot_be_answered_is_replaced_by_bounce_to(void **state)
{
	static const char *const senders[] = { "", "root@localhost",
		"alice@host.example.org", "alice@HOST.example.org" };

	for (size_t i = 0; i < COUNT_OF(senders); i++) {
		put_message(senders[i], 1000);
		queue_params.bounce_to = bounce_to;
		reject_first();
		bounce();
		expect_reader(bounce_to);
		close_queue(state);
		open_queue(state);
	}
}

static void
nobody_but_bounce_to_gets_a_notice_about_a_notice(void **state)
{
	struct queue_entry entry = new_entry("", 1000);

	(void)state;
	queue_params.bounce_to = bounce_to;
	entry.is_notice = true;
	put_entry(&entry, 0);
	reject_first();
	bounce();
	expect_reader(bounce_to);
}

static void
a_notice_to_bounce_to_is_not_returned_there(void **state)
{
	struct queue_entry entry = { .arrival = queue_now(),
		.account = alloc_string("default"),
		.sender = alloc_string(""),
		.is_notice = true };

	(void)state;
	queue_params.bounce_to = bounce_to;
	queue_entry_add(&entry, bounce_to, NULL);
	put_entry(&entry, 0);
	reject_first();
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 0);
	assert_int_equal(file.place, QUEUE_FAILED_MAIL);
}

/* A notice that was delivered came back as the message of somebody, for example
 * through a script that forwards everything. */
static void
a_notice_of_this_host_that_came_back_is_not_returned(void **state)
{
	struct queue_entry entry = new_entry("alice@example.org", 1000);

	(void)state;
	queue_params.bounce_to = bounce_to;
	put_entry_with(&entry, "X-Loop: MAILER-DAEMON@host.example.org\n");
	reject_all();
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 0);
	assert_int_equal(file.place, QUEUE_FAILED_MAIL);
}

static void
a_notice_of_another_host_is_returned(void **state)
{
	struct queue_entry entry = new_entry("alice@example.org", 1000);

	(void)state;
	put_entry_with(&entry, "X-Loop: MAILER-DAEMON@mx.example.org\n");
	reject_first();
	bounce();
	expect_reader("alice@example.org");
}

/* What of one recipient is told depends on its NOTIFY; all is in one notice. */
static void
one_notice_tells_everything_that_is_wanted(void **state)
{
	struct queue_entry entry =
	    new_entry("alice@example.org", 5 * 3600 * 1000);
	const struct queue_event relayed = { .type = QUEUE_EVENT_RELAYED,
		.time = queue_now(),
		.recipient = 2,
		.status = { .code = 250, .enhanced = "2.1.5" } };
	struct queue_file notice;
	struct error err = { 0 };

	(void)state;
	queue_entry_add(&entry, "dave@example.com", NULL)->notify =
	    DSN_NOTIFY_SUCCESS;
	queue_entry_add(&entry, "erin@example.com", NULL)->notify =
	    DSN_NOTIFY_FAILURE;
	put_entry(&entry, 0);
	reject_first();
	assert_true(queue_file_append(&file, &relayed, 1, false, &err));
	bounce();
	open_notice(&notice);
	assert_true(message_has(&notice, "bob@example.com\nAction: failed\n"));
	assert_true(
	    message_has(&notice, "carol@example.com\nAction: delayed\n"));
	assert_true(
	    message_has(&notice, "dave@example.com\nAction: relayed\n"));
	assert_false(message_has(&notice, "erin@example.com"));
	queue_file_close(&notice);
	assert_int_equal(file.entry.recipients[0].state, QUEUE_RETURNED);
	assert_int_equal(file.entry.recipients[2].state, QUEUE_DELIVERED);
	assert_true(file.entry.warned);
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
}

/* Only failures go to bounce_to. */
static void
bounce_to_is_not_told_of_delays_and_deliveries(void **state)
{
	struct queue_entry entry = new_entry("root@localhost", 5 * 3600 * 1000);
	const struct queue_event relayed = { .type = QUEUE_EVENT_RELAYED,
		.time = queue_now(),
		.recipient = 1 };
	struct error err = { 0 };

	(void)state;
	queue_params.bounce_to = bounce_to;
	entry.recipients[1].notify = DSN_NOTIFY_SUCCESS;
	put_entry(&entry, 0);
	assert_true(queue_file_append(&file, &relayed, 1, false, &err));
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 1);
	assert_true(file.entry.warned);
	assert_int_equal(file.entry.recipients[1].state, QUEUE_DELIVERED);
}

/* The field To names the one who gets the notice. */
static void
a_notice_to_bounce_to_names_its_reader(void **state)
{
	struct queue_file notice;

	(void)state;
	queue_params.bounce_to = bounce_to;
	put_message("", 1000);
	reject_first();
	bounce();
	open_notice(&notice);
	assert_true(message_has(&notice, "\nTo: postmaster@example.net\n"));
	queue_file_close(&notice);
}

/* While a recipient waits, the message stays in the queue. */
static void
a_message_that_loops_is_not_returned(void **state)
{
	struct queue_entry entry = new_entry("alice@example.org", 1000);

	(void)state;
	put_entry(&entry, 51);
	reject_first();
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 1);
	assert_int_equal(file.entry.recipients[0].state, QUEUE_FAILED);
}

static void
a_notice_is_queued_although_the_queue_is_full(void **state)
{
	(void)state;
	queue_params.max_messages = 1;
	queue_params.max_octets = 1;
	put_message("alice@example.org", 1000);
	reject_first();
	bounce();
	expect_reader("alice@example.org");
}

/* As a process that was killed leaves it: tmp/ has the notice. */
static struct queue_id
prepare_notice(void)
{
	struct queue_entry entry = new_entry("", 0);
	struct message m = { .body_lines = 1 };
	struct queue_file notice;
	struct queue_id id;

	entry.is_notice = true;
	str_add(&m.header, "Subject: notice\n");
	assert_true(buffer_file_add(&m.body, "Hello.\n", 7, NULL));
	assert_true(
	    queue_prepare(&notice, &folder, &entry, &m, &file.entry.id, NULL));
	id = notice.entry.id;
	queue_file_close(&notice);
	message_free(&m);
	return id;
}

static void
a_notice_that_the_journal_lacks_is_made_anew(void **state)
{
	(void)state;
	put_message("alice@example.org", 1000);
	reject_first();
	prepare_notice();
	assert_int_equal(count_messages(QUEUE_TMP), 1);
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
	assert_int_equal(count_messages(QUEUE_TMP), 0);
	expect_reader("alice@example.org");
}

static void
a_notice_that_the_journal_has_is_queued_once(void **state)
{
	struct queue_event events[] = {
		{ .type = QUEUE_EVENT_NOTICE, .time = queue_now() },
		{ .type = QUEUE_EVENT_RETURNED, .time = queue_now() },
	};
	struct queue_file again;

	(void)state;
	put_message("alice@example.org", 1000);
	reject_first();
	events[0].notice = prepare_notice();
	assert_true(queue_file_append(&file, events, 2, true, NULL));
	/* tmp/ keeps it, for however long that is. */
	assert_int_equal(queue_sweep(&folder, QUEUE_TMP, 0), 0);
	bounce();
	bounce();
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
	assert_int_equal(count_messages(QUEUE_TMP), 0);
	assert_int_equal(queue_file_open(&again, &folder, QUEUE_ACTIVE,
			     &events[0].notice, NULL),
	    QUEUE_FILE_OPEN);
	queue_file_close(&again);
}

int
main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, open_queue, close_queue)
	const struct CMUnitTest tests[] = {
		ROW(the_sender_is_told_once_of_what_was_rejected),
		ROW(nothing_is_told_while_everybody_waits),
		ROW(the_sender_is_told_once_of_a_delay),
		ROW(a_sender_who_wants_no_notices_gets_none),
		ROW(a_sender_who_cannot_be_answered_is_replaced_by_bounce_to),
		ROW(nobody_but_bounce_to_gets_a_notice_about_a_notice),
		ROW(a_notice_to_bounce_to_is_not_returned_there),
		ROW(a_notice_of_this_host_that_came_back_is_not_returned),
		ROW(a_notice_of_another_host_is_returned),
		ROW(one_notice_tells_everything_that_is_wanted),
		ROW(bounce_to_is_not_told_of_delays_and_deliveries),
		ROW(a_notice_to_bounce_to_names_its_reader),
		ROW(a_message_that_loops_is_not_returned),
		ROW(a_notice_that_the_journal_lacks_is_made_anew),
		ROW(a_notice_that_the_journal_has_is_queued_once),
		ROW(a_notice_is_queued_although_the_queue_is_full),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
