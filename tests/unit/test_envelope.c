/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "mail/envelope.h"

static char *
recipients_of(const struct envelope *e)
{
	struct str out = { 0 };

	for (size_t i = 0; i < e->count; i++)
		str_printf(&out, "%s%s", i > 0 ? " " : "",
		    e->recipients[i].address);
	return str_steal(&out);
}

static void
assert_recipients(const struct envelope *e, const char *expected)
{
	char *got = recipients_of(e);

	assert_string_equal(got, expected);
	free(got);
}

static void
drops_duplicates(void **state)
{
	struct envelope e = { 0 };

	(void)state;
	assert_true(envelope_add(&e, "a@x.example", NULL));
	assert_false(envelope_add(&e, "a@x.example", "b"));
	assert_false(envelope_add(&e, "a@X.Example", NULL));
	assert_true(envelope_add(&e, "A@x.example", NULL));
	assert_true(envelope_add(&e, "root", "admin"));
	assert_true(envelope_add(&e, "Root", NULL));
	assert_false(envelope_add(&e, "root", NULL));
	assert_true(envelope_add(&e, "\"a@B\"", NULL));
	assert_true(envelope_add(&e, "\"a@b\"", NULL));
	assert_true(envelope_add(&e, "\"a@b\"@x", NULL));
	assert_recipients(&e,
	    "a@x.example A@x.example root Root \"a@B\" \"a@b\" \"a@b\"@x");
	assert_null(e.recipients[0].original);
	assert_string_equal(e.recipients[2].original, "admin");
	envelope_free(&e);
	envelope_free(&e);
}

static void
adds_a_hundred_thousand_recipients(void **state)
{
	struct envelope e = { 0 };
	struct error err = { 0 };
	struct str list = { 0 };
	const size_t many = 100000;

	(void)state;
	for (size_t i = 0; i < many; i++)
		str_printf(&list, "user%zu@example%zu.org, ", i / 2, i % 2);
	assert_true(envelope_add_list(&e, list.data, &err));
	assert_true(envelope_add_list(&e, list.data, &err));
	assert_int_equal(e.count, many);
	for (size_t i = 0; i < many; i++) {
		char address[64];

		snprintf(address, sizeof(address), "user%zu@Example%zu.ORG",
		    i / 2, i % 2);
		assert_false(envelope_add(&e, address, NULL));
	}
	str_free(&list);
	envelope_free(&e);
}

static void
sets_the_sender(void **state)
{
	struct envelope e = { 0 };

	(void)state;
	envelope_set_sender(&e, "a@x", true);
	envelope_set_sender(&e, "", false);
	assert_string_equal(e.sender, "");
	assert_false(e.sender_is_default);
	envelope_free(&e);
}

static void
fail_with(struct recipient *r, bool temporary, const char *text)
{
	struct error err = { 0 };

	error_reject(&err, STAGE_RCPT, "%s", text);
	error_temporary(&err, temporary);
	err.status.code = temporary ? 450 : 550;
	recipient_fail(r, &err);
	assert_false(error_is_set(&err));
}

static void
returns_the_first_permanent_failure(void **state)
{
	struct envelope e = { 0 };

	(void)state;
	envelope_add(&e, "a", NULL);
	envelope_add(&e, "b", NULL);
	envelope_add(&e, "c", NULL);
	envelope_add(&e, "d", NULL);
	assert_null(envelope_result(&e));
	e.recipients[0].state = RECIPIENT_DELIVERED;
	fail_with(&e.recipients[1], true, "later");
	assert_string_equal(envelope_result(&e)->text, "later");
	fail_with(&e.recipients[2], true, "much later");
	assert_string_equal(envelope_result(&e)->text, "later");
	e.recipients[1].outcome.is_consequence = true;
	assert_string_equal(envelope_result(&e)->text, "much later");
	fail_with(&e.recipients[2], false, "never");
	fail_with(&e.recipients[3], false, "never, too");
	assert_string_equal(envelope_result(&e)->text, "never");
	assert_int_equal(e.recipients[2].status.code, 550);
	assert_int_equal(envelope_count(&e, RECIPIENT_FAILED), 3);
	assert_int_equal(envelope_count(&e, RECIPIENT_DELIVERED), 1);
	envelope_free(&e);
}

static void
fails_only_pending_and_accepted_recipients(void **state)
{
	struct envelope e = { 0 };
	struct error err = { 0 };

	(void)state;
	envelope_add(&e, "a", NULL);
	envelope_add(&e, "b", NULL);
	envelope_add(&e, "c", NULL);
	envelope_add(&e, "d", NULL);
	e.recipients[0].state = RECIPIENT_DELIVERED;
	e.recipients[1].state = RECIPIENT_ACCEPTED;
	fail_with(&e.recipients[2], false, "never");
	error_set(&err, ERROR_NETWORK, "lost");
	envelope_fail(&e, &err);
	assert_int_equal(e.recipients[0].state, RECIPIENT_DELIVERED);
	assert_string_equal(e.recipients[1].outcome.text, "lost");
	assert_string_equal(e.recipients[2].outcome.text, "never");
	assert_string_equal(e.recipients[3].outcome.text, "lost");
	assert_string_equal(err.text, "lost");
	error_free(&err);
	envelope_free(&e);
}

