/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/dsn.h"

#define UNCHANGED 77

static void
reads_the_words_of_notify(void **state)
{
	static const struct {
		const char *value;
		unsigned notify; /* UNCHANGED: the value is rejected */
	} cases[] = {
		{ "NEVER", DSN_NOTIFY_NEVER },
		{ "never", DSN_NOTIFY_NEVER },
		{ "NEVER,NEVER", DSN_NOTIFY_NEVER },
		{ "SUCCESS", DSN_NOTIFY_SUCCESS },
		{ "Failure", DSN_NOTIFY_FAILURE },
		{ "delay", DSN_NOTIFY_DELAY },
		{ "success,Failure,DELAY",
		    DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE
			| DSN_NOTIFY_DELAY },
		{ "DELAY,SUCCESS", DSN_NOTIFY_SUCCESS | DSN_NOTIFY_DELAY },
		{ "DELAY,DELAY", DSN_NOTIFY_DELAY },
		{ " failure , delay\t", DSN_NOTIFY_FAILURE | DSN_NOTIFY_DELAY },
		{ "", UNCHANGED },
		{ " ", UNCHANGED },
		{ ",", UNCHANGED },
		{ "DELAY,", UNCHANGED },
		{ ",DELAY", UNCHANGED },
		{ "DELAY,,FAILURE", UNCHANGED },
		{ "DELAY FAILURE", UNCHANGED },
		{ "NEVER,DELAY", UNCHANGED },
		{ "DELAY,NEVER", UNCHANGED },
		{ "SOMETIMES", UNCHANGED },
		{ "DELAYED", UNCHANGED },
		{ "DELA", UNCHANGED },
		{ "OFF", UNCHANGED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		unsigned notify = UNCHANGED;
		bool ok = dsn_parse_notify(cases[i].value, &notify);

		if (notify != cases[i].notify || ok != (notify != UNCHANGED))
			fail_msg("\"%s\": %d, %u", cases[i].value, ok, notify);
	}
}

static void
reads_the_words_of_ret(void **state)
{
	static const struct {
		const char *value;
		enum dsn_return wanted; /* DEFAULT: the value is rejected */
	} cases[] = {
		{ "FULL", DSN_RETURN_FULL },
		{ "full", DSN_RETURN_FULL },
		{ "HDRS", DSN_RETURN_HEADERS },
		{ "Hdrs", DSN_RETURN_HEADERS },
		{ "", DSN_RETURN_DEFAULT },
		{ "ALL", DSN_RETURN_DEFAULT },
		{ "HEADERS", DSN_RETURN_DEFAULT },
		{ "FULL ", DSN_RETURN_DEFAULT },
		{ "FULL,HDRS", DSN_RETURN_DEFAULT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum dsn_return wanted = DSN_RETURN_DEFAULT;
		bool ok = dsn_parse_return(cases[i].value, &wanted);

		if (wanted != cases[i].wanted
		    || ok != (wanted != DSN_RETURN_DEFAULT))
			fail_msg("\"%s\": %d", cases[i].value, (int)wanted);
	}
}

#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void
reads_envelope_ids(void **state)
{
	static const struct {
		const char *value;
		const char *id; /* NULL: rejected */
	} cases[] = {
		{ "QQ314159", "QQ314159" },
		{ "QQ+2B1", "QQ+1" },
		{ "+20", " " },
		{ HUNDRED, HUNDRED },
		{ "", NULL },
		{ HUNDRED "a", NULL },
		{ "a+0A", NULL },
		{ "a=b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct dsn dsn = { .envelope_id = alloc_string("before") };
		bool ok =
		    dsn_parse_envelope_id(cases[i].value, &dsn.envelope_id);

		assert_int_equal(ok, cases[i].id != NULL);
		assert_string_equal(dsn.envelope_id,
		    ok ? cases[i].id : "before");
		dsn_free(&dsn);
	}
}

static void
reads_original_recipients(void **state)
{
	static const struct {
		const char *value;
		bool ok;
		const char *address; /* NULL: none */
	} cases[] = {
		{ "rfc822;bob@y", true, "bob@y" },
		{ "RFC822;b+2Bc@y", true, "b+c@y" },
		{ "rfc822;", true, "" },
		{ "utf-8;b@y", true, "b@y" },
		{ "utf-8;\\x{FC}\\x{2B}@y", true, "\xc3\xbc+@y" },
		{ "UTF-8;\xc3\xbc@y", true, "\xc3\xbc@y" },
		{ "utf-8;\\x{1F600}@y", true, "\xf0\x9f\x98\x80@y" },
		{ "utf-8;", false, "before" },
		{ "utf-8;a b", false, "before" },
		{ "utf-8;\\x{A}@y", false, "before" },
		{ "utf-8;\\x{0A}@y", false, "before" },
		{ "utf-8;\\x{D800}@y", false, "before" },
		{ "utf-8;\\x{110000}@y", false, "before" },
		{ "utf-8;\\x{FC@y", false, "before" },
		{ "utf-8;\\xFC@y", false, "before" },
		{ "utf-8;b\\", false, "before" },
		{ "utf-8;\xfc@y", false, "before" },
		{ "x400;+", true, NULL },
		{ "", false, "before" },
		{ "bob@y", false, "before" },
		{ "rfc822", false, "before" },
		{ "rfc822;b+", false, "before" },
		{ "rfc822;a b", false, "before" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *address = alloc_string("before");

		assert_int_equal(dsn_parse_original(cases[i].value, &address),
		    cases[i].ok);
		if (cases[i].address == NULL)
			assert_null(address);
		else
			assert_string_equal(address, cases[i].address);
		free(address);
	}
}

static void
writes_parameters_of_mail_and_rcpt(void **state)
{
	static const struct {
		struct dsn dsn;
		const char *original;
		const char *mail, *rcpt;
	} cases[] = {
		{ { 0 }, "bob@x", "", "" },
		{ { DSN_NOTIFY_NEVER, DSN_RETURN_FULL, NULL }, "bob@x",
		    " RET=FULL", " NOTIFY=NEVER ORCPT=rfc822;bob@x" },
		{ { DSN_NOTIFY_DELAY | DSN_NOTIFY_SUCCESS | DSN_NOTIFY_FAILURE,
		      DSN_RETURN_HEADERS, (char *)"id+1=2" },
		    "b+c@x", " RET=HDRS ENVID=id+2B1+3D2",
		    " NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;b+2Bc@x" },
		{ { DSN_NOTIFY_FAILURE, DSN_RETURN_DEFAULT, (char *)"a b" },
		    "\xc3\xbc@x", " ENVID=a+20b", " NOTIFY=FAILURE" },
		{ { 0, DSN_RETURN_FULL, NULL }, "bob@x", " RET=FULL", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str mail = { 0 }, rcpt = { 0 };

		dsn_add_mail_parameters(&mail, &cases[i].dsn);
		dsn_add_rcpt_parameters(&rcpt, cases[i].dsn.notify,
		    cases[i].original, false);
		assert_string_equal(str_text(&mail), cases[i].mail);
		assert_string_equal(str_text(&rcpt), cases[i].rcpt);
		str_free(&mail);
		str_free(&rcpt);
	}
}

/* RFC 6533 section 3 */
static void
passes_an_address_beyond_ascii_on_with_smtputf8(void **state)
{
	static const char *const addresses[] = { "\xc3\xbc@x",
		"a+b\xc3\xbc=\\c@x", "\xf0\x9f\x98\x80 \xe2\x82\xac@x" };
	static const char *const written[] = { "\\x{FC}@x",
		"a\\x{2B}b\\x{FC}\\x{3D}\\x{5C}c@x",
		"\\x{1F600}\\x{20}\\x{20AC}@x" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(addresses); i++) {
		char *expected =
		    alloc_printf(" NOTIFY=NEVER ORCPT=utf-8;%s", written[i]);
		char *read = NULL;
		struct str out = { 0 };

		dsn_add_rcpt_parameters(&out, DSN_NOTIFY_NEVER, addresses[i],
		    true);
		assert_string_equal(out.data, expected);
		assert_true(
		    dsn_parse_original(strstr(out.data, "utf-8;"), &read));
		assert_string_equal(read, addresses[i]);
		free(read);
		free(expected);
		str_free(&out);
	}
}

static void
writes_the_words_of_notify_with_any_separator(void **state)
{
	struct str out = { 0 };

	(void)state;
	dsn_add_notify(&out, DSN_NOTIFY_DEFAULT, ", ");
	assert_string_equal(str_text(&out), "");
	str_add(&out, "notices: ");
	dsn_add_notify(&out, DSN_NOTIFY_DELAY | DSN_NOTIFY_FAILURE, ", ");
	assert_string_equal(str_text(&out), "notices: FAILURE, DELAY");
	str_free(&out);
}

static void
writes_xtext(void **state)
{
	static const struct {
		const char *text, *xtext;
	} cases[] = {
		{ "", "" },
		{ "abc@x", "abc@x" },
		{ "a b", "a+20b" },
		{ "a+b=c", "a+2Bb+3Dc" },
		{ "a~!", "a~!" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str out = { 0 }, back = { 0 };

		dsn_encode_xtext(&out, cases[i].text, strlen(cases[i].text));
		assert_string_equal(str_text(&out), cases[i].xtext);
		assert_true(dsn_decode_xtext(&back, str_text(&out)));
		assert_string_equal(str_text(&back), cases[i].text);
		str_free(&out);
		str_free(&back);
	}
}

static void
encodes_all_octets_as_xtext(void **state)
{
	struct str out = { 0 };

	(void)state;
	dsn_encode_xtext(&out, "\0\r\n\177\377", 5);
	assert_string_equal(out.data, "+00+0D+0A+7F+FF");
	str_free(&out);
}

static void
rejects_malformed_xtext(void **state)
{
	static const char *const cases[] = { "a b", "a=b", "+", "+2", "a+2g",
		"+2b", "+0D+0A", "+00", "+7F", "+FF", "a\nb", "\303\251", "+2",
		"a\177" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str out = { 0 };

		str_add(&out, "x");
		assert_false(dsn_decode_xtext(&out, cases[i]));
		assert_string_equal(out.data, "x");
		str_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_words_of_notify),
		cmocka_unit_test(reads_the_words_of_ret),
		cmocka_unit_test(reads_envelope_ids),
		cmocka_unit_test(reads_original_recipients),
		cmocka_unit_test(writes_parameters_of_mail_and_rcpt),
		cmocka_unit_test(
		    passes_an_address_beyond_ascii_on_with_smtputf8),
		cmocka_unit_test(writes_the_words_of_notify_with_any_separator),
		cmocka_unit_test(writes_xtext),
		cmocka_unit_test(encodes_all_octets_as_xtext),
		cmocka_unit_test(rejects_malformed_xtext),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
