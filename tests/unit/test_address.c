/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "mail/address.h"
#include "mail/path.h"

/* "name|text" of each address with a display name, else "|text"; ";" between. */
static char *
summary(const struct address_list *list)
{
	struct str out = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct address *a = &list->items[i];

		str_printf(&out, "%s%s|%s", i > 0 ? ";" : "",
		    a->has_name ? "name" : "", a->text);
	}
	return str_steal(&out);
}

static void
finds_the_range_of_an_address(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "root", "[root]" },
		{ " root (the admin) ,", " [root] (the admin) ," },
		{ "(x) root@(y) host (z)", "(x) [root@(y) host] (z)" },
		{ "\"A, B\" <root>", "\"A, B\" <[root]>" },
		{ "a <root (x)>,<b . c@x.>", "a <[root] (x)>,<[b . c@x.]>" },
		{ "<@x,@y:root>, \"a b\"", "<@x,@y:[root]>, [\"a b\"]" },
		{ "g: a,\n b;, c@[1.2.3.4]", "g: [a],\n [b];, [c@[1.2.3.4]]" },
		{ "=?utf-8?Q?=C3=A4?= <a>;", "=?utf-8?Q?=C3=A4?= <[a]>;" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct address_list list = { 0 };
		struct str marked = { 0 };
		size_t at = 0;

		assert_true(address_parse(&list, cases[i].text,
		    strlen(cases[i].text), NULL));
		for (size_t n = 0; n < list.count; n++) {
			const struct address *a = &list.items[n];

			str_append(&marked, cases[i].text + at, a->start - at);
			str_printf(&marked, "[%.*s]", (int)(a->end - a->start),
			    cases[i].text + a->start);
			at = a->end;
		}
		str_add(&marked, cases[i].text + at);
		assert_string_equal(marked.data, cases[i].expected);
		str_free(&marked);
		address_list_free(&list);
	}
}

static bool
parse_text(struct address_list *list, const char *text)
{
	return address_parse(list, text, strlen(text), NULL);
}

static void
counts_the_routes_that_it_drops(void **state)
{
	struct address_list list = { 0 };

	(void)state;
	assert_true(parse_text(&list, "a@x, <b@x>"));
	assert_int_equal(list.routes, 0);
	assert_true(parse_text(&list, "<@x,@y:c@x>, <,@z:d@x>"));
	assert_int_equal(list.routes, 2);
	assert_false(parse_text(&list, "<@x:e@x>, <"));
	assert_int_equal(list.routes, 2);
	assert_int_equal(list.count, 4);
	address_list_free(&list);
}

