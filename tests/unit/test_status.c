/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/status.h"

/* The words of the table in tests/data/exit-status.tsv. */
static const struct {
	const char *where;
	struct {
		enum smtp_stage stage;
		bool sender_is_default;
	} when[2];
} places[] = {
	{ "any", { { STAGE_NONE, false }, { STAGE_NONE, false } } },
	{ "rcpt", { { STAGE_RCPT, false }, { STAGE_RCPT, false } } },
	{ "mail", { { STAGE_MAIL, false }, { STAGE_MAIL, true } } },
	{ "default-sender", { { STAGE_MAIL, true }, { STAGE_MAIL, true } } },
	{ "given-sender", { { STAGE_MAIL, false }, { STAGE_MAIL, false } } },
	{ "mail-rcpt", { { STAGE_MAIL, false }, { STAGE_RCPT, false } } },
	{ "auth", { { STAGE_AUTH, false }, { STAGE_AUTH, true } } },
};

/* The exit status of a reply with that enhanced status, and a code of its class
 * that says nothing more. */
static int
exit_of(const char *enhanced, enum smtp_stage stage, bool sender_is_default)
{
	struct smtp_status status = { .code = (enhanced[0] - '0') * 100 + 50 };

	smtp_status_set_enhanced(&status, enhanced);
	return status_exit(&status, stage, sender_is_default);
}

static void
check_row(const char *status, const char *where, int exit)
{
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		if (strcmp(places[i].where, where) != 0)
			continue;
		for (size_t j = 0; j < 2; j++) {
			int got = exit_of(status, places[i].when[j].stage,
			    places[i].when[j].sender_is_default);

			if (got != exit)
				fail_msg("%s in %s is %d, not %d", status,
				    where, got, exit);
		}
		return;
	}
	fail_msg("the table has an unknown place: %s", where);
}

static void
agrees_with_every_row_of_the_table(void **state)
{
	const char *srcdir = getenv("srcdir");
	char *path = alloc_printf("%s/tests/data/exit-status.tsv",
	    srcdir == NULL ? "." : srcdir);
	FILE *table = fopen(path, "r");
	char line[256], status[32], where[32];
	int rows = 0, exit;

	(void)state;
	assert_non_null(table);
	while (fgets(line, sizeof(line), table) != NULL) {
		if (sscanf(line, "%31s %31s %d", status, where, &exit) != 3
		    || strchr("245", status[0]) == NULL)
			continue;
		for (char *star = status; (star = strchr(star, '*')) != NULL;)
			*star = '9';
		check_row(status, where, exit);
		rows++;
	}
	assert_true(rows >= 70);
	fclose(table);
	free(path);
}

static void
uses_detail_0_for_an_unknown_detail(void **state)
{
	(void)state;
	assert_int_equal(exit_of("5.1.99", STAGE_RCPT, false), EX_NOUSER);
	assert_int_equal(exit_of("5.6.10", STAGE_NONE, false), EX_DATAERR);
	assert_int_equal(exit_of("5.7.26", STAGE_NONE, false), EX_NOPERM);
	assert_int_equal(exit_of("5.9.1", STAGE_NONE, false), EX_UNAVAILABLE);
	assert_int_equal(exit_of("5.999.999", STAGE_NONE, false),
	    EX_UNAVAILABLE);
}

static void
never_blames_the_message_for_a_rejected_login(void **state)
{
	struct smtp_status status = { 0 };

	(void)state;
	for (status.code = 500; status.code < 600; status.code++) {
		bool no_method = status.code <= 504 || status.code == 534
		    || status.code == 538;

		for (int subject = 0; subject < 10; subject++) {
			for (int detail = 0; detail < 40; detail++) {
				int exit;

				snprintf(status.enhanced,
				    sizeof(status.enhanced), "5.%d.%d", subject,
				    detail);
				exit = status_exit(&status, STAGE_AUTH, true);
				if (no_method)
					assert_int_equal(exit, EX_CONFIG);
				else
					assert_true(exit == EX_NOPERM
					    || exit == EX_CONFIG);
			}
		}
	}
}

