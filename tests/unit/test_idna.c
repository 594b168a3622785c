/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/idna.h"
#include "base/str.h"
#include "unit.h"

#define LABEL_63 \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
/* This name has 251 octets.  With 2 more octets it has the maximum length, and
 * with 3 more octets it is too long. */
#define NAME_251 \
	LABEL_63 "." LABEL_63 "." LABEL_63 "." \
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const names[] = { "a", "example", "mx.example.org",
	"MX.Example.ORG", "example.org.", "r3---sn.example", "_25._tcp.example",
	"exa_mple.com", "1.example", "xn--bcher-kva.example", "3com", LABEL_63,
	LABEL_63 ".example", NAME_251 ".a", NAME_251 ".a." };

static const char *const no_names[] = { "", ".", "..", ".example", "a..b",
	"example..", "-a.example", "a-.example", "a b", "a>b", "a\r\nb", "a\tb",
	"[127.0.0.1]", "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "12345",
	"example.123", "::1", "a:25", "a/b", "a@b",
	"b\xc3\xbc"
	"cher.example",
	LABEL_63 "a", LABEL_63 "a.example", NAME_251 ".aa", NAME_251 ".aa.",
	NAME_251 NAME_251 NAME_251 };

static void
recognizes_host_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (!idna_is_host_name(names[i]))
			fail_msg("\"%s\" is a host name", names[i]);
	for (size_t i = 0; i < COUNT_OF(no_names); i++)
		if (idna_is_host_name(no_names[i]))
			fail_msg("\"%s\" is not a host name", no_names[i]);
}

static void
leaves_ascii_names_unchanged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		char *ascii = NULL;

		assert_true(idna_to_ascii(names[i], &ascii, NULL));
		assert_string_equal(ascii, names[i]);
		free(ascii);
	}
}

static void
expect_rejection(const char *name)
{
	struct error err = { 0 };
	char *ascii = NULL;

	if (idna_to_ascii(name, &ascii, &err))
		fail_msg("\"%s\" became \"%s\"", name, ascii);
	assert_null(ascii);
	assert_int_equal(err.kind, ERROR_ADDRESS);
	error_free(&err);
}

static void
rejects_ascii_text_that_is_not_a_host_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(no_names); i++)
		if (strcmp(no_names[i],
			"b\xc3\xbc"
			"cher.example")
		    != 0)
			expect_rejection(no_names[i]);
}

static void
converts_names_that_are_not_ascii(void **state)
{
	static const struct {
		const char *name, *ascii;
	} rows[] = {
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.example",
		    "xn--bcher-kva.example" },
		{ "bu\xcc\x88"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "fa\xc3\x9f.example", "xn--fa-hia.example" },
		{ "a.\xe4\xbe\x8b.example.", "a.xn--fsq.example." },
		{ "_25.b\xc3\xbc"
		  "cher.example",
		    "_25.xn--bcher-kva.example" },
	};

	(void)state;
	if (!idna_is_available()) {
		expect_rejection(rows[0].name);
		skip();
	}
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct error err = { 0 };
		char *ascii = NULL;

		if (!idna_to_ascii(rows[i].name, &ascii, &err))
			fail_msg("%s", err.text);
		assert_string_equal(ascii, rows[i].ascii);
		free(ascii);
	}
}

/* libidn2 silently converts each of these names to another name. */
static void
rejects_names_that_would_become_another_name(void **state)
{
	static const char *const rows[] = {
		"a\xef\xbc\x9e"
		"b\xc3\xbc.example", /* fullwidth > */
		"a\xe3\x80\x80"
		"b\xc3\xbc.example", /* ideographic space */
		"b\xc3\xbc\xe3\x80\x82"
		"example", /* ideographic stop */
		"b\xc3\xbc\xef\xbc\x8e"
		"example", /* fullwidth stop */
		"b\xc3\xbc\xef\xbd\xa1"
		"example",                /* halfwidth stop */
		"\xef\xbd\x85xample.org", /* fullwidth e */
		"exa\xc2\xadmple.org",    /* soft hyphen */
		"b\xc3\xbc"
		"cher\xc2\xad.example",
		"b\xc3\xbc"
		"cher\xe2\x80\x8b.example", /* zero width space */
		"b\xc3\xbc"
		"cher\xef\xb8\x8f.example", /* variation selector */
		"b\xc3\xbc"
		"cher\xef\xbb\xbf.example", /* byte-order mark */
		"\xf0\x9f\x98\x80.example", /* emoji */
		"b\xc3\xbc"
		"cher..example",
		"b\xc3\xbc cher.example",
		"b\xc3\xbc"
		"cher\r\n.example",
		"b\xc3\xbc-.example", "b\xc3.example", /* not UTF-8 */
		"b\xc3\xbc.\xd9\xa1",                  /* a digit */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		expect_rejection(rows[i]);
}

static void
rejects_names_that_are_too_long(void **state)
{
	struct str name = { 0 };

	(void)state;
	for (int i = 0; i < 60; i++)
		str_add(&name, "\xc3\xbc");
	str_add(&name, ".example");
	/* 60 characters, but the A-label has more than 63. */
	expect_rejection(str_text(&name));
	for (int i = 0; i < 100000; i++)
		str_add(&name, "\xc3\xbc");
	expect_rejection(str_text(&name));
	str_free(&name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recognizes_host_names),
		cmocka_unit_test(leaves_ascii_names_unchanged),
		cmocka_unit_test(rejects_ascii_text_that_is_not_a_host_name),
		cmocka_unit_test(converts_names_that_are_not_ascii),
		cmocka_unit_test(rejects_names_that_would_become_another_name),
		cmocka_unit_test(rejects_names_that_are_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
