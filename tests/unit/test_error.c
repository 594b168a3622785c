/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/alloc.h"
#include "base/error.h"
#include "error_says.h"

static void
is_a_success_until_it_is_set(void **state)
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
		{ ERROR_GRANT, EX_NOPERM, "5.7.0" },
		{ ERROR_FILE, EX_TEMPFAIL, "4.3.0" },
		{ ERROR_SECRET, EX_TEMPFAIL, "4.7.0" },
		{ ERROR_FILTER, EX_TEMPFAIL, "4.3.0" },
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
derives_the_exit_code_of_a_rejection_from_status_and_stage(void **state)
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

		error_reject(&err, cases[i].stage, "rejected");
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
cleans_text_from_outside(void **state)
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
	assert_false(
	    error_set_about(&copy, ERROR_CONFIG, "po\nrt", "no %d", 7));
	assert_string_equal(copy.subject, "po rt");
	assert_string_equal(copy.text, "no 7");
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

/* Fills err with the failure of an attempt, by a name in the table. */
static void
fill_attempt(struct error *err, const char *words)
{
	static const struct {
		const char *name;
		enum error_kind kind;
		enum smtp_stage stage;
	} kinds[] = {
		{ "421", ERROR_REJECTED, STAGE_GREETING },
		{ "454", ERROR_REJECTED, STAGE_TLS },
		{ "550", ERROR_REJECTED, STAGE_RCPT },
		{ "554", ERROR_REJECTED, STAGE_GREETING },
		{ "certificate", ERROR_CERTIFICATE, STAGE_NONE },
		{ "handshake", ERROR_TLS, STAGE_NONE },
		{ "ssh", ERROR_PROTOCOL, STAGE_NONE },
		{ "refused", ERROR_CONNECT, STAGE_NONE },
		{ "silent", ERROR_TIMEOUT, STAGE_NONE },
		{ "lost", ERROR_NETWORK, STAGE_NONE },
		{ "dns", ERROR_RESOLVE, STAGE_NONE },
		{ "unknown", ERROR_CONFIG, STAGE_NONE },
	};
	size_t i = 0;

	while (strcmp(kinds[i].name, words) != 0)
		assert_true(++i < COUNT_OF(kinds));
	if (kinds[i].kind != ERROR_REJECTED) {
		error_set(err, kinds[i].kind, "%s", words);
		return;
	}
	error_reject(err, kinds[i].stage, NULL);
	error_temporary(err, words[0] == '4');
	err->said = alloc_string(words);
}

