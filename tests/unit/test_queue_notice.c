/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "queue/notice.h"

static struct queue_entry entry;
static struct message message;
static enum notice_kind kinds[3]; /* by recipient */

static int
make_message(void **state)
{
	static const char body[] = "Hello.\n";

	(void)state;
	setenv("TZ", "UTC", 1);
	entry = (struct queue_entry){ .id = queue_id_make(1000, 1),
		.arrival = INT64_C(1795000000000),
		.sender = alloc_string("me@example.org") };
	queue_entry_add(&entry, "x@example.com", NULL);
	message = (struct message){ .body_lines = 1 };
	str_add(&message.header,
	    "Message-ID: <1@example.org>\nSubject: test\n");
	return buffer_file_add(&message.body, body, strlen(body), NULL) ? 0
									: -1;
}

static int
free_message(void **state)
{
	(void)state;
	queue_entry_free(&entry);
	message_free(&message);
	return 0;
}

static void
fail_recipient(size_t i, int code, const char *status, const char *reason)
{
	struct smtp_status s = { .code = code };

	smtp_status_set_enhanced(&s, status);
	queue_recipient_set(&entry.recipients[i], QUEUE_FAILED, &s,
	    "mail.example.com", reason);
	entry.recipients[i].time = entry.arrival + 1000;
}

/* Returns header section and body; the caller frees it. */
static char *
build_kinds(struct message *out)
{
	const struct notice notice = { .entry = &entry,
		.message = &message,
		.kinds = kinds,
		.reader = entry.sender,
		.host = "host.example.org",
		.retry_until = entry.arrival + 2000 };
	struct error err = { 0 };
	struct str all = { 0 };
	size_t size, got = 0;

	*out = (struct message){ 0 };
	assert_true(notice_build(&notice, out, &err));
	size = (size_t)out->body.size;
	str_append(&all, out->header.data, out->header.len);
	str_add_char(&all, '\n');
	assert_true(buffer_file_read(&out->body, 0, str_reserve(&all, size),
	    size, &got, &err));
	all.len += got;
	all.data[all.len] = '\0';
	return str_steal(&all);
}

/* The same for a notice that tells all recipients the same. */
static char *
build(enum notice_kind kind, struct message *out)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		kinds[i] = kind;
	return build_kinds(out);
}