static void
parses_address_lists(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "(nobody)", "" },
		{ "a@x.example", "|a@x.example" },
		{ "root", "|root" },
		{ "<a@x>", "|a@x" },
		{ "<root>", "|root" },
		{ "a@x, b@y", "|a@x;|b@y" },
		{ "a@x,b", "|a@x;|b" },
		{ "a@x,", "|a@x" },
		{ ",, a@x ,, ,b@y,", "|a@x;|b@y" },
		{ "Alice <a@x>", "name|a@x" },
		{ "Alice B. Carol <a@x>", "name|a@x" },
		{ "\"Carol, Alice\" <a@x>, b@y", "name|a@x;|b@y" },
		{ "\"a \\\"b\\\" c\" <a@x>", "name|a@x" },
		{ "Alice \"the\" Great<a@x>", "name|a@x" },
		{ "\"\" <a@x>", "|a@x" },
		{ "=?utf-8?Q?=41lice?= <a@x>", "name|a@x" },
		{ "\"a b\"@x", "|\"a b\"@x" },
		{ "\"=?x?Q?a?=\"@x", "|\"=?x?Q?a?=\"@x" },
		{ "\"abc\"@x", "|abc@x" },
		{ "\"a\\b\"@x", "|ab@x" },
		{ "\"a\\\"b\"@x", "|\"a\\\"b\"@x" },
		{ "\"a@b\"@x", "|\"a@b\"@x" },
		{ "\"a@b\"", "|\"a@b\"" },
		{ "\"a, b\" <\"a, b\"@x>", "name|\"a, b\"@x" },
		{ "\"a,b\"", "|\"a,b\"" },
		{ "\"\"@x", "|\"\"@x" },
		{ "root (Cron Daemon)", "|root" },
		{ "(x) a (y) @ (z) x (w) . (v) y (u)", "|a@x.y" },
		{ "a@x (one (two (three)) \\) \\( four)", "|a@x" },
		{ "a . b @ x . y", "|a.b@x.y" },
		{ "\"a\".b.\"c d\"@x", "|\"a.b.c d\"@x" },
		{ "a..b@x", "|\"a..b\"@x" },
		{ ".a@x", "|\".a\"@x" },
		{ "a.@x", "|\"a.\"@x" },
		{ "a@x.", "|a@x" },
		{ "a@x.y. , b", "|a@x.y;|b" },
		{ "a@[192.0.2.1]", "|a@[192.0.2.1]" },
		{ "<a@[ IPv6:2001:db8::1 ]>", "|a@[IPv6:2001:db8::1]" },
		{ "<@one,@two.example:a@x>", "|a@x" },
		{ "<,@one,,@two:a@x>", "|a@x" },
		{ "Alice <@[192.0.2.1]:a@x>", "name|a@x" },
		{ "undisclosed-recipients:;", "" },
		{ "Undisclosed recipients: ; (none)", "" },
		{ "friends: a@x, Bob <b@y>;, c@z", "|a@x;name|b@y;|c@z" },
		{ "\"my friends\": a@x,, b@y,;", "|a@x;|b@y" },
		{ "a: ; b: x@y; c@z", "|x@y;|c@z" },
		{ "friends: a@x", "|a@x" },
		{ "a@x; b@y;", "|a@x;|b@y" },
		{ "a!b%c+d=e@x", "|a!b%c+d=e@x" },
		{ "/C=se/S=name/@x", "|/C=se/S=name/@x" },
		{ "j\303\266rg@m\303\274ller.example",
		    "|j\303\266rg@m\303\274ller.example" },
		{ "J\303\266rg <a@x>", "name|a@x" },
		{ "a@x,\n b@y", "|a@x;|b@y" },
		{ "Alice\n\tB. <a@x>,\r\n b@y", "name|a@x;|b@y" },
		{ "\"Alice\n B\" <a@x>", "name|a@x" },
		{ "a@x\n .y", "|a@x.y" },
		{ "A\tB <a@x>", "name|a@x" },
		/* Any text before an address in brackets is its name. */
		{ "a@x <a@x>", "name|a@x" },
		{ "a@x <b@y>", "name|b@y" },
		{ "a@x b@y <c@z>, d@w", "name|c@z;|d@w" },
		{ "[Team] Bob <a@x>", "name|a@x" },
		{ "J. Doe [Support] <a@x>", "name|a@x" },
		{ "c@z, [Team <a@x>, b@y", "|c@z;name|a@x;|b@y" },
		{ "Team] Bob) <a@x>", "name|a@x" },
		{ "DOMAIN\\bob <a@x>", "name|a@x" },
		{ "\"Doe, J.\" [x] (a, b) <a@x>", "name|a@x" },
		{ "\"A <b@y>\" @ home <a@x>", "name|a@x" },
		{ "Bob: @home <a@x>", "name|a@x" },
		{ "[g]: b@y <a@x>", "name|a@x" },
		{ "g: [x] <a@x>, b: c <d@x>; e@y", "name|a@x;name|d@x;|e@y" },
		{ "[Team]\n Bob <a@x>", "name|a@x" },
		{ "=?utf-8?Q?[x]?= <a@x>", "name|a@x" },
		{ "@Bob <a@x>", "name|a@x" },
		{ "> a@x <b@y>", "name|b@y" },
		{ "[x] <@r:a@x>", "name|a@x" },
		/* No address. */
		{ "<>", "" },
		{ "< >", "" },
		{ "\"Undisclosed Recipients\" <>", "" },
		{ "[nobody] <>, a@x", "|a@x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct address_list list = { 0 };
		struct error err = { 0 };
		char *got;

		print_message("# %s\n", cases[i].text);
		assert_true(address_parse(&list, cases[i].text,
		    strlen(cases[i].text), &err));
		got = summary(&list);
		assert_string_equal(got, cases[i].expected);
		free(got);
		address_list_free(&list);
	}
}

