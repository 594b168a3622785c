/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue_message.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "queue/usage.h"

static bool server_has_dsn;
static int fdatasync_calls;

/* Takes the place of libc's function. */
int
fdatasync(int fd)
{
	(void)fd;
	fdatasync_calls++;
	return 0;
}

static bool removal_fails;

/* Takes the place of libc's function. */
int
unlinkat(int folder_fd, const char *name, int flags)
{
	if (removal_fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_unlinkat, folder_fd, name, flags);
}

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
		r->has_dsn = server_has_dsn;
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

/* Otherwise the recipients would get it again. */
static void
a_message_that_cannot_be_removed_is_recorded_as_delivered(void **state)
{
	static const size_t indexes[] = { 0, 1 };
	struct envelope e = results(250, 250);
	enum settled settled = SETTLED_WAITS;
	struct error err = { 0 };
	struct queue_file again;

	(void)state;
	put_message("alice@example.org", 0);
	removal_fails = true;
	assert_false(
	    queue_settle(&file, &e, indexes, &settle_params, &settled, &err));
	removal_fails = false;
	assert_int_equal(settled, SETTLED_SENT);
	assert_int_equal(err.kind, ERROR_FILE);
	queue_file_close(&file);

	open_only(QUEUE_ACTIVE, &again);
	assert_int_equal(again.entry.recipients[0].state, QUEUE_DELIVERED);
	assert_int_equal(again.entry.recipients[1].state, QUEUE_DELIVERED);
	queue_file_close(&again);
	error_free(&err);
	envelope_free(&e);
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

/* A recipient who has the message must not get it again after a loss of power,
 * and a failure is told once. */
static void
only_final_results_wait_for_the_disk(void **state)
{
	static const struct {
		int first, second, calls;
	} cases[] = { { 450, 450, 0 }, { 0, 0, 0 }, { 250, 450, 1 },
		{ 250, 0, 1 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		put_message("alice@example.org", 0);
		fdatasync_calls = 0;
		assert_int_equal(settle(cases[i].first, cases[i].second),
		    SETTLED_WAITS);
		assert_int_equal(fdatasync_calls, cases[i].calls);
		queue_file_close(&file);
	}
	put_message("alice@example.org", 0);
	fdatasync_calls = 0;
	settle(550, 450);
	assert_true(fdatasync_calls > 0);
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

/* The queue has a notice with that action, or nothing but the message of the
 * row, which may wait. */
static void
expect_notice(size_t row, const char *action)
{
	struct queue_list list = { 0 };
	const char *found = NULL;
	struct error err = { 0 };

	assert_true(queue_folder_list(&folder, QUEUE_ACTIVE, &list, &err));
	for (size_t i = 0; i < list.count; i++) {
		static const char *const actions[] = { "failed", "delayed",
			"relayed" };
		struct queue_file notice;

		assert_int_equal(queue_file_open(&notice, &folder, QUEUE_ACTIVE,
				     &list.ids[i], &err),
		    QUEUE_FILE_OPEN);
		for (size_t k = 0; k < COUNT_OF(actions); k++) {
			char *field =
			    alloc_printf("\nAction: %s\n", actions[k]);

			if (notice.entry.is_notice
			    && message_has(&notice, field))
				found = actions[k];
			free(field);
		}
		queue_file_close(&notice);
	}
	queue_list_free(&list);
	if (found != action
	    && (found == NULL || action == NULL || strcmp(found, action) != 0))
		fail_msg("row %zu: %s", row, found == NULL ? "none" : found);
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
	assert_int_equal(settle(250, 450), SETTLED_EXPIRED);
	expect_returned_with("\nStatus: 4.2.0\n");
}

static void
an_old_message_that_no_server_saw_is_returned_as_expired(void **state)
{
	(void)state;
	put_message("alice@example.org", 6 * DAYS);
	assert_int_equal(settle(0, 0), SETTLED_EXPIRED);
	expect_returned_with("\nStatus: 4.4.7\n");
}

/* What NOTIFY asks for, for each result (RFC 3461 section 4.1). */
static void
notices_follow_notify_to_the_letter(void **state)
{
	static const struct {
		unsigned notify;
		bool dsn; /* the server offers it */
		int reply;
		int64_t age;
		const char *action; /* of the notice, or NULL: there is none */
	} rows[] = {
		{ 0, false, 250, 0, NULL },
		{ 0, false, 550, 0, "failed" },
		{ 0, false, 450, DAYS, "delayed" },
		{ 0, false, 450, 6 * DAYS, "failed" },
		{ DSN_NOTIFY_NEVER, false, 250, 0, NULL },
		{ DSN_NOTIFY_NEVER, false, 550, 0, NULL },
		{ DSN_NOTIFY_NEVER, false, 450, DAYS, NULL },
		{ DSN_NOTIFY_NEVER, false, 450, 6 * DAYS, NULL },
		{ DSN_NOTIFY_SUCCESS, false, 250, 0, "relayed" },
		{ DSN_NOTIFY_SUCCESS, true, 250, 0, NULL },
		{ DSN_NOTIFY_SUCCESS, false, 550, 0, NULL },
		{ DSN_NOTIFY_SUCCESS, false, 450, DAYS, NULL },
		{ DSN_NOTIFY_FAILURE, false, 250, 0, NULL },
		{ DSN_NOTIFY_FAILURE, true, 550, 0, "failed" },
		{ DSN_NOTIFY_FAILURE, false, 450, DAYS, NULL },
		{ DSN_NOTIFY_DELAY, false, 250, 0, NULL },
		{ DSN_NOTIFY_DELAY, false, 550, 0, NULL },
		{ DSN_NOTIFY_DELAY, false, 450, DAYS, "delayed" },
		{ DSN_NOTIFY_DELAY, false, 450, 6 * DAYS, NULL },
		{ DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE, false, 550, 0,
		    "failed" },
		{ DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE, false, 250, 0,
		    "relayed" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct queue_entry entry =
		    new_entry("alice@example.org", rows[i].age);

		entry.dsn.notify = rows[i].notify;
		put_entry(&entry, 0);
		server_has_dsn = rows[i].dsn;
		(void)settle(rows[i].reply, rows[i].reply);
		server_has_dsn = false;
		queue_file_close(&file);
		expect_notice(i, rows[i].action);
		close_queue(state);
		open_queue(state);
	}
}

static void
a_message_that_was_relayed_is_removed_after_the_notice(void **state)
{
	struct queue_entry entry = new_entry("alice@example.org", 0);

	(void)state;
	entry.recipients[1].notify = DSN_NOTIFY_SUCCESS;
	put_entry(&entry, 0);
	assert_int_equal(settle(250, 250), SETTLED_SENT);
	assert_int_equal(count_messages(QUEUE_ACTIVE), 1);
	expect_returned_with("; carol@example.com\nAction: relayed\n");
}

/* An administrator does not wait for the end of the lifetime. */
static void
a_message_is_returned_now_with_the_last_status(void **state)
{
	static const struct {
		int reply; /* -1: it was never tried */
		const char *status, *reason;
	} rows[] = {
		{ -1, "\nStatus: 4.4.7\n", "an administrator has returned" },
		{ 0, "\nStatus: 4.4.7\n", "refused" },
		{ 450, "\nStatus: 4.2.0\n", "mx.example said:\nno\n" },
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		enum settled settled = SETTLED_WAITS;
		struct error err = { 0 };

		put_message("alice@example.org", 1000);
		if (rows[i].reply >= 0)
			(void)settle(rows[i].reply, rows[i].reply);
		assert_true(
		    queue_return_now(&file, &settle_params, &settled, &err));
		assert_int_equal(settled, SETTLED_RETURNED);
		queue_file_close(&file);
		expect_returned_with(rows[i].status);
		expect_returned_with(rows[i].reason);
		close_queue(state);
		open_queue(state);
	}
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
	assert_int_equal(settle(250, 550), SETTLED_FAILED);
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
		ROW(a_message_that_cannot_be_removed_is_recorded_as_delivered),
		ROW(a_message_with_a_recipient_left_waits_for_its_next_attempt),
		ROW(only_final_results_wait_for_the_disk),
		ROW(what_is_left_may_be_delivered_later),
		ROW(a_rejected_recipient_is_returned_and_the_other_one_waits),
		ROW(only_the_notice_is_left_of_a_message_that_was_returned),
		ROW(an_old_message_is_returned_with_what_the_server_said_last),
		ROW(an_old_message_that_no_server_saw_is_returned_as_expired),
		ROW(notices_follow_notify_to_the_letter),
		ROW(a_message_that_was_relayed_is_removed_after_the_notice),
		ROW(a_message_is_returned_now_with_the_last_status),
		ROW(a_message_that_nobody_can_be_told_of_moves_to_failed),
	};

	return cmocka_run_group_tests(tests, make_queue_parent,
	    remove_queue_parent);
}
