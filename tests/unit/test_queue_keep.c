/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "runner/keep.h"

static struct error
rejection(enum smtp_stage stage, int code, const char *status)
{
	struct error err = { 0 };

	error_reject(&err, stage, NULL);
	err.status.code = code;
	smtp_status_set_enhanced(&err.status, status);
	err.temporary = code / 100 == 4;
	return err;
}

static void
sorts_what_a_server_said(void **state)
{
	static const struct {
		enum smtp_stage stage;
		int code;
		const char *status;
		bool kept;
	} rows[] = {
		{ STAGE_GREETING, 554, "5.3.2", true },
		{ STAGE_EHLO, 550, "5.7.1", true },
		{ STAGE_TLS, 454, "4.7.0", true },
		{ STAGE_AUTH, 535, "5.7.8", true },
		{ STAGE_AUTH, 504, "5.5.4", true },
		{ STAGE_MAIL, 451, "4.3.0", true },
		{ STAGE_MAIL, 530, "5.7.0", true },
		{ STAGE_MAIL, 538, "5.7.11", true },
		{ STAGE_RCPT, 550, "5.7.8", true },
		{ STAGE_MAIL, 550, "5.1.8", false },
		{ STAGE_RCPT, 450, "4.2.0", true },
		{ STAGE_RCPT, 550, "5.1.1", false },
		{ STAGE_RCPT, 0, "5.1.10", false },
		{ STAGE_DATA, 554, "5.5.1", false },
		{ STAGE_END_OF_DATA, 452, "4.3.1", true },
		{ STAGE_END_OF_DATA, 554, "5.7.1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err =
		    rejection(rows[i].stage, rows[i].code, rows[i].status);

		if (queue_keeps(&err) != rows[i].kept)
			fail_msg("row %zu", i);
		error_free(&err);
	}
}

static void
sorts_local_failures_by_their_kind(void **state)
{
	static const struct {
		enum error_kind kind;
		bool kept;
	} rows[] = {
		{ ERROR_USAGE, false },
		{ ERROR_ADDRESS, false },
		{ ERROR_MESSAGE, false },
		{ ERROR_TOO_BIG, false },
		{ ERROR_UNSUPPORTED, false },
		{ ERROR_INPUT, true },
		{ ERROR_SYSTEM, true },
		{ ERROR_FILE, true },
		{ ERROR_CONFIG, true },
		{ ERROR_SECRET, true },
		{ ERROR_INTERRUPTED, true },
		{ ERROR_RESOLVE, true },
		{ ERROR_CONNECT, true },
		{ ERROR_TLS_MISSING, true },
		{ ERROR_CERTIFICATE, true },
		{ ERROR_NO_MECHANISM, true },
		{ ERROR_PROTOCOL, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };

		error_set(&err, rows[i].kind, "x");
		assert_int_equal(queue_keeps(&err), rows[i].kept);
		error_free(&err);
	}
}

/* The server may have the message, so that nobody can say it was refused. */
static void
keeps_what_is_uncertain(void **state)
{
	struct error err = rejection(STAGE_END_OF_DATA, 0, "5.0.0");

	(void)state;
	assert_false(queue_keeps(&err));
	err.uncertain = true;
	assert_true(queue_keeps(&err));
	error_free(&err);
}

static void
knows_what_needs_an_administrator(void **state)
{
	struct error login = rejection(STAGE_AUTH, 535, "5.7.8");
	struct error recipient = rejection(STAGE_RCPT, 450, "4.2.0");
	struct error network = { 0 };
	struct error certificate = { 0 };
	struct error loop = { 0 };

	(void)state;
	error_set(&network, ERROR_CONNECT, "x");
	error_set(&certificate, ERROR_CERTIFICATE, "x");
	error_set(&loop, ERROR_LOOP, "x");
	assert_true(queue_needs_administrator(&login));
	assert_true(queue_needs_administrator(&certificate));
	assert_true(queue_needs_administrator(&loop));
	assert_false(queue_needs_administrator(&recipient));
	assert_false(queue_needs_administrator(&network));
	error_free(&login);
	error_free(&recipient);
	error_free(&network);
	error_free(&certificate);
	error_free(&loop);
}

static void
knows_a_login_that_is_rejected(void **state)
{
	struct error login = rejection(STAGE_AUTH, 535, "5.7.8");
	struct error wanted = rejection(STAGE_MAIL, 530, "5.7.0");
	struct error later = rejection(STAGE_AUTH, 454, "4.7.0");
	struct error recipient = rejection(STAGE_RCPT, 550, "5.1.1");
	struct error mechanism = { 0 };
	struct error certificate = { 0 };

	(void)state;
	error_set(&mechanism, ERROR_NO_MECHANISM, "x");
	error_set(&certificate, ERROR_CERTIFICATE, "x");
	assert_true(queue_login_is_rejected(&login));
	assert_true(queue_login_is_rejected(&wanted));
	assert_true(queue_login_is_rejected(&mechanism));
	assert_false(queue_login_is_rejected(&later));
	assert_false(queue_login_is_rejected(&recipient));
	assert_false(queue_login_is_rejected(&certificate));
	error_free(&login);
	error_free(&wanted);
	error_free(&later);
	error_free(&recipient);
	error_free(&mechanism);
	error_free(&certificate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_what_a_server_said),
		cmocka_unit_test(sorts_local_failures_by_their_kind),
		cmocka_unit_test(keeps_what_is_uncertain),
		cmocka_unit_test(knows_what_needs_an_administrator),
		cmocka_unit_test(knows_a_login_that_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
