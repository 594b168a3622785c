/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/alloc.h"
#include "report/format.h"

static void
reject(struct recipient *r, enum smtp_stage stage, bool temporary,
    const char *said)
{
	struct error err = { 0 };

	error_reject(&err, stage, NULL);
	error_temporary(&err, temporary);
	err.said = alloc_string(said);
	err.host = alloc_string("mx.example");
	err.command = alloc_string("MAIL FROM:<al@x>");
	recipient_fail(r, &err);
}

static void
has_no_line_if_all_was_delivered(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	e.recipients[0].state = RECIPIENT_DELIVERED;
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 0);
	envelope_free(&e);
}

static void
lists_each_rejected_recipient_and_counts_the_others(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	envelope_add(&e, "carol@x", NULL);
	envelope_add(&e, "dave@x", NULL);
	reject(&e.recipients[0], STAGE_RCPT, false, "550 5.1.1 no such user");
	e.recipients[1].state = RECIPIENT_DELIVERED;
	reject(&e.recipients[2], STAGE_RCPT, true, "450 4.2.0 later");
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 3);
	assert_string_equal(lines.items[0],
	    "<bob@x>: mx.example said: 550 5.1.1 no such user");
	assert_string_equal(lines.items[1],
	    "<dave@x>: mx.example said: 450 4.2.0 later");
	assert_string_equal(lines.items[2],
	    "the message was accepted for 1 of 3 recipients");
	strv_free(&lines);
	envelope_free(&e);
}

/* The address is the subject, and may not be printable. */
static void
names_an_address_that_cannot_be_sent_once(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };
	struct error err = { 0 };

	(void)state;
	envelope_add(&e, "bob@x\xe2\x80\x8d", NULL);
	envelope_add(&e, "carol@x", NULL);
	error_set(&err, ERROR_ADDRESS, "not a host name");
	error_subject(&err, "<%s>", e.recipients[0].address);
	recipient_fail(&e.recipients[0], &err);
	error_set(&err, ERROR_ADDRESS, "<carol@x> is the text");
	error_subject(&err, "<carol@xy>");
	recipient_fail(&e.recipients[1], &err);
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.items[0], "<bob@x?>: not a host name");
	assert_string_equal(lines.items[1],
	    "<carol@x>: <carol@xy>: <carol@x> is the text");
	strv_free(&lines);
	envelope_free(&e);
}

static void
reports_a_common_reason_once(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };
	struct error err = { 0 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	envelope_add(&e, "carol@x", NULL);
	error_set(&err, ERROR_CONNECT, "connection refused");
	err.host = alloc_string("mx.example");
	envelope_fail(&e, &err);
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.items[0], "mx.example: connection refused");
	strv_free(&lines);
	error_free(&err);
	envelope_free(&e);
}

static void
names_the_rejected_command(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	reject(&e.recipients[0], STAGE_MAIL, false, "550 5.7.1 not you");
	report_envelope(&e, &lines);
	assert_string_equal(lines.items[0],
	    "mx.example said: 550 5.7.1 not you "
	    "(in reply to MAIL FROM:<al@x>)");
	strv_free(&lines);
	envelope_free(&e);
}

static void
writes_one_line_for_the_log(void **state)
{
	struct envelope e = { 0 };
	struct session_log facts = { .mechanism = "PLAIN",
		.status = { 250, "2.0.0" } };
	struct str out = { 0 };
	struct log_entry entry = { .host = "mx.example",
		.session = &facts,
		.user = "al",
		.envelope = &e,
		.size = 1234,
		.message_id = "<1@x>",
		.delay = 1042 };

	(void)state;
	str_add(&facts.tls, "TLS1.3 AES verified");
	envelope_set_sender(&e, "al@x", false);
	envelope_add(&e, "bob@x", NULL);
	envelope_add(&e, "\"a b\"@x", NULL);
	report_log(&entry, &out);
	assert_string_equal(str_text(&out),
	    "host=mx.example "
	    "tls=\"TLS1.3 AES verified\" auth=PLAIN user=al from=al@x "
	    "recipients=bob@x,\"a_b\"@x size=1234 msgid=<1@x> code=250 "
	    "status=2.0.0 result=sent delay=1.042 exit=0");
	str_free(&out);
	session_log_free(&facts);
	envelope_free(&e);
}

static void
logs_a_failure_before_the_session(void **state)
{
	struct str out = { 0 };
	struct error err = { 0 };
	struct log_entry entry = { .err = &err, .exit_status = 78 };

	(void)state;
	error_set(&err, ERROR_CONFIG, "no \"account\" fits\nhost=evil");
	report_log(&entry, &out);
	assert_string_equal(str_text(&out),
	    "host= tls= auth= user= from= "
	    "recipients= size= msgid= code= status=5.3.5 result=failed "
	    "delay=0.000 error=\"no 'account' fits host=evil\" exit=78");
	str_free(&out);
	error_free(&err);
}