static void
rejects_invalid_addresses(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "a b", "comma" },
		{ "a b@x", "comma" },
		{ "a@x b@y", "commas" },
		{ "<a@x> <b@y>", "commas" },
		{ "[x] a@y", "commas" },
		{ "[Team] <a@x", "expected \">\"" },
		{ "[Team] <a@x> b", "commas" },
		{ "a@x \"b <c@y>", "quoted string" },
		{ "a@x (b <c@y>", "comment" },
		{ "[Team] (b <c@y>", "commas" },
		{ "[x] \\\"y <a@x>", "commas" },
		{ "[x] \001 <a@x>", "commas" },
		{ "[x]\nBcc: y <a@x>", "commas" },
		{ "\\<a@x>", "backslash" },
		{ "a@b@c", "commas" },
		{ "@x", "before the \"@\"" },
		{ "a@", "expected a domain, at the end" },
		{ "a@.x", "domain" },
		{ "a@x..y", "domain" },
		{ "a@\"x\"", "domain" },
		{ "a@x.[192.0.2.1]", "domain" },
		{ "a@[x", "bracket" },
		{ "a@[x[y]", "literal" },
		{ "a@[x\\y]", "literal" },
		{ "a@[x>y]", "literal" },
		{ "<a@[<]>", "literal" },
		{ "[x]@y", "commas" },
		{ "<> <>", "commas" },
		{ "=?utf-8?Q?Doe,_Jane?= <a@x>", "encoded word" },
		{ "<@x>", "route" },
		{ "<@x:>", "expected an address" },
		{ "<a@x", "expected \">\"" },
		{ "<<a@x>>", "expected an address" },
		{ "a@x>", "commas" },
		{ "a)", "commas" },
		{ "(a", "comment" },
		{ "a@x (b (c)", "comment" },
		{ "\"a@x", "quoted string" },
		{ "\"a\\", "quoted string" },
		{ "a: b: c@x;;", "group" },
		/* Only the local delivery of sendmail accepts these
		 * addresses. */
		{ "|/bin/sh", "command" },
		{ "|cmd@x", "command" },
		{ "\"|cmd -a\"", "command" },
		{ "\"|cmd\"@x", "command" },
		{ "<|cmd>", "command" },
		{ "|\"cmd a@b\"", "comma" },
		{ "/etc/passwd", "file" },
		{ "\"/etc/passwd\"", "file" },
		{ "x, /etc/passwd", "file" },
		{ ":include:/etc/passwd", "list in a file" },
		{ "\":include:/etc/passwd\"", "list in a file" },
		{ "\\user", "backslash" },
		{ "\\user@x", "backslash" },
		{ "\"\\\\user\"", "backslash" },
		/* Attempts to hide an address or field. */
		{ "a@x\nBcc: b@y", "control" },
		{ "a@x\r\nBcc: b@y", "control" },
		{ "a@x\n", "control" },
		{ "a@x\r", "control" },
		{ "a\rb@x", "control" },
		{ "\"a\n b\"@x", "control" },
		{ "\"a\r\n b\"@x", "control" },
		{ "\"a\tb\"@x", "control" },
		{ "\"a\\\nb\"@x", "control" },
		{ "<\"a\n b\"@x>", "control" },
		{ "a\177b@x", "control" },
		{ "a\001@x", "control" },
		{ "=?utf-8?Q?a=0D=0Ab?=@x", "encoded word" },
		{ "<=?utf-8?B?YQ==?=>", "encoded word" },
		{ "=?utf-8?Q?a=40x?=", "encoded word" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct address_list list = { 0 };
		struct error err = { 0 };

		print_message("# %s\n", cases[i].text);
		assert_false(address_parse(&list, cases[i].text,
		    strlen(cases[i].text), &err));
		assert_int_equal(err.kind, ERROR_ADDRESS);
		print_message("#   %s\n", err.text);
		assert_non_null(strstr(err.text, cases[i].why));
		assert_int_equal(list.count, 0);
		error_free(&err);
		address_list_free(&list);
	}
}

