/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/watch.h"

#include "unit.h"

#define MIB ((uint64_t)1024 * 1024)

static void
prints_octets_rate_and_time_left(void **state)
{
	static const struct {
		uint64_t done, total;
		int64_t milliseconds;
		const char *text;
	} rows[] = {
		{ 0, 50 * MIB, 0, "0.0 of 50.0 MiB, 0 %" },
		{ MIB, 50 * MIB, 100, "1.0 of 50.0 MiB, 2 %" },
		{ 0, 50 * MIB, 9000, "0.0 of 50.0 MiB, 0 %" },
		{ 10 * MIB, 50 * MIB, 10000,
		    "10.0 of 50.0 MiB, 20 %, 1.0 MiB/s, 40 s left" },
		{ 10 * MIB, 50 * MIB, 100000,
		    "10.0 of 50.0 MiB, 20 %, 0.1 MiB/s, 7 min left" },
		{ 50 * MIB, 50 * MIB, 2000,
		    "50.0 of 50.0 MiB, 100 %, 25.0 MiB/s" },
		/* Stuffed dots do not count. */
		{ 51 * MIB, 50 * MIB, 2000,
		    "50.0 of 50.0 MiB, 100 %, 25.0 MiB/s" },
		{ 1, 4096 * MIB, 1000,
		    "0.0 of 4096.0 MiB, 0 %, 0.0 MiB/s, 71582788 min left" },
		{ 0, 0, 0, "0.0 of 0.0 MiB, 100 %" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct str out = { 0 };

		progress_print(&out, rows[i].done, rows[i].total,
		    rows[i].milliseconds);
		assert_string_equal(str_text(&out), rows[i].text);
		str_free(&out);
	}
}

static void
counts_only_octets_of_the_message_data(void **state)
{
	struct progress p = { 0 };

	(void)state;
	progress_sent(&p, 100);
	progress_stage(&p, STAGE_MAIL, 0);
	progress_sent(&p, 100);
	assert_int_equal(p.done, 0);
	assert_false(p.active);
	progress_size(&p, 1000);
	assert_int_equal(p.total, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_octets_rate_and_time_left),
		cmocka_unit_test(counts_only_octets_of_the_message_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