static void
counts_the_recipients_after_the_first_fifty(void **state)
{
	struct envelope e = { 0 };
	struct str out = { 0 };
	struct log_entry entry = { .envelope = &e };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char *address = alloc_printf("user%d@x", i);

		envelope_add(&e, address, NULL);
		free(address);
	}
	report_log(&entry, &out);
	assert_true(out.len < 1500);
	assert_non_null(strstr(str_text(&out), "user49@x,+950 "));
	str_free(&out);
	envelope_free(&e);
}

/* A logger may cut the line, and what follows the recipients is the result. */
static void
counts_the_recipients_that_would_make_the_line_too_long(void **state)
{
	struct envelope e = { 0 };
	struct str out = { 0 };
	struct log_entry entry = { .envelope = &e };

	(void)state;
	for (int i = 0; i < 50; i++) {
		char *address = alloc_printf("%0240d@x", i);

		envelope_add(&e, address, NULL);
		free(address);
	}
	report_log(&entry, &out);
	assert_true(out.len < 3000);
	assert_non_null(strstr(str_text(&out), "010@x,+39 "));
	str_free(&out);
	envelope_free(&e);
}

static void
logs_the_result_and_its_priority(void **state)
{
	static const struct {
		bool temporary, uncertain;
		const char *result;
		int priority;
	} cases[] = {
		{ true, true, "result=uncertain", LOG_WARNING },
		{ true, false, "result=deferred", LOG_WARNING },
		{ false, false, "result=failed", LOG_ERR },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };
		struct str out = { 0 };
		struct log_entry entry = { .err = &err };

		error_reject(&err, STAGE_END_OF_DATA, "rejected");
		err.temporary = cases[i].temporary;
		err.uncertain = cases[i].uncertain;
		report_log(&entry, &out);
		assert_non_null(strstr(str_text(&out), cases[i].result));
		assert_int_equal(report_log_priority(&err), cases[i].priority);
		str_free(&out);
		error_free(&err);
	}
	assert_int_equal(report_log_priority(NULL), LOG_INFO);
}

static void
says_for_how_many_recipients_the_message_was_queued(void **state)
{
	struct envelope e = { 0 };
	struct strv lines = { 0 };

	(void)state;
	envelope_add(&e, "bob@x", NULL);
	envelope_add(&e, "carol@x", NULL);
	e.recipients[0].state = RECIPIENT_QUEUED;
	e.recipients[1].state = RECIPIENT_DELIVERED;
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 0);
	e.recipients[1].state = RECIPIENT_FAILED;
	error_reject(&e.recipients[1].outcome, STAGE_RCPT, "no");
	report_envelope(&e, &lines);
	assert_int_equal(lines.count, 2);
	assert_string_equal(lines.items[0], "<carol@x>: no");
	assert_string_equal(lines.items[1],
	    "the message was queued for 1 of 2 recipients");
	strv_free(&lines);
	envelope_free(&e);
}

/* What is told decides over why the rest was queued. */
static void
logs_why_a_message_was_queued(void **state)
{
	struct error reason = { 0 };
	struct error told = { 0 };
	struct str out = { 0 };
	struct log_entry entry = { .queue_id = "6H2EMEA2M06PK",
		.result = "queued",
		.reason = &reason };

	(void)state;
	error_set(&reason, ERROR_CONNECT, "connection refused");
	report_log(&entry, &out);
	assert_memory_equal(str_text(&out), "queue=6H2EMEA2M06PK ", 20);
	assert_non_null(strstr(str_text(&out), "status=4.4.1 result=queued"));
	assert_non_null(strstr(str_text(&out), "error=\"connection refused\""));
	str_truncate(&out, 0);
	error_reject(&told, STAGE_RCPT, "no such user");
	entry.err = &told;
	report_log(&entry, &out);
	assert_non_null(strstr(str_text(&out), "error=\"no such user\""));
	assert_null(strstr(str_text(&out), "refused"));
	str_free(&out);
	error_free(&reason);
	error_free(&told);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_no_line_if_all_was_delivered),
		cmocka_unit_test(
		    lists_each_rejected_recipient_and_counts_the_others),
		cmocka_unit_test(names_an_address_that_cannot_be_sent_once),
		cmocka_unit_test(reports_a_common_reason_once),
		cmocka_unit_test(names_the_rejected_command),
		cmocka_unit_test(writes_one_line_for_the_log),
		cmocka_unit_test(logs_a_failure_before_the_session),
		cmocka_unit_test(counts_the_recipients_after_the_first_fifty),
		cmocka_unit_test(
		    counts_the_recipients_that_would_make_the_line_too_long),
		cmocka_unit_test(logs_the_result_and_its_priority),
		cmocka_unit_test(
		    says_for_how_many_recipients_the_message_was_queued),
		cmocka_unit_test(logs_why_a_message_was_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