static void
rejects_nuls(void **state)
{
	struct address_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(address_parse(&list, "a\0b@x", 6, &err));
	error_free(&err);
	assert_false(address_parse(&list, "\"a\0b\"@x", 8, &err));
	error_free(&err);
	address_list_free(&list);
}

static void
keeps_the_list_on_errors(void **state)
{
	struct address_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(address_parse(&list, "a, b", 4, &err));
	assert_false(address_parse(&list, "c, d, |e", 8, &err));
	assert_int_equal(list.count, 2);
	error_free(&err);
	address_list_free(&list);
}

static void
splits_local_part_and_domain(void **state)
{
	struct address_list list = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_true(address_parse(&list, "\"a\\\"b\"@x.y, c", 13, &err));
	assert_string_equal(list.items[0].local, "a\"b");
	assert_string_equal(list.items[0].domain, "x.y");
	assert_string_equal(list.items[1].local, "c");
	assert_null(list.items[1].domain);
	address_list_free(&list);
}

static struct str
repeated(const char *start, const char *part, size_t count, const char *end)
{
	struct str text = { 0 };

	str_add(&text, start);
	while (count-- > 0)
		str_add(&text, part);
	str_add(&text, end);
	return text;
}

/* A recursive parser would crash here, and a parser with quadratic run time
 * would take minutes. */
static void
parses_any_depth_and_length(void **state)
{
	static const struct {
		const char *start, *part, *end;
		bool ok;
	} cases[] = {
		{ "", "(", "", false },
		{ "a@x ", "(", "", false },
		{ "", "()", "a@x", true },
		{ "", ",", "", true },
		{ "", "a@x,", "", true },
		{ "", "a.", "a@x", true },
		{ "", "a ", "<a@x>", true },
		{ "", "\"a\" ", "<a@x>", true },
		{ "", "\\", "", false },
		{ "\"", "\\\\", "\"@x", true },
		{ "<", "@x,", ":a@x>", true },
		{ "a@x", ".x", "", true },
		{ "", "<", "", false },
		{ "", "a:", "", false },
		{ "", "a:;", "", true },
		{ "", "\n ", "a@x", true },
		{ "", "a@b ", "<a@x>", true },
		{ "", "[", "<a@x>", true },
		{ "", "[", "", false },
		{ "", "[a] <a@x>,", "", true },
		{ "", "a@x <>,", "", true },
		{ "a: ", "b: ", "", false },
	};
	struct str nested = repeated("", "(", 100000, "");

	(void)state;
	str_printf(&nested, "%0*d", 100000, 0);
	memset(nested.data + 100000, ')', 100000);
	str_add(&nested, "a@x");
	for (size_t i = 0; i <= COUNT_OF(cases); i++) {
		bool last = i == COUNT_OF(cases);
		struct str text = last ? nested
				       : repeated(cases[i].start, cases[i].part,
					   100000, cases[i].end);
		struct address_list list = { 0 };
		struct error err = { 0 };

		assert_int_equal(address_parse(&list, text.data, text.len,
				     &err),
		    last || cases[i].ok);
		error_free(&err);
		address_list_free(&list);
		str_free(&text);
	}
}

