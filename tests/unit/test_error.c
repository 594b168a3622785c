/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/error.h"
#include "error_says.h"

static void
is_nothing_until_it_is_set(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_false(error_is_set(&err));
	assert_int_equal(error_exit_status(&err), EX_OK);
	error_free(&err);
}

static void
has_the_class_and_exit_code_of_its_kind(void **state)
{
	static const struct {
		enum error_kind kind;
		int exit;
		const char *status;
	} cases[] = {
		{ ERROR_USAGE, EX_USAGE, "5.5.4" },
		{ ERROR_ADDRESS, EX_DATAERR, "5.1.3" },
		{ ERROR_MESSAGE, EX_DATAERR, "5.6.0" },
		{ ERROR_TOO_BIG, EX_DATAERR, "5.3.4" },
		{ ERROR_LOOP, EX_CONFIG, "5.4.6" },
		{ ERROR_NO_INPUT, EX_NOINPUT, "5.6.0" },
		{ ERROR_INPUT, EX_IOERR, "5.6.0" },
		{ ERROR_SYSTEM, EX_OSERR, "5.3.0" },
		{ ERROR_SPACE, EX_TEMPFAIL, "4.3.1" },
		{ ERROR_CREATE, EX_CANTCREAT, "5.3.0" },
		{ ERROR_INTERNAL, EX_SOFTWARE, "5.3.0" },
		{ ERROR_CONFIG, EX_CONFIG, "5.3.5" },
		{ ERROR_PERMISSION, EX_NOPERM, "5.7.0" },
		{ ERROR_SECRET, EX_TEMPFAIL, "4.7.0" },
		{ ERROR_INTERRUPTED, EX_TEMPFAIL, "4.3.2" },
		{ ERROR_RESOLVE, EX_TEMPFAIL, "4.4.3" },
		{ ERROR_CONNECT, EX_TEMPFAIL, "4.4.1" },
		{ ERROR_NETWORK, EX_TEMPFAIL, "4.4.2" },
		{ ERROR_TIMEOUT, EX_TEMPFAIL, "4.4.2" },
		{ ERROR_TLS_MISSING, EX_TEMPFAIL, "4.7.4" },
		{ ERROR_TLS, EX_TEMPFAIL, "4.7.5" },
		{ ERROR_CERTIFICATE, EX_TEMPFAIL, "4.7.5" },
		{ ERROR_NO_MECHANISM, EX_CONFIG, "5.7.9" },
		{ ERROR_PROTOCOL, EX_PROTOCOL, "5.5.0" },
		{ ERROR_UNSUPPORTED, EX_DATAERR, "5.6.3" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };

		assert_false(error_set(&err, cases[i].kind, "why"));
		assert_int_equal(error_exit_status(&err), cases[i].exit);
		assert_string_equal(err.status.enhanced, cases[i].status);
		assert_int_equal(err.temporary, err.status.enhanced[0] == '4');
		error_free(&err);
	}
}

static void
takes_the_exit_code_of_a_rejection_from_status_and_stage(void **state)
{
	static const struct {
		enum smtp_stage stage;
		bool sender_is_default;
		const char *status;
		int exit;
	} cases[] = {
		{ STAGE_RCPT, false, "5.1.1", EX_NOUSER },
		{ STAGE_RCPT, false, "5.5.4", EX_DATAERR },
		{ STAGE_MAIL, false, "5.1.8", EX_DATAERR },
		{ STAGE_MAIL, true, "5.1.8", EX_CONFIG },
		{ STAGE_AUTH, false, "5.7.8", EX_NOPERM },
		{ STAGE_END_OF_DATA, false, "5.6.0", EX_DATAERR },
		{ STAGE_DATA, false, "5.5.4", EX_PROTOCOL },
		{ STAGE_GREETING, false, "5.3.2", EX_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };

		error_reject(&err, cases[i].stage, "refused");
		err.sender_is_default = cases[i].sender_is_default;
		error_status(&err, cases[i].status);
		assert_true(error_is_rejection(&err, cases[i].stage));
		assert_int_equal(error_exit_status(&err), cases[i].exit);
		error_temporary(&err, true);
		assert_int_equal(error_exit_status(&err), EX_TEMPFAIL);
		assert_int_equal(err.status.enhanced[0], '4');
		error_free(&err);
	}
}

