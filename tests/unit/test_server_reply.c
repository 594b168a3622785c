/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "server/reply.h"

static void
expect_line(struct server_reply *reply, const char *expected)
{
	struct str line = { 0 };

	server_reply_print(reply, &line);
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
		    "421 going down", "mx", "451 4.3.2 mx said: going down" },
		{ ERROR_REJECTED, STAGE_END_OF_DATA, false, 554, "5.6.0",
		    "554 5.6.0 spam", "mx", "554 5.6.0 mx said: spam" },
		/* A rejection at another stage does not concern this command. */
		{ ERROR_REJECTED, STAGE_AUTH, false, 535, "5.7.8",
		    "535 5.7.8 wrong", "mx", "554 5.7.8 mx said: wrong" },
		{ ERROR_REJECTED, STAGE_GREETING, true, 450, "4.3.2",
		    "450 busy", "mx", "451 4.3.2 mx said: busy" },
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
		server_reply_from_error(&reply, &err);
		assert_false(server_reply_is_positive(&reply));
		expect_line(&reply, errors[i].expected);
		error_free(&err);
	}
}

static void
cuts_a_text_that_is_too_long_for_a_reply_line(void **state)
{
	struct server_reply reply = { 0 };
	struct str line = { 0 };

	(void)state;
	server_reply_set(&reply, 554, "5.0.0", "%0600d", 7);
	server_reply_print(&reply, &line);
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
		cmocka_unit_test(cuts_a_text_that_is_too_long_for_a_reply_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