static void
parses_paths(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "", "" },
		{ " ", "" },
		{ "<>", "" },
		{ " <> ", "" },
		{ "a@x", "a@x" },
		{ "<a@x>", "a@x" },
		{ "Alice <a@x>", "a@x" },
		{ "a@x, b@y", "a@x" },
		{ "root", "root" },
		{ "(nobody)", NULL },
		{ "a@x\r\nRCPT TO:<b@y>", NULL },
		{ "a@x>", NULL },
		{ "a b@x", NULL },
		{ "\303@x", NULL },
		{ "<> x", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };
		char *path;
		bool ok = path_parse(cases[i].text, &path, &err);

		assert_int_equal(ok, cases[i].expected != NULL);
		if (ok)
			assert_string_equal(path, cases[i].expected);
		else
			assert_null(path);
		free(path);
		error_free(&err);
	}
}

static bool
passes(const char *text)
{
	struct error err = { 0 };
	bool ok = path_check(text, &err);

	if (!ok)
		assert_int_equal(err.kind, ERROR_ADDRESS);
	error_free(&err);
	return ok;
}

static void
checks_paths(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} cases[] = {
		{ "", true },
		{ "a@x", true },
		{ "root", true },
		{ "\"a b\"@x", true },
		{ "\"a>b\"@x", true },
		{ "a@[IPv6:::1]", true },
		{ "j\303\266rg@x", true },
		{ " a@x", false },
		{ "a@x ", false },
		{ "<a@x>", false },
		{ "a@x>", false },
		{ "a<@x", false },
		{ "a b@x", false },
		{ "a@x,b@y", false },
		{ "a@x,", false },
		{ "a@x\r\nDATA", false },
		{ "a\n@x", false },
		{ "\"a\r\nb\"@x", false },
		{ "\"abc\"@x", false },
		{ "(c)a@x", false },
		{ "a@x.", false },
		{ "a..b@x", false },
		{ "\377@x", false },
		{ "a@\302", false },
		{ "|a", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(passes(cases[i].text), cases[i].ok);
}

static void
limits_the_length_of_paths(void **state)
{
	static const struct {
		size_t local, domain;
		bool ok;
	} cases[] = {
		{ 64, 190, true },
		{ 65, 10, true },
		{ 200, 255, true },
		{ 704, 255, true },
		{ 705, 255, false },
		{ 900, 10, true },
		{ 1, 255, true },
		{ 1, 256, false },
		{ 1, 100000, false },
		{ 100000, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str text = repeated("", "a", cases[i].local, "@");

		for (size_t n = 0; n < cases[i].domain; n++)
			str_add_char(&text, 'b');
		assert_int_equal(passes(text.data), cases[i].ok);
		str_free(&text);
	}
}

static void
finds_the_domain(void **state)
{
	(void)state;
	assert_string_equal(path_domain("a@x"), "x");
	assert_string_equal(path_domain("\"a@b\"@x"), "x");
	assert_string_equal(path_domain("a@[::1]"), "[::1]");
	assert_null(path_domain("a"));
	assert_null(path_domain(""));
	assert_null(path_domain("\"a@b\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_range_of_an_address),
		cmocka_unit_test(counts_the_routes_that_it_drops),
		cmocka_unit_test(parses_address_lists),
		cmocka_unit_test(rejects_invalid_addresses),
		cmocka_unit_test(rejects_nuls),
		cmocka_unit_test(keeps_the_list_on_errors),
		cmocka_unit_test(splits_local_part_and_domain),
		cmocka_unit_test(parses_any_depth_and_length),
		cmocka_unit_test(parses_paths),
		cmocka_unit_test(checks_paths),
		cmocka_unit_test(limits_the_length_of_paths),
		cmocka_unit_test(finds_the_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
