/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "client/etrn.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "transcript.h"
#include "unit.h"

static void
writes_the_command_for_each_kind_of_node(void **state)
{
	static const struct {
		const char *node, *line;
	} rows[] = {
		{ "mx.example.org", "ETRN mx.example.org" },
		{ "@example.org", "ETRN @example.org" },
		{ "#up to", NULL },
		{ "#uucp", "ETRN #uucp" },
		{ "#", NULL },
		{ "", NULL },
		{ "@", NULL },
		{ "##x", "ETRN ##x" },
		{ "two words", NULL },
		{ "a\r\nQUIT", NULL },
		{ "#a\r\nQUIT", NULL },
		{ "#gr\xc3\xbc\xc3\x9f", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };
		char *line = etrn_line(rows[i].node, &err);

		if (rows[i].line == NULL) {
			assert_null(line);
			assert_int_equal(err.kind, ERROR_ADDRESS);
		} else {
			assert_string_equal(line, rows[i].line);
		}
		free(line);
		error_free(&err);
	}
}

static void
accepts_only_replies_from_250_to_253(void **state)
{
	static const struct {
		const char *reply;
		int exit;
	} rows[] = {
		{ "250 queuing for node x started", EX_OK },
		{ "251 no messages waiting for node x", EX_OK },
		{ "252 pending messages for node x started", EX_OK },
		{ "253 5 pending messages for node x started", EX_OK },
		{ "254 what is that", EX_PROTOCOL },
		{ "458 unable to queue messages for node x", EX_TEMPFAIL },
		{ "459 4.7.1 node x not allowed", EX_TEMPFAIL },
		{ "500 what", EX_PROTOCOL },
		{ "550 5.7.1 not for you", EX_NOPERM },
		{ "421 4.3.2 going down", EX_TEMPFAIL },
	};
	static const struct session_params params = { .partial = true };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct session s = { .params = &params,
			.state = SESSION_READY,
			.capabilities.set = CAP_ETRN };
		char *text =
		    alloc_printf("C: ETRN x\nS: %s\nEND", rows[i].reply);
		struct transcript *t =
		    transcript_start(text, &s.stream.transport);
		struct error err = { 0 };
		char *problem;

		s.host = alloc_string("mx.example");
		s.stream.deadline = clock_after_seconds(10);
		assert_int_equal(etrn_send(&s, "ETRN x", &err),
		    rows[i].exit == EX_OK);
		assert_int_equal(error_exit_status(&err), rows[i].exit);
		if (rows[i].exit != EX_OK)
			assert_string_equal(err.host, "mx.example");
		session_free(&s);
		problem = transcript_end(t, NULL);
		assert_string_equal(problem, "");
		free(problem);
		free(text);
		error_free(&err);
	}
}

static void
sends_nothing_if_etrn_is_not_offered(void **state)
{
	static const struct session_params params = { .partial = true };
	struct session s = { .params = &params, .state = SESSION_READY };
	struct error err = { 0 };

	(void)state;
	assert_false(etrn_send(&s, "ETRN x", &err));
	assert_int_equal(error_exit_status(&err), EX_UNAVAILABLE);
	assert_non_null(strstr(err.text, "--rmqs"));
	assert_int_equal(s.stream.sent, 0);
	error_free(&err);
	session_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_command_for_each_kind_of_node),
		cmocka_unit_test(accepts_only_replies_from_250_to_253),
		cmocka_unit_test(sends_nothing_if_etrn_is_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
