/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/text.h"
#include "server/reply.h"

static void
expect_line(struct server_reply *reply, const char *expected)
{
	struct str line = { 0 };

	server_reply_print(reply, false, &line);
	assert_string_equal(str_text(&line), expected);
	str_free(&line);
	server_reply_free(reply);
}

static void
keeps_the_codes_of_the_next_hop(void **state)
{
	static const struct {
		int code;
		const char *status, *first, *second, *expected;
	} replies[] = {
		{ 250, "2.0.0", "2.0.0 queued as 47", NULL,
		    "250 2.0.0 queued as 47" },
		{ 251, "", "will forward", NULL, "251 2.0.0 will forward" },
		{ 250, "2.1.5", "2.1.5 one", "2.1.5 two", "250 2.1.5 one two" },
		/* An enhanced code of another class than the code is dropped. */
		{ 250, "", "5.1.1 odd", NULL, "250 2.0.0 odd" },
		{ 250, "", "", NULL, "250 2.0.0" },
		{ 250, "", "tab\there\x01", NULL, "250 2.0.0 tab here?" },
		{ 250, "", "gr\xc3\xbc\xc3\x9f", NULL, "250 2.0.0 gr????" },
	};
	struct stream from = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(replies); i++) {
		struct reply received = { .status.code = replies[i].code };
		struct server_reply reply = { 0 };

		strv_add(&received.lines, replies[i].first);
		if (replies[i].second != NULL)
			strv_add(&received.lines, replies[i].second);
		smtp_status_set_enhanced(&received.status, replies[i].status);
		server_reply_from_reply(&reply, &received, &from);
		assert_true(server_reply_is_positive(&reply));
		expect_line(&reply, replies[i].expected);
		reply_free(&received);
	}
}