/* What the sender is told about a reason by its code and status. */
static void
hides_what_is_for_the_administrator(void **state)
{
	static const char secret[] = "account a (/etc/x:3): passwordfile /y";
	static const struct {
		int code;
		const char *status;
		bool hidden;
	} rows[] = {
		{ 0, "5.3.5", true },
		{ 0, "4.3.0", true },
		{ 0, "4.7.0", true },
		{ 0, "4.7.5", true },
		{ 0, "5.7.9", true },
		{ 0, "5.4.6", true },
		{ 0, "4.4.1", false },
		{ 0, "4.4.7", false },
		{ 0, "", false },
		{ 550, "5.3.5", false },
		{ 454, "4.7.0", false },
		{ 535, "5.7.8", true },
		{ 534, "5.7.9", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct message out;
		char *text;

		for (size_t j = 0; j < entry.count; j++)
			fail_recipient(j, rows[i].code, rows[i].status, secret);
		text = build(NOTICE_FAILED, &out);
		assert_int_equal(strstr(text, "passwordfile") == NULL,
		    rows[i].hidden);
		assert_int_equal(strstr(text, NOTICE_HIDDEN_REASON) != NULL,
		    rows[i].hidden);
		if (rows[i].hidden)
			assert_null(strstr(text, "The server"));
		free(text);
		message_free(&out);
	}
}

static void
returns_a_message_with_the_reason(void **state)
{
	static const char expected[] =
	    "From: Mail Delivery System <MAILER-DAEMON@host.example.org>\n"
	    "To: me@example.org\n"
	    "Subject: Your message could not be delivered\n"
	    "Auto-Submitted: auto-replied\n"
	    "X-Loop: MAILER-DAEMON@host.example.org\n"
	    "In-Reply-To: <1@example.org>\n"
	    "References: <1@example.org>\n"
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/report; report-type=delivery-status;\n"
	    "\tboundary=\"=_0000003X00001_report\"\n"
	    "\n"
	    "\n--=_0000003X00001_report\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "\n"
	    "This is the mail system of host.example.org.\n"
	    "\n"
	    "Your message could not be delivered to the recipients below, and "
	    "no further\nattempt will be made.\n"
	    "\n"
	    "<x@example.com>\n"
	    "mail.example.com said:\n"
	    "550 5.1.1 no such user\n"
	    "Please check the address, and send the message again if it was "
	    "wrong.\n"
	    "\n"
	    "The message is attached.\n"
	    "\n--=_0000003X00001_report\n"
	    "Content-Type: message/delivery-status\n"
	    "\n"
	    "Reporting-MTA: dns; host.example.org\n"
	    "Arrival-Date: Wed, 18 Nov 2026 11:06:40 +0000\n"
	    "\n"
	    "Final-Recipient: rfc822; x@example.com\n"
	    "Action: failed\n"
	    "Status: 5.1.1\n"
	    "Remote-MTA: dns; mail.example.com\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
	    "Last-Attempt-Date: Wed, 18 Nov 2026 11:06:41 +0000\n"
	    "\n--=_0000003X00001_report\n"
	    "Content-Type: message/rfc822\n"
	    "\n"
	    "Message-ID: <1@example.org>\n"
	    "Subject: test\n"
	    "\n"
	    "Hello.\n"
	    "\n--=_0000003X00001_report--\n";
	struct message out;
	char *text;

	(void)state;
	fail_recipient(0, 550, "5.1.1", "550 5.1.1 no such user");
	text = build(NOTICE_FAILED, &out);
	assert_string_equal(text, expected);
	assert_false(message_is_8bit(&out));
	message_free(&out);
	free(text);
}

static void
expect_part(enum notice_kind kind, const char *part, bool present)
{
	struct message out;
	char *text = build(kind, &out);

	if ((strstr(text, part) != NULL) != present)
		fail_msg("%s", text);
	message_free(&out);
	free(text);
}

static void
tells_of_a_delay_with_the_header_only(void **state)
{
	(void)state;
	fail_recipient(0, 0, "", "connection refused");
	expect_part(NOTICE_DELAYED, "Action: delayed\nStatus: 4.4.7\n", true);
	expect_part(NOTICE_DELAYED,
	    "Will-Retry-Until: Wed, 18 Nov 2026 11:06:42 +0000\n", true);
	expect_part(NOTICE_DELAYED, "Content-Type: text/rfc822-headers\n",
	    true);
	expect_part(NOTICE_DELAYED, "Hello.", false);
	/* No server said this. */
	expect_part(NOTICE_DELAYED, "Diagnostic-Code", false);
}

static void
returns_what_the_sender_asked_for(void **state)
{
	char *large = alloc_bytes(NOTICE_WHOLE_MAX);

	(void)state;
	fail_recipient(0, 550, "5.1.1", "no");
	expect_part(NOTICE_FAILED, "Hello.", true);
	entry.dsn.wanted = DSN_RETURN_HEADERS;
	expect_part(NOTICE_FAILED, "Hello.", false);
	entry.dsn.wanted = DSN_RETURN_DEFAULT;
	memset(large, 'x', NOTICE_WHOLE_MAX);
	assert_true(
	    buffer_file_add(&message.body, large, NOTICE_WHOLE_MAX, NULL));
	expect_part(NOTICE_FAILED, "Hello.", false);
	entry.dsn.wanted = DSN_RETURN_FULL;
	expect_part(NOTICE_FAILED, "Hello.", true);
	fail_recipient(0, 552, "5.3.4", "too large");
	expect_part(NOTICE_FAILED, "Hello.", false);
	free(large);
}

/* The header section of the message is a part of the body of the notice. */
static void
knows_the_long_lines_of_the_header_section(void **state)
{
	struct message out;

	(void)state;
	fail_recipient(0, 550, "5.1.1", "no");
	free(build(NOTICE_DELAYED, &out));
	assert_false(out.has_long_lines);
	message_free(&out);
	str_add(&message.header, "X-Long: ");
	for (size_t i = 0; i < MESSAGE_LINE_MAX; i++)
		str_add_char(&message.header, 'x');
	str_add_char(&message.header, '\n');
	free(build(NOTICE_DELAYED, &out));
	assert_true(out.has_long_lines);
	message_free(&out);
}

static void
uses_international_types_only_where_an_address_needs_them(void **state)
{
	(void)state;
	queue_entry_add(&entry, "j\xC3\xBCrgen@example.com", "root");
	fail_recipient(0, 550, "5.1.1", "Empf\xC3\xA4nger unbekannt");
	fail_recipient(1, 550, "5.1.1", "Empf\xC3\xA4nger unbekannt");
	expect_part(NOTICE_FAILED, "report-type=global-delivery-status", true);
	expect_part(NOTICE_FAILED,
	    "Content-Type: message/global-delivery-status\n"
	    "Content-Transfer-Encoding: 8bit\n",
	    true);
	expect_part(NOTICE_FAILED,
	    "Original-Recipient: rfc822; root\n"
	    "Final-Recipient: utf-8; j\xC3\xBCrgen@example.com\n",
	    true);
	expect_part(NOTICE_FAILED, "message/global\n", true);
	entry.count = 1;
	expect_part(NOTICE_FAILED, "report-type=delivery-status", true);
	expect_part(NOTICE_FAILED,
	    "Diagnostic-Code: smtp; Empf?nger unbekannt\n", true);
	expect_part(NOTICE_FAILED, "\nEmpf\xC3\xA4nger unbekannt\n", true);
	entry.count = 2;
}

static void
names_only_the_members(void **state)
{
	(void)state;
	queue_entry_add(&entry, "y@example.com", NULL);
	fail_recipient(0, 550, "5.1.1", "no");
	entry.count = 1;
	expect_part(NOTICE_FAILED, "y@example.com", false);
	entry.count = 2;
	expect_part(NOTICE_FAILED, "y@example.com", true);
}

static void
expect_text(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("without \"%s\":\n%s", part, text);
}

/* The worst result is the subject, and decides about the attachment. */
static void
tells_of_different_results_in_one_notice(void **state)
{
	struct message out;
	char *text;

	(void)state;
	queue_entry_add(&entry, "y@example.com", NULL);
	queue_entry_add(&entry, "z@example.com", NULL);
	fail_recipient(0, 250, "2.1.5", "ok");
	fail_recipient(1, 450, "4.2.0", "greylisted");
	fail_recipient(2, 550, "5.1.1", "no such user");
	kinds[0] = NOTICE_RELAYED;
	kinds[1] = NOTICE_DELAYED;
	kinds[2] = NOTICE_FAILED;
	text = build_kinds(&out);
	expect_text(text, "Subject: Your message could not be delivered\n");
	expect_text(text,
	    "no further\nattempt will be made.\n\n<z@example.com>");
	expect_text(text, "send it again.\n\n<y@example.com>");
	expect_text(text, "recipients.\n\n<x@example.com>");
	expect_text(text, "; x@example.com\nAction: relayed\nStatus: 2.1.5\n");
	expect_text(text, "; y@example.com\nAction: delayed\nStatus: 4.2.0\n");
	expect_text(text, "; z@example.com\nAction: failed\nStatus: 5.1.1\n");
	expect_text(text, "Content-Type: message/rfc822\n");
	message_free(&out);
	free(text);
}

static void
relayed_and_delayed_notices_have_the_header_only(void **state)
{
	(void)state;
	entry.dsn.wanted = DSN_RETURN_FULL;
	fail_recipient(0, 250, "2.1.5", "ok");
	expect_part(NOTICE_RELAYED, "Hello.", false);
	expect_part(NOTICE_DELAYED, "Hello.", false);
	expect_part(NOTICE_FAILED, "Hello.", true);
}

static void
is_sent_as_the_sender_asked(void **state)
{
	static const struct {
		unsigned of_message, of_recipient;
		bool failed, delayed, relayed;
	} rows[] = {
		{ DSN_NOTIFY_DEFAULT, 0, true, true, false },
		{ DSN_NOTIFY_NEVER, 0, false, false, false },
		{ DSN_NOTIFY_FAILURE, 0, true, false, false },
		{ DSN_NOTIFY_DELAY, 0, false, true, false },
		{ DSN_NOTIFY_SUCCESS, 0, false, false, true },
		{ DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE, 0, true, false,
		    true },
		{ DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE | DSN_NOTIFY_DELAY, 0,
		    true, true, true },
		{ DSN_NOTIFY_FAILURE, DSN_NOTIFY_NEVER, false, false, false },
		{ DSN_NOTIFY_NEVER, DSN_NOTIFY_DELAY, false, true, false },
		{ DSN_NOTIFY_DEFAULT, DSN_NOTIFY_SUCCESS, false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct queue_recipient *r = &entry.recipients[0];

		entry.dsn.notify = rows[i].of_message;
		r->notify = rows[i].of_recipient;
		if (notice_is_wanted(&entry, r, NOTICE_FAILED) != rows[i].failed
		    || notice_is_wanted(&entry, r, NOTICE_DELAYED)
			!= rows[i].delayed
		    || notice_is_wanted(&entry, r, NOTICE_RELAYED)
			!= rows[i].relayed)
			fail_msg("row %zu", i);
	}
}

static void
is_never_about_a_notice_and_never_to_the_null_sender(void **state)
{
	(void)state;
	assert_true(notice_is_allowed(&entry));
	entry.is_notice = true;
	assert_false(notice_is_allowed(&entry));
	entry.is_notice = false;
	alloc_replace(&entry.sender, "");
	assert_false(notice_is_allowed(&entry));
}

static void
is_recognized_when_it_comes_back(void **state)
{
	static const char host[] = "host.example.org";
	struct str header = { 0 };
	struct message out;

	(void)state;
	fail_recipient(0, 550, "5.1.1", "no");
	free(build(NOTICE_FAILED, &out));
	assert_true(notice_is_own(&out.header, host));
	assert_true(notice_is_own(&out.header, "HOST.example.org"));
	assert_false(notice_is_own(&out.header, "example.org"));
	message_free(&out);
	str_add(&header,
	    "X-Loop: list@example.org\n"
	    "x-loop:\n mailer-daemon@host.example.org\n");
	assert_true(notice_is_own(&header, host));
	str_truncate(&header, strlen("X-Loop: list@example.org\n"));
	assert_false(notice_is_own(&header, host));
	str_free(&header);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_message, free_message)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(returns_a_message_with_the_reason),
		TEST(hides_what_is_for_the_administrator),
		TEST(tells_of_a_delay_with_the_header_only),
		TEST(returns_what_the_sender_asked_for),
		TEST(knows_the_long_lines_of_the_header_section),
		TEST(uses_international_types_only_where_an_address_needs_them),
		TEST(names_only_the_members),
		TEST(tells_of_different_results_in_one_notice),
		TEST(relayed_and_delayed_notices_have_the_header_only),
		TEST(is_sent_as_the_sender_asked),
		TEST(is_never_about_a_notice_and_never_to_the_null_sender),
		TEST(is_recognized_when_it_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