static void
never_makes_a_permanent_failure_temporary(void **state)
{
	char status[STATUS_SIZE];

	(void)state;
	for (int subject = 0; subject < 10; subject++) {
		for (int detail = 0; detail < 40; detail++) {
			snprintf(status, sizeof(status), "5.%d.%d", subject,
			    detail);
			for (int i = 0; i < 2 * STAGES; i++) {
				int exit = exit_of(status,
				    (enum smtp_stage)(i / 2), i % 2 == 1);

				assert_int_not_equal(exit, EX_TEMPFAIL);
				assert_in_range(exit, EX__BASE, EX__MAX);
			}
			status[0] = '4';
			assert_int_equal(exit_of(status, STAGE_NONE, false),
			    EX_TEMPFAIL);
			status[0] = '2';
			assert_int_equal(exit_of(status, STAGE_NONE, false),
			    EX_OK);
		}
	}
}

static void
reads_a_status_at_the_start_of_a_text(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{ "5.1.1 no such user", 5 },
		{ "5.1.1", 5 },
		{ "2.0.0\tok", 5 },
		{ "5.7.509 x", 7 },
		{ "4.999.999 x", 9 },
		{ "5.1.10", 6 },
		{ "", 0 },
		{ "5", 0 },
		{ "5.", 0 },
		{ "5.1", 0 },
		{ "5.1.", 0 },
		{ "5.1.1x", 0 },
		{ "5.1.1.1", 0 },
		{ "3.1.1 x", 0 },
		{ "5.1.1000 x", 0 },
		{ "5.01.1 x", 0 },
		{ " 5.1.1", 0 },
		{ "5.1.-1", 0 },
		{ "550", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char status[STATUS_SIZE];

		assert_int_equal(status_parse(cases[i].text, status),
		    cases[i].length);
		assert_int_equal(strlen(status), cases[i].length);
		assert_memory_equal(status, cases[i].text, cases[i].length);
	}
}

static void
derives_a_status_from_a_bare_code(void **state)
{
	static const struct {
		int code;
		enum smtp_stage stage;
		const char *status;
	} cases[] = {
		{ 501, STAGE_MAIL, "5.1.7" },
		{ 553, STAGE_MAIL, "5.1.7" },
		{ 552, STAGE_MAIL, "5.3.4" },
		{ 550, STAGE_RCPT, "5.1.1" },
		{ 551, STAGE_RCPT, "5.1.6" },
		{ 552, STAGE_RCPT, "5.2.2" },
		{ 553, STAGE_RCPT, "5.1.3" },
		{ 535, STAGE_AUTH, "5.7.8" },
		{ 534, STAGE_AUTH, "5.7.9" },
		{ 530, STAGE_AUTH, "5.7.0" },
		{ 530, STAGE_MAIL, "5.7.0" },
		{ 538, STAGE_AUTH, "5.7.11" },
		{ 521, STAGE_GREETING, "5.3.2" },
		{ 554, STAGE_GREETING, "5.3.2" },
		{ 556, STAGE_RCPT, "5.1.10" },
		{ 554, STAGE_NONE, "5.0.0" },
		{ 599, STAGE_NONE, "5.0.0" },
		{ 421, STAGE_RCPT, "4.3.2" },
		{ 499, STAGE_NONE, "4.0.0" },
		{ 250, STAGE_NONE, "2.0.0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(status_of_code(cases[i].code,
					cases[i].stage),
		    cases[i].status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_every_row_of_the_table),
		cmocka_unit_test(uses_detail_0_for_an_unknown_detail),
		cmocka_unit_test(never_blames_the_message_for_a_rejected_login),
		cmocka_unit_test(never_makes_a_permanent_failure_temporary),
		cmocka_unit_test(reads_a_status_at_the_start_of_a_text),
		cmocka_unit_test(derives_a_status_from_a_bare_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
