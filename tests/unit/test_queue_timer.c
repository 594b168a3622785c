/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "check/queue_timer.h"

#include "base/attr.h"

#include "unit.h"

static void
knows_the_lines_that_start_queue_runs(void **state)
{
	static const struct {
		const char *line;
		const char *user;
		bool is_run;
	} rows[] = {
		{ "* * * * * veredus -q", NULL, true },
		{ "*/5 * * * *  /usr/sbin/sendmail  -q >/dev/null", NULL,
		    true },
		{ "@hourly veredus -q", NULL, true },
		{ "# * * * * * veredus -q", NULL, false },
		{ "  # * * * * * veredus -q", NULL, false },
		{ "* * * * * veredus -bp", NULL, false },
		{ "* * * * * alice veredus -q", "alice", true },
		{ "@daily alice veredus -q", "alice", true },
		{ "* * * * * root veredus -q", "alice", false },
		{ "* * * * * alicex veredus -q", "alice", false },
		{ "MAILTO=veredus -q", NULL, false },
		{ "", NULL, false },
		{ "* * *", "alice", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(queue_timer_is_run(rows[i].line, rows[i].user),
		    rows[i].is_run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_lines_that_start_queue_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