static void
accepts_lists_as_operands(void **state)
{
	static const char *const operands[] = { "a@x", "b@x,", "<c@x>", "",
		"Name <d@x>, \"e, f\" <g@x>", "A@x", "a@X" };
	struct envelope e = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(operands); i++)
		assert_true(envelope_add_list(&e, operands[i], &err));
	assert_recipients(&e, "a@x b@x c@x d@x g@x A@x");
	assert_false(envelope_add_list(&e, "/etc/passwd", &err));
	assert_int_equal(err.kind, ERROR_ADDRESS);
	error_free(&err);
	assert_false(envelope_add_list(&e, "\303@x", &err));
	error_free(&err);
	envelope_free(&e);
}

static void
reads_recipients_from_the_header_section(void **state)
{
	static const struct {
		const char *header, *expected;
	} cases[] = {
		{ "", "" },
		{ "Subject: a@x\n", "" },
		{ "To: a@x\n", "a@x" },
		{ "to: a@x\nCC: b@x\nBcc: c@x\nApparently-To: d@x\n"
		  "From: e@x\nReply-To: f@x\n",
		    "a@x b@x c@x d@x" },
		{ "To: a@x\nTo: b@x\nCc:\n", "a@x b@x" },
		{ "Bcc: a@x,\n b@x,\n\tc@x\nBCC : d@x\nbcc\t: e@x\n",
		    "a@x b@x c@x d@x e@x" },
		{ "To: undisclosed-recipients:;\nBcc: a@x\n", "a@x" },
		{ "To: \"a, b\" <c@x> (d@x), e: f@x;\n", "c@x f@x" },
		{ "To: a@x, A@x, a@X\n", "a@x A@x" },
		{ "To: old@x\nResent-To: new@x\nCc: cc@x\n", "new@x" },
		{ "Resent-From: a@x\nResent-To: b@x\nResent-Bcc : c@x\n"
		  "Resent-Cc: d@x\nResent-Bcc:\n e@x\nReceived: y\n"
		  "Resent-To: f@x\nTo: g@x\n",
		    "b@x c@x d@x e@x" },
		{ "Resent-From: a@x\nResent-To: b@x\n"
		  "Resent-From: c@x\nResent-Bcc: d@x\n",
		    "b@x" },
		{ "Resent-From: a@x\nTo: b@x\n", "b@x" },
		{ "Resent-From: a@x\nA: b\nResent-To: b@x\nTo: c@x\n", "b@x" },
		{ "Resent-Date: a\nResent-From: b@x\nReceived: c\n"
		  "Resent-From: d@x\nResent-Cc: e@x\nReceived: f\n"
		  "Resent-From: g@x\nResent-To: h@x\nTo: i@x\n",
		    "e@x" },
		{ "Resent-To:\nA: b\nResent-Bcc: c@x\n", "c@x" },
		{ "Resent-To: \nTo: a@x\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct str header = { 0 };

		str_add(&header, cases[i].header);
		assert_true(envelope_add_header(&e, &header, &err));
		assert_recipients(&e, cases[i].expected);
		str_free(&header);
		envelope_free(&e);
	}
}

static void
names_the_field_of_an_invalid_address(void **state)
{
	static const char *const headers[] = {
		"Cc: a b c\n",
		"Cc: \"a\n b\"@x\n",
		"Cc: =?utf-8?Q?a=0D=0Ab?=@x\n",
		"CC : \"a\tb\"@x\n",
		"Cc: |cmd\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct envelope e = { 0 };
		struct error err = { 0 };
		struct str header = { 0 };

		str_add(&header, headers[i]);
		assert_false(envelope_add_header(&e, &header, &err));
		assert_int_equal(err.kind, ERROR_ADDRESS);
		assert_memory_equal(err.text, "Cc: ", 4);
		error_free(&err);
		str_free(&header);
		envelope_free(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drops_duplicates),
		cmocka_unit_test(adds_a_hundred_thousand_recipients),
		cmocka_unit_test(sets_the_sender),
		cmocka_unit_test(returns_the_first_permanent_failure),
		cmocka_unit_test(fails_only_pending_and_accepted_recipients),
		cmocka_unit_test(accepts_lists_as_operands),
		cmocka_unit_test(reads_recipients_from_the_header_section),
		cmocka_unit_test(names_the_field_of_an_invalid_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
