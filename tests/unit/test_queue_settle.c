/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_message.h"

#include <sys/stat.h>
#include <unistd.h>

#include "queue/usage.h"

/* The results of an attempt: for each recipient, a reply of the server, or 0 if
 * it was not reached. */
static struct envelope
results(int first, int second)
{
	const int codes[] = { first, second };
	struct envelope e = { 0 };

	envelope_add(&e, "bob@example.com", NULL);
	envelope_add(&e, "carol@example.com", NULL);
	for (size_t i = 0; i < COUNT_OF(codes); i++) {
		struct recipient *r = &e.recipients[i];

		r->state = RECIPIENT_FAILED;
		if (codes[i] == 250) {
			r->state = RECIPIENT_DELIVERED;
			continue;
		}
		if (codes[i] == 0) {
			error_set(&r->outcome, ERROR_CONNECT, "refused");
			continue;
		}
		error_reject(&r->outcome, STAGE_RCPT, NULL);
		r->outcome.temporary = codes[i] < 500;
		r->outcome.status.code = codes[i];
		smtp_status_set_enhanced(&r->outcome.status,
		    codes[i] < 500 ? "4.2.0" : "5.1.1");
		r->outcome.said = alloc_string("no");
		r->outcome.host = alloc_string("mx.example");
	}
	return e;
}

static enum settled
settle(int first, int second)
{
	static const size_t indexes[] = { 0, 1 };
	struct envelope e = results(first, second);
	enum settled settled = SETTLED_WAITS;
	struct error err = { 0 };

	if (!queue_settle(&file, &e, indexes, &settle_params, &settled, &err))
		fail_msg("%s", err.text);
	envelope_free(&e);
	return settled;
}

static void
a_message_that_was_delivered_is_removed(void **state)
{
	(void)state;
	put_message("alice@example.org", 0);
	assert_int_equal(settle(250, 250), SETTLED_SENT);
	assert_int_equal(count_messages(QUEUE_ACTIVE), 0);
}

static void
a_message_with_a_recipient_left_waits_for_its_next_attempt(void **state)
{
	struct queue_file again;
	struct stat st;
	int64_t next;

	(void)state;
	put_message("alice@example.org", 0);
	assert_int_equal(settle(250, 450), SETTLED_WAITS);
	next = file.entry.next_attempt;
	assert_true(next > queue_now() + 30 * 1000);
	assert_true(next < queue_now() + 90 * 1000);
	assert_int_equal(fstat(file.fd_plus_1 - 1, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, next / 1000);
	queue_file_close(&file);

	open_only(QUEUE_ACTIVE, &again);
	assert_int_equal(again.entry.next_attempt, next);
	assert_int_equal(again.entry.recipients[0].state, QUEUE_DELIVERED);
	assert_int_equal(again.entry.recipients[1].state, QUEUE_WAITING);
	assert_string_equal(again.entry.recipients[1].reason, "no");
	queue_file_close(&again);
}

static void
what_is_left_may_be_delivered_later(void **state)
{
	static const size_t second = 1;
	struct envelope e = results(250, 250);
	struct envelope part = { .recipients = &e.recipients[1], .count = 1 };
	enum settled settled = SETTLED_WAITS;
	struct error err = { 0 };

	(void)state;
	put_message("alice@example.org", 0);
	assert_int_equal(settle(250, 450), SETTLED_WAITS);
	assert_true(queue_settle(&file, &part, &second, &settle_params,
	    &settled, &err));
	assert_int_equal(settled, SETTLED_SENT);
	assert_int_equal(count_messages(QUEUE_ACTIVE), 0);
	envelope_free(&e);
}

static void
a_rejected_recipient_is_returned_and_the_other_one_waits(void **state)
{
	(void)state;
	put_message("alice@example.org", 0);
	assert_int_equal(settle(550, 450), SETTLED_WAITS);
	assert_int_equal(file.entry.recipients[0].state, QUEUE_RETURNED);
	assert_int_equal(file.entry.recipients[1].state, QUEUE_WAITING);
	assert_int_equal(count_messages(QUEUE_ACTIVE), 2);
}

static void
only_the_notice_is_left_of_a_message_that_was_returned(void **state)
{
	struct queue_file notice;

	(void)state;
	put_message("alice@example.org", 0);
	assert_int_equal(settle(250, 550), SETTLED_RETURNED);
	open_only(QUEUE_ACTIVE, &notice);
	assert_true(notice.entry.is_notice);
	assert_true(message_has(&notice, "rfc822; carol@example.com"));
	assert_false(message_has(&notice, "rfc822; bob@example.com"));
	queue_file_close(&notice);
}

/* Returns the only message, which is a notice, with that status. */
static void
expect_returned_with(const char *status)
{
	struct queue_file notice;

	open_only(QUEUE_ACTIVE, &notice);
	assert_true(notice.entry.is_notice);
	if (!message_has(&notice, status))
		fail_msg("the notice is without %s", status);
	queue_file_close(&notice);
}

static void
an_old_message_is_returned_with_what_the_server_said_last(void **state)
{
	(void)state;
	put_message("alice@example.org", 6 * DAYS);
	assert_int_equal(settle(250, 450), SETTLED_RETURNED);
	expect_returned_with("\nStatus: 4.2.0\n");
}

static void
an_old_message_that_no_server_saw_is_returned_as_expired(void **state)
{
	(void)state;
	put_message("alice@example.org", 6 * DAYS);
	assert_int_equal(settle(0, 0), SETTLED_RETURNED);
	expect_returned_with("\nStatus: 4.4.7\n");
}

static void
a_message_that_nobody_can_be_told_of_moves_to_failed(void **state)
{
	const struct queue_usage limits = { 100, 100000 };
	struct queue_usage one = { 1, 1 };
	struct error err = { 0 };

	(void)state;
	put_message("", 0);
	assert_true(queue_usage_add(&folder,
	    file.entry.text.header_size + file.entry.text.body_size, &limits,
	    &err));
	(void)settle(250, 550);
	assert_int_equal(file.place, QUEUE_FAILED_MAIL);
	assert_int_equal(count_messages(QUEUE_ACTIVE), 0);
	assert_int_equal(count_messages(QUEUE_FAILED_MAIL), 1);
	/* It does not count any more. */
	assert_true(queue_usage_add(&folder, 1, &one, &err));
}

int
main(void)
{
#define ROW(f) cmocka_unit_test_setup_teardown(f, open_queue, close_queue)
	const struct CMUnitTest tests[] = {
		ROW(a_message_that_was_delivered_is_removed),
		ROW(a_message_with_a_recipient_left_waits_for_its_next_attempt),
		ROW(what_is_left_may_be_delivered_later),
		ROW(a_rejected_recipient_is_returned_and_the_other_one_waits),
		ROW(only_the_notice_is_left_of_a_message_that_was_returned),
		ROW(an_old_message_is_returned_with_what_the_server_said_last),
		ROW(an_old_message_that_no_server_saw_is_returned_as_expired),
		ROW(a_message_that_nobody_can_be_told_of_moves_to_failed),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