static void
gives_temporary_errors_4yz_and_permanent_errors_5yz(void **state)
{
	static const struct {
		enum error_kind kind;
		enum smtp_stage stage;
		bool temporary;
		int code;
		const char *status, *said, *host, *expected;
	} errors[] = {
		{ ERROR_REJECTED, STAGE_RCPT, false, 553, "5.1.3",
		    "553 5.1.3 no", "mx", "553 5.1.3 mx said: no" },
		{ ERROR_REJECTED, STAGE_RCPT, true, 450, "4.2.0", "450 later",
		    "mx", "450 4.2.0 mx said: later" },
		{ ERROR_REJECTED, STAGE_MAIL, false, 550, "5.7.1",
		    "550 not you", NULL, "550 5.7.1 not you" },
		{ ERROR_REJECTED, STAGE_END_OF_DATA, true, 421, "4.3.2",
		    "421 going down", "mx",
		    "451 4.3.2 mx said: 421 going down" },
		{ ERROR_REJECTED, STAGE_END_OF_DATA, false, 554, "5.6.0",
		    "554 5.6.0 spam", "mx", "554 5.6.0 mx said: spam" },
		/* A rejection at another stage does not concern this command. */
		{ ERROR_REJECTED, STAGE_AUTH, false, 535, "5.7.8",
		    "535 5.7.8 wrong", "mx",
		    "554 5.7.8 mx said: 535 5.7.8 wrong" },
		{ ERROR_REJECTED, STAGE_GREETING, true, 450, "4.3.2",
		    "450 busy", "mx", "451 4.3.2 mx said: 450 busy" },
		{ ERROR_CONNECT, STAGE_NONE, true, 0, "4.4.1", NULL, NULL,
		    "451 4.4.1 in our words" },
		{ ERROR_CONFIG, STAGE_NONE, false, 0, "5.3.5", NULL, NULL,
		    "554 5.3.5 in our words" },
		{ ERROR_CERTIFICATE, STAGE_NONE, true, 0, "4.7.5", NULL, "mx",
		    "451 4.7.5 mx: in our words" },
		{ ERROR_TOO_BIG, STAGE_NONE, false, 0, "5.3.4", NULL, NULL,
		    "552 5.3.4 in our words" },
		{ ERROR_SPACE, STAGE_NONE, true, 0, "4.3.1", NULL, NULL,
		    "452 4.3.1 in our words" },
		{ ERROR_PROTOCOL, STAGE_NONE, false, 354, "5.5.0", "354 go",
		    "mx", "554 5.5.0 mx: in our words" },
		{ ERROR_PROTOCOL, STAGE_NONE, true, 354, "4.5.0", "354 go",
		    "mx", "451 4.5.0 mx: in our words" },
		{ ERROR_LOOP, STAGE_NONE, false, 0, "5.4.6", NULL, NULL,
		    "554 5.4.6 in our words" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(errors); i++) {
		struct error err = { 0 };
		struct server_reply reply = { 0 };

		error_set(&err, errors[i].kind, "in our words");
		error_temporary(&err, errors[i].temporary);
		err.stage = errors[i].stage;
		error_status(&err, errors[i].status);
		err.status.code = errors[i].code;
		err.said = alloc_string(errors[i].said);
		err.host = alloc_string(errors[i].host);
		server_reply_from_error(&reply, &err, STAGE_END_OF_DATA);
		assert_false(server_reply_is_positive(&reply));
		expect_line(&reply, errors[i].expected);
		error_free(&err);
	}
}

/* Codes and text of a reply line. */
struct sent_reply {
	int code;
	char enhanced[STATUS_SIZE];
	char text[SERVER_REPLY_LINE_MAX];
};

static void
reply_to(const struct error *err, enum smtp_stage stage,
    struct sent_reply *sent)
{
	struct server_reply reply = { 0 };
	struct str line = { 0 };

	server_reply_from_error(&reply, err, stage);
	server_reply_print(&reply, false, &line);
	assert_int_equal(sscanf(str_text(&line), "%d %11s %511[^\n]",
			     &sent->code, sent->enhanced, sent->text),
	    3);
	str_free(&line);
	server_reply_free(&reply);
}

static const enum smtp_stage client_stages[] = { STAGE_MAIL, STAGE_RCPT,
	STAGE_END_OF_DATA };

static int
exit_of(const struct sent_reply *sent, enum smtp_stage stage)
{
	struct smtp_status status = { .code = sent->code };

	smtp_status_set_enhanced(&status, sent->enhanced);
	return status_exit(&status, stage, false);
}

/* The exit status of the client, if the error is its only one. */
static void
check_exit_status(const struct error *err)
{
	for (size_t i = 0; i < COUNT_OF(client_stages); i++) {
		struct sent_reply sent;
		int direct = error_exit_status(err);

		reply_to(err, client_stages[i], &sent);
		assert_int_equal(sent.code / 100, sent.enhanced[0] - '0');
		if (exit_of(&sent, client_stages[i]) != direct)
			fail_msg("%s in stage %d is %d, but %s in the reply in "
				 "stage %d is not",
			    err->status.enhanced, err->stage, direct,
			    sent.enhanced, client_stages[i]);
	}
}

static void
check_rejection(enum smtp_stage stage, int subject, int detail)
{
	for (int temporary = 0; temporary < 2; temporary++) {
		struct error err = { 0 };
		char status[STATUS_SIZE];

		error_reject(&err, stage, NULL);
		err.status.code = temporary ? 450 : 550;
		snprintf(status, sizeof(status), "5.%d.%d", subject, detail);
		error_status(&err, status);
		error_temporary(&err, temporary);
		err.said = alloc_printf("%d %s because", err.status.code,
		    err.status.enhanced);
		check_exit_status(&err);
		err.sender_is_default = true;
		check_exit_status(&err);
		error_free(&err);
	}
}

/* The same as without this server in between, whatever the next hop says and
 * whenever it says that. */
static void
keeps_the_exit_status_of_every_rejection(void **state)
{
	(void)state;
	for (int stage = STAGE_NONE; stage < STAGES; stage++)
		for (int subject = 0; subject < 9; subject++)
			for (int detail = 0; detail < 200; detail++)
				check_rejection((enum smtp_stage)stage, subject,
				    detail);
}

static void
keeps_the_exit_status_of_every_other_error(void **state)
{
	(void)state;
	for (int kind = ERROR_NONE + 1; kind < ERROR_REJECTED; kind++) {
		struct sent_reply sent;
		struct error err = { 0 };
		int exit;

		error_set(&err, (enum error_kind)kind, "in our words");
		exit = error_exit_status(&err);
		if (exit == EX_OSERR || exit == EX_CANTCREAT || exit == EX_IOERR
		    || exit == EX_NOINPUT || exit == EX_SOFTWARE
		    || exit == EX_USAGE) {
			reply_to(&err, STAGE_MAIL, &sent);
			assert_int_not_equal(sent.code / 100, 2);
		} else {
			check_exit_status(&err);
		}
		error_free(&err);
	}
}

static void
chooses_codes_for_the_stage_of_the_client(void **state)
{
	static const struct {
		enum error_kind kind;
		enum smtp_stage stage, client_stage;
		const char *status, *said, *expected;
	} cases[] = {
		{ ERROR_REJECTED, STAGE_RCPT, STAGE_RCPT, "5.1.0",
		    "550 5.1.0 x", "550 5.1.0 mx said: x" },
		{ ERROR_REJECTED, STAGE_MAIL, STAGE_RCPT, "5.1.0",
		    "550 5.1.0 x", "554 5.6.0 mx said: 550 5.1.0 x" },
		{ ERROR_REJECTED, STAGE_DATA, STAGE_RCPT, "5.5.4", "501 x",
		    "554 5.5.0 mx said: 501 x" },
		{ ERROR_REJECTED, STAGE_EHLO, STAGE_MAIL, "5.5.4", "501 x",
		    "554 5.5.0 mx said: 501 x" },
		{ ERROR_REJECTED, STAGE_DATA, STAGE_END_OF_DATA, "5.5.1",
		    "503 x", "554 5.5.1 mx said: 503 x" },
		{ ERROR_SYSTEM, STAGE_NONE, STAGE_MAIL, "5.3.0", NULL,
		    "451 4.3.0 mx: in our words" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };
		struct server_reply reply = { 0 };

		error_set(&err, cases[i].kind, "in our words");
		err.stage = cases[i].stage;
		error_status(&err, cases[i].status);
		if (cases[i].said != NULL)
			err.status.code = atoi(cases[i].said);
		err.said = alloc_string(cases[i].said);
		err.host = alloc_string("mx");
		server_reply_from_error(&reply, &err, cases[i].client_stage);
		expect_line(&reply, cases[i].expected);
		error_free(&err);
	}
}

/* A character of UTF-8 is not divided. */
static void
sends_utf8_to_a_client_that_has_used_smtputf8(void **state)
{
	(void)state;
	for (int digits = 490; digits < 504; digits++) {
		struct server_reply reply = { 0 };
		struct str line = { 0 };

		server_reply_set(&reply, 550, "",
		    "%0*d\xf0\x9f\x93\xa8\xc3\xbc", digits, 7);
		server_reply_print(&reply, true, &line);
		assert_true(text_is_utf8(str_text(&line), line.len));
		assert_true(line.len <= SERVER_REPLY_LINE_MAX - 2);
		if (digits == 490)
			assert_non_null(
			    strstr(line.data, "\xf0\x9f\x93\xa8\xc3"));
		str_free(&line);
		server_reply_free(&reply);
	}
}

static void
cuts_a_text_that_is_too_long_for_a_reply_line(void **state)
{
	struct server_reply reply = { 0 };
	struct str line = { 0 };

	(void)state;
	server_reply_set(&reply, 554, "5.0.0", "%0600d", 7);
	server_reply_print(&reply, false, &line);
	assert_int_equal(line.len, SERVER_REPLY_LINE_MAX - 2);
	str_free(&line);
	server_reply_free(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_codes_of_the_next_hop),
		cmocka_unit_test(
		    gives_temporary_errors_4yz_and_permanent_errors_5yz),
		cmocka_unit_test(keeps_the_exit_status_of_every_rejection),
		cmocka_unit_test(keeps_the_exit_status_of_every_other_error),
		cmocka_unit_test(chooses_codes_for_the_stage_of_the_client),
		cmocka_unit_test(sends_utf8_to_a_client_that_has_used_smtputf8),
		cmocka_unit_test(cuts_a_text_that_is_too_long_for_a_reply_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