static void
gives_a_rejection_the_status_of_its_stage(void **state)
{
	static const struct {
		enum smtp_stage stage;
		const char *status;
	} cases[] = {
		{ STAGE_NONE, "5.0.0" },
		{ STAGE_GREETING, "5.3.2" },
		{ STAGE_EHLO, "5.5.0" },
		{ STAGE_AUTH, "5.7.8" },
		{ STAGE_MAIL, "5.1.0" },
		{ STAGE_RCPT, "5.1.0" },
		{ STAGE_DATA, "5.0.0" },
		{ STAGE_END_OF_DATA, "5.0.0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };

		assert_false(error_reject(&err, cases[i].stage, "why"));
		assert_string_equal(err.status.enhanced, cases[i].status);
		assert_false(error_is_rejection(&err, STAGE_RSET));
		error_free(&err);
	}
}

static void
cleans_what_comes_from_outside(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, ERROR_ADDRESS, "bad address \"%s\"",
	    "a\r\nb\x1b[2J%s%n");
	assert_string_equal(err.text, "bad address \"a b?[2J%s%n\"");
	error_prefix(&err, "%s", "line\n1");
	assert_string_equal(err.text, "line 1: bad address \"a b?[2J%s%n\"");
	error_free(&err);
}

static void
puts_the_subject_before_the_text(void **state)
{
	struct error err = { 0 }, copy = { 0 };

	(void)state;
	error_set(&err, ERROR_CONFIG, "set twice");
	expect_message(&err, "set twice");
	assert_false(error_subject(&err, "po%s", "r\nt"));
	assert_string_equal(err.subject, "por t");
	assert_string_equal(err.text, "set twice");
	expect_message(&err, "por t: set twice");
	error_copy(&copy, &err);
	expect_message(&copy, "por t: set twice");
	error_subject(&err, "account x");
	assert_string_equal(err.subject, "account x");
	assert_string_equal(err.text, "por t: set twice");
	error_prefix(&err, "line %d", 3);
	assert_null(err.subject);
	expect_message(&err, "line 3: account x: por t: set twice");
	error_set(&copy, ERROR_CONFIG, "another");
	assert_null(copy.subject);
	error_free(&copy);
	error_free(&err);
}

static void
has_no_text_for_a_plain_rejection(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_reject(&err, STAGE_RCPT, NULL);
	assert_null(err.text);
	expect_message(&err, "unknown error");
	err.said = alloc_string("550 no");
	expect_message(&err, "550 no");
	error_prefix(&err, "it may have arrived");
	expect_message(&err, "it may have arrived");
	error_free(&err);
}

static void
is_not_set_by_a_subject_or_prefix(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_subject(&err, "host");
	error_prefix(&err, "looking up");
	assert_false(error_is_set(&err));
	assert_null(err.subject);
	assert_null(err.text);
}

static void
can_be_copied_and_moved(void **state)
{
	struct error a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	error_set(&a, ERROR_CONFIG, "first");
	error_set(&b, ERROR_USAGE, "second");
	error_copy(&b, &a);
	assert_string_equal(b.text, "first");
	assert_int_equal(b.kind, ERROR_CONFIG);
	error_move(&c, &a);
	assert_false(error_is_set(&a));
	assert_string_equal(c.text, "first");
	error_set(&c, ERROR_USAGE, "%s again", c.text);
	assert_string_equal(c.text, "first again");
	error_free(&b);
	error_free(&c);
	error_free(&a);
}

static void
keeps_the_outcome_that_decides(void **state)
{
	struct error worst = { 0 }, next = { 0 };

	(void)state;
	error_merge(&worst, &next);
	assert_false(error_is_set(&worst));
	error_set(&next, ERROR_CONNECT, "first");
	error_merge(&worst, &next);
	error_set(&next, ERROR_TIMEOUT, "second");
	error_merge(&worst, &next);
	assert_string_equal(worst.text, "first");
	error_set(&next, ERROR_CONFIG, "third");
	error_merge(&worst, &next);
	error_set(&next, ERROR_LOOP, "fourth");
	error_merge(&worst, &next);
	error_set(&next, ERROR_CONNECT, "fifth");
	error_merge(&worst, &next);
	assert_string_equal(worst.text, "third");
	error_free(&worst);
	error_free(&next);
}

static void
may_be_told_to_nobody(void **state)
{
	(void)state;
	assert_false(error_set(NULL, ERROR_CONFIG, "text"));
	assert_false(error_reject(NULL, STAGE_RCPT, "text"));
	assert_false(error_status(NULL, "5.0.0"));
	assert_false(error_temporary(NULL, true));
	assert_false(error_subject(NULL, "text"));
	assert_false(error_prefix(NULL, "text"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_nothing_until_it_is_set),
		cmocka_unit_test(has_the_class_and_exit_code_of_its_kind),
		cmocka_unit_test(
		    takes_the_exit_code_of_a_rejection_from_status_and_stage),
		cmocka_unit_test(gives_a_rejection_the_status_of_its_stage),
		cmocka_unit_test(cleans_what_comes_from_outside),
		cmocka_unit_test(puts_the_subject_before_the_text),
		cmocka_unit_test(has_no_text_for_a_plain_rejection),
		cmocka_unit_test(is_not_set_by_a_subject_or_prefix),
		cmocka_unit_test(can_be_copied_and_moved),
		cmocka_unit_test(keeps_the_outcome_that_decides),
		cmocka_unit_test(may_be_told_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