static void
keeps_all_attempts_and_reports_the_most_important(void **state)
{
	static const struct {
		const char *first, *second, *decides;
		bool only_in_this_order;
	} cases[] = {
		{ "421", "refused", "421", false },
		{ "554", "refused", "554", false },
		{ "454", "refused", "454", false },
		{ "certificate", "refused", "certificate", false },
		{ "handshake", "refused", "handshake", false },
		{ "ssh", "refused", "ssh", false },
		{ "ssh", "dns", "ssh", false },
		{ "silent", "refused", "silent", true },
		{ "lost", "silent", "lost", true },
		{ "unknown", "refused", "refused", false },
		{ "unknown", "421", "421", false },
		{ "554", "421", "421", false },
		{ "ssh", "certificate", "certificate", false },
		{ "421", "454", "421", true },
		{ "554", "ssh", "554", true },
		{ "421", "550", "550", false },
		{ "554", "550", "550", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * 2; i++) {
		struct error all = { 0 }, next = { 0 };
		const char *first = cases[i / 2].first;
		const char *second = cases[i / 2].second;
		char *wanted;

		if (i % 2 == 1) {
			if (cases[i / 2].only_in_this_order)
				continue;
			first = cases[i / 2].second;
			second = cases[i / 2].first;
		}
		fill_attempt(&next, first);
		error_merge_attempt(&all, &next);
		assert_null(all.causes);
		fill_attempt(&next, second);
		error_merge_attempt(&all, &next);
		assert_int_equal(all.cause_count, 2);
		wanted = alloc_printf("%s; %s", first, second);
		expect_message(&all, wanted);
		fill_attempt(&next, cases[i / 2].decides);
		assert_int_equal(all.kind, next.kind);
		assert_int_equal(all.stage, next.stage);
		assert_string_equal(all.status.enhanced, next.status.enhanced);
		assert_int_equal(error_exit_status(&all),
		    error_exit_status(&next));
		free(wanted);
		error_free(&next);
		error_free(&all);
	}
}

static void
lists_hosts_and_addresses_with_their_reasons(void **state)
{
	struct error all = { 0 }, host = { 0 }, next = { 0 };
	static const char list[] =
	    "mx1 (192.0.2.1) said: 454 no (in reply to STARTTLS); "
	    "mx1 port 25: cannot connect: "
	    "192.0.2.2: refused; 192.0.2.3: silent; "
	    "192.0.2.4: certificate";

	(void)state;
	fill_attempt(&next, "454");
	alloc_replace(&next.said, "454 no");
	next.host = alloc_string("mx1");
	next.address = alloc_string("192.0.2.1");
	next.command = alloc_string("STARTTLS");
	error_merge_attempt(&all, &next);
	error_free(&next);
	fill_attempt(&next, "refused");
	error_subject(&next, "192.0.2.2");
	error_merge_attempt(&host, &next);
	fill_attempt(&next, "silent");
	error_subject(&next, "192.0.2.3");
	error_merge_attempt(&host, &next);
	error_prefix(&host, "cannot connect");
	error_subject(&host, "mx1 port 25");
	error_merge_attempt(&all, &host);
	fill_attempt(&next, "certificate");
	next.host = alloc_string("192.0.2.4");
	next.address = alloc_string("192.0.2.4");
	error_merge_attempt(&all, &next);
	expect_message(&all, list);
	assert_int_equal(all.cause_count, 3);
	assert_string_equal(all.host, "mx1");
	/* A list that is merged into another one stays a flat list. */
	error_free(&host);
	error_free(&next);
	fill_attempt(&next, "dns");
	error_merge_attempt(&host, &next);
	error_merge_attempt(&host, &all);
	assert_int_equal(host.cause_count, 4);
	error_copy(&next, &all);
	expect_message(&next, list);
	error_free(&host);
	error_free(&next);
	error_free(&all);
}

static void
accepts_null_in_place_of_an_error(void **state)
{
	(void)state;
	assert_false(error_set(NULL, ERROR_CONFIG, "text"));
	assert_false(error_reject(NULL, STAGE_RCPT, "text"));
	assert_false(error_status(NULL, "5.0.0"));
	assert_false(error_temporary(NULL, true));
	assert_false(error_subject(NULL, "text"));
	assert_false(error_set_about(NULL, ERROR_CONFIG, "port", "text"));
	assert_false(error_prefix(NULL, "text"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_a_success_until_it_is_set),
		cmocka_unit_test(has_the_class_and_exit_code_of_its_kind),
		cmocka_unit_test(
		    derives_the_exit_code_of_a_rejection_from_status_and_stage),
		cmocka_unit_test(gives_a_rejection_the_status_of_its_stage),
		cmocka_unit_test(cleans_text_from_outside),
		cmocka_unit_test(puts_the_subject_before_the_text),
		cmocka_unit_test(has_no_text_for_a_plain_rejection),
		cmocka_unit_test(is_not_set_by_a_subject_or_prefix),
		cmocka_unit_test(can_be_copied_and_moved),
		cmocka_unit_test(
		    keeps_all_attempts_and_reports_the_most_important),
		cmocka_unit_test(lists_hosts_and_addresses_with_their_reasons),
		cmocka_unit_test(accepts_null_in_place_of_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
