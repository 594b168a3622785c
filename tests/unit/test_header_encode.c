/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/idna.h"
#include "base/text.h"
#include "decode.h"
#include "mail/header_encode.h"

struct field_case {
	const char *before, *after;
};

/* Encodes each header section; with `target` HEADER_UTF8 only what is not
 * UTF-8. */
static void
assert_encoded(const struct field_case *cases, size_t count,
    enum header_target target)
{
	for (size_t i = 0; i < count; i++) {
		struct str header = { 0 };
		struct error err = { 0 };

		str_add(&header, cases[i].before);
		assert_true(header_encode(&header, target, &err));
		assert_string_equal(header.data, cases[i].after);
		str_free(&header);
	}
}

static void
encodes_each_field_by_its_syntax(void **state)
{
	static const struct field_case cases[] = {
		{ "Subject: plain  \nTo: a@x\n",
		    "Subject: plain  \nTo: a@x\n" },
		{ "Subject: \303\244\n", "Subject: =?utf-8?B?w6Q=?=\n" },
		{ "Subject: gr\303\274n und blau\n",
		    "Subject: =?utf-8?Q?gr=C3=BCn?= und blau\n" },
		{ "Subject: a \303\244 \303\266\n b \303\274\nX: y\n",
		    "Subject: a =?utf-8?B?w6Qgw7Y=?=\n b =?utf-8?B?w7w=?=\n"
		    "X: y\n" },
		/* The line can be folded behind the name. */
		{ "X-Y:\303\244\n", "X-Y: =?utf-8?B?w6Q=?=\n" },
		{ "Subject: \344\n", "Subject: =?unknown-8bit?B?5A==?=\n" },
		{ "From: J\303\266rg Maier <j@x>\n",
		    "From: =?utf-8?Q?J=C3=B6rg_Maier?= <j@x>\n" },
		{ "From: \"J\303\266rg, M.\"<j@x>, Bob <b@x>\n",
		    "From: =?utf-8?Q?J=C3=B6rg=2C_M=2E?= <j@x>, Bob <b@x>\n" },
		/* RFC 2047 section 5 wants blanks around the encoded-word. */
		{ "To: a@x,\303\204: b@x, \"c d\" <c@x>;\n",
		    "To: a@x, =?utf-8?B?w4Q=?= : b@x, \"c d\" <c@x>;\n" },
		{ "Cc: a@x (J\303\266rg (M))\n",
		    "Cc: a@x (=?utf-8?Q?J=C3=B6rg_=28M=29?=)\n" },
		{ "Cc: \"(\" <a@x> (\303\244), (b) c@x\n",
		    "Cc: \"(\" <a@x> (=?utf-8?B?w6Q=?=), (b) c@x\n" },
		{ "Cc: J\303\266rg (\303\244) M <a@x>, \303\274\n <b@x>\n",
		    "Cc: =?utf-8?Q?J=C3=B6rg?= (=?utf-8?B?w6Q=?=) M <a@x>, "
		    "=?utf-8?B?w7w=?=\n <b@x>\n" },
		{ "Cc: [Team] J\303\266rg <a@x>, b@x <b@x>\n",
		    "Cc: =?utf-8?Q?=5BTeam=5D_J=C3=B6rg?= <a@x>, b@x <b@x>\n" },
		{ "Content-Type: image/png; name=\"b\303\244r \\\"x.png\"\n",
		    "Content-Type: image/png; "
		    "name*=utf-8''b%C3%A4r%20%22x.png\n" },
		{ "Content-Disposition: attachment;\n filename=\344.txt; "
		  "size=3\n",
		    "Content-Disposition: attachment;\n "
		    "filename*=unknown-8bit''%E4.txt; size=3\n" },
	};

	(void)state;
	assert_encoded(cases, COUNT_OF(cases), HEADER_ASCII);
}

/* Skips the test in a build without libidn2. */
static void
need_a_labels(void)
{
	if (!idna_is_available())
		skip();
}

static void
converts_domains_in_every_field_with_addresses(void **state)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To",
		"Resent-Cc", "Resent-Reply-To", "Disposition-Notification-To",
		"Return-Receipt-To", "Errors-To", "Mail-Followup-To" };

	(void)state;
	need_a_labels();
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct str before = { 0 }, after = { 0 };
		struct field_case one;

		str_printf(&before,
		    "%s: a@b\303\274cher.example, B <\"c d\"@B\303\274cher . "
		    "Example>\n",
		    names[i]);
		str_printf(&after,
		    "%s: a@xn--bcher-kva.example, B <\"c "
		    "d\"@xn--bcher-kva.example>\n",
		    names[i]);
		one = (struct field_case){ before.data, after.data };
		assert_encoded(&one, 1, HEADER_ASCII);
		str_free(&before);
		str_free(&after);
	}
}

static void
encodes_as_text_what_is_not_an_address(void **state)
{
	static const struct field_case cases[] = {
		{ "To: B\303\274cher, GmbH <a@x>\n",
		    "To: =?utf-8?Q?B=C3=BCcher=2C?= GmbH <a@x>\n" },
		{ "From: Wei\303\237 foo@x\n",
		    "From: =?utf-8?Q?Wei=C3=9F?= foo@x\n" },
		{ "To: \303\244\n", "To: =?utf-8?B?w6Q=?=\n" },
		{ "From: a <b@x> \303\244\n",
		    "From: a <b@x> =?utf-8?B?w6Q=?=\n" },
		{ "To: a@[\303\244]\n", "To: =?utf-8?B?YUBbw6Rd?=\n" },
		{ "To: \"\303\244\n", "To: =?utf-8?B?IsOk?=\n" },
		{ "To: (\303\244\n", "To: =?utf-8?B?KMOk?=\n" },
		{ "To: A <@\303\244.example:a@x>\n",
		    "To: A =?utf-8?Q?=3C=40=C3=A4=2Eexample=3Aa=40x=3E?=\n" },
		/* IDNA does not allow this character. */
		{ "To: a@\360\237\222\251.example\n",
		    "To: =?utf-8?Q?a=40=F0=9F=92=A9=2Eexample?=\n" },
		/* header_find_utf8_address() finds it. */
		{ "To: j\303\266rg@x\n", "To: =?utf-8?Q?j=C3=B6rg=40x?=\n" },
		{ "To: j\366rg@x\n", "To: =?unknown-8bit?Q?j=F6rg=40x?=\n" },
	};

	(void)state;
	need_a_labels();
	assert_encoded(cases, COUNT_OF(cases), HEADER_ASCII);
}

static void
keeps_encoded_words_and_the_blanks_beside_them(void **state)
{
	static const struct field_case cases[] = {
		{ "Subject: =?utf-8?Q?J=C3=BCrgen?= M\303\274ller\n",
		    "Subject: =?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?="
		    "\n" },
		{ "Subject: M\303\274ller\n\t =?utf-8?Q?J=C3=BCrgen?= x\n",
		    "Subject: =?utf-8?Q?M=C3=BCller=09_?=\n\t "
		    "=?utf-8?Q?J=C3=BCrgen?= x\n" },
		{ "From: =?utf-8?Q?J=C3=BCrgen?= M\303\274ller <a@x>\n",
		    "From: =?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?= "
		    "<a@x>\n" },
		{ "From: \"=?utf-8?Q?J=C3=BCrgen?= M\303\274ller\" <a@x>\n",
		    "From: =?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?= "
		    "<a@x>\n" },
		{ "From: =?utf-8?Q?M._J=C3=BCrgen?= \303\237 <a@x>\n",
		    "From: =?utf-8?Q?M._J=C3=BCrgen?= =?utf-8?B?IMOf?= "
		    "<a@x>\n" },
		{ "Cc: a@x (=?utf-8?Q?J=C3=BCrgen?= \303\237)\n",
		    "Cc: a@x (=?utf-8?Q?J=C3=BCrgen?= =?utf-8?B?IMOf?=)\n" },
		/* Raw octets in an encoded-word. */
		{ "Subject: =?utf-8?q?J\303\274rg_=3d?= x\n",
		    "Subject: =?utf-8?Q?J=C3=BCrg_=3D?= x\n" },
		{ "Subject: =?iso-8859-2*pl?Q?J\374rg?= x\n",
		    "Subject: =?unknown-8bit?Q?J=FCrg?= x\n" },
		{ "Subject: =?iso-8859-2?Q?J\374rg?= x\n",
		    "Subject: =?iso-8859-2?Q?J=FCrg?= x\n" },
		/* None of these is one. */
		{ "Subject: =?utf-8?B?J\303\274?=\n",
		    "Subject: =?utf-8?B?PT91dGYtOD9CP0rDvD89?=\n" },
		{ "Subject: =?utf-8?Q?a?=\303\274 =?utf-8?X?a?= \303\274\n",
		    "Subject: =?utf-8?B?PT91dGYtOD9RP2E/PcO8?= =?utf-8?X?a?= "
		    "=?utf-8?B?w7w=?=\n" },
	};

	(void)state;
	assert_encoded(cases, COUNT_OF(cases), HEADER_ASCII);
}

static void
uses_the_declared_charset(void **state)
{
	static const char type[] = "Content-Type: text/plain; charset=";
	static const struct {
		const char *charset, *subject, *after;
	} cases[] = {
		{ "iso-8859-1", "\344", "=?iso-8859-1?B?5A==?=" },
		{ "\"ISO-8859-1\"; x=y", "\344", "=?ISO-8859-1?B?5A==?=" },
		{ "iso-8859-1", "\303\244", "=?utf-8?B?w6Q=?=" },
		{ "utf-8", "\344", "=?unknown-8bit?B?5A==?=" },
		{ "us-ascii", "\344", "=?unknown-8bit?B?5A==?=" },
		{ "utf-16", "\344", "=?unknown-8bit?B?5A==?=" },
		{ "iso-2022-jp", "\344", "=?unknown-8bit?B?5A==?=" },
		{ "\"a?b\"", "\344", "=?unknown-8bit?B?5A==?=" },
		{ "", "\344", "=?unknown-8bit?B?5A==?=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str before = { 0 }, after = { 0 };
		struct field_case one;

		str_printf(&before, "Subject: %s\n%s%s\n", cases[i].subject,
		    type, cases[i].charset);
		str_printf(&after, "Subject: %s\n%s%s\n", cases[i].after, type,
		    cases[i].charset);
		one = (struct field_case){ before.data, after.data };
		assert_encoded(&one, 1, HEADER_ASCII);
		str_free(&before);
		str_free(&after);
	}
}

static void
uses_the_declared_charset_for_domains_and_parameters(void **state)
{
	static const struct field_case cases[] = {
		{ "To: a@b\374cher.example\n"
		  "Content-Type: text/plain; charset=iso-8859-1; name=\344\n",
		    "To: a@xn--bcher-kva.example\n"
		    "Content-Type: text/plain; charset=iso-8859-1; "
		    "name*=iso-8859-1''%E4\n" },
		{ "To: a@b\374cher.example\n"
		  "Content-Type: text/plain; charset=iso-8859-2\n",
		    "To: =?iso-8859-2?Q?a=40b=FCcher=2Eexample?=\n"
		    "Content-Type: text/plain; charset=iso-8859-2\n" },
	};

	(void)state;
	need_a_labels();
	assert_encoded(cases, COUNT_OF(cases), HEADER_ASCII);
}

static void
never_puts_encoded_words_where_they_are_not_allowed(void **state)
{
	static const struct field_case cases[] = {
		{ "Message-ID: <gr\303\266n@b\303\274cher.example>\n",
		    "Message-ID: <gr%C3%B6n@xn--bcher-kva.example>\n" },
		{ "References: <a@b> <\303\244@x>\n <b@\360\237\222\251> "
		  "(\303\244)\n",
		    "References: <a@b> <%C3%A4@x>\n <b@%F0%9F%92%A9> "
		    "(=?utf-8?B?w6Q=?=)\n" },
		{ "In-Reply-To: \303\244 \"\303\244\" <\344@\344\n",
		    "In-Reply-To: %C3%A4 \"%C3%A4\" <%E4@%E4\n" },
		{ "Content-ID: <\303\244>\n", "Content-ID: <%C3%A4>\n" },
		{ "Received: from b\303\274r (\303\244) by x; y\n",
		    "Received: from b%C3%BCr (=?utf-8?B?w6Q=?=) by x; y\n" },
		{ "Date: 1 M\303\244r 2024 (\303\244\n",
		    "Date: 1 M%C3%A4r 2024 (%C3%A4\n" },
		{ "List-Unsubscribe: <https://x.example/\303\244>\n",
		    "List-Unsubscribe: <https://x.example/%C3%A4>\n" },
		{ "Content-Type: text/\303\244 (\303\244); \303\244=b; c=d "
		  "(\303\244)\n",
		    "Content-Type: text/%C3%A4 (=?utf-8?B?w6Q=?=); %C3%A4=b; "
		    "c=d\n (=?utf-8?B?w6Q=?=)\n" },
	};

	(void)state;
	need_a_labels();
	assert_encoded(cases, COUNT_OF(cases), HEADER_ASCII);
}

static void
encodes_only_what_is_not_utf8_for_smtputf8(void **state)
{
	static const struct field_case cases[] = {
		{ "To: j\303\266rg@b\303\274cher.example\nSubject: \344 "
		  "\303\244\n",
		    "To: j\303\266rg@b\303\274cher.example\n"
		    "Subject: =?unknown-8bit?B?5CDDpA==?=\n" },
	};

	(void)state;
	assert_encoded(cases, COUNT_OF(cases), HEADER_UTF8);
}

static void
finds_addresses_that_need_smtputf8(void **state)
{
	static const struct {
		const char *header, *address, *name; /* NULL: none */
	} cases[] = {
		{ "To: a@x\nCc: A <a@x>, \303\244 <j\303\266rg@y>\n",
		    "j\303\266rg@y", "Cc" },
		{ "Errors-To: \"\303\244\"@x\n", "\303\244@x", "Errors-To" },
		{ "To: \303\244 <a@b\303\274cher.example>\n", NULL, NULL },
		{ "To: B\303\274cher, GmbH <a@x>\n", NULL, NULL },
		{ "To: \303\244@x y\n", NULL, NULL },
		{ "To: j\366rg@x\n", NULL, NULL },
		{ "Subject: j\303\266rg@x\n", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 }, address = { 0 }, name = { 0 };

		str_add(&header, cases[i].header);
		assert_int_equal(header_find_utf8_address(&header, &address,
				     &name),
		    cases[i].address != NULL);
		if (cases[i].address != NULL) {
			assert_string_equal(address.data, cases[i].address);
			assert_string_equal(name.data, cases[i].name);
		}
		str_free(&header);
		str_free(&address);
		str_free(&name);
	}
}

/* The prefix, and the text until the header section has that length. */
static void
assert_hostile(const char *name, const char *prefix, const char *text)
{
	struct str header = { 0 };

	str_printf(&header, "%s: %s", name, prefix);
	while (header.len < 200000)
		str_add(&header, text);
	str_add_char(&header, '\n');
	header_fold(&header);
	assert_true(header_encode(&header, HEADER_ASCII, NULL));
	header_fold(&header);
	assert_true(text_is_ascii(header.data, header.len));
	assert_false(header_is_long(&header));
	str_free(&header);
}

/* Each would take minutes if the time were quadratic. */
static void
takes_linear_time_for_hostile_values(void **state)
{
	static const char *const names[] = { "Subject", "To", "References",
		"Received", "Content-Type" };
	static const char *const texts[] = { "\303\244", "\303\244 ", "(", "\"",
		"\"\\", "((\303\244)", "<", "<a@", "=?", "=?utf-8?Q?",
		"=?utf-8?Q?\303\244 ", "=?utf-8?Q?a?= \303\244 ",
		"a\303\244\n ", ";", "; a=\303\244", ";a*0=\"\303\244", "'",
		"%", ",", "a@b,", "a@\303\244,",
		"\303\244: ", "\303\244 <a@b>, ", "[", "[\303\244 <a@b>, ",
		"\\" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		for (size_t j = 0; j < COUNT_OF(texts); j++) {
			assert_hostile(names[i], "\303\244 ", texts[j]);
			assert_hostile(names[i], "a; b*=\"\303\244", texts[j]);
		}
}

static void
always_returns_ascii(void **state)
{
	static const char *const names[] = { "Subject", "To", "From",
		"Content-Type", "Content-Disposition", "X" };
	static const char octets[] = "\303\244\344ab ;,<>()\"\\=@.:\t[]*'%?";
	uint64_t seed = 3;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		struct str header = { 0 };
		size_t len = next_random(&seed) % 60;

		str_printf(&header,
		    "%s:", names[next_random(&seed) % COUNT_OF(names)]);
		while (len-- > 0) {
			unsigned r = next_random(&seed);

			if (r % 40 == 0)
				str_add(&header, "\n ");
			str_add_char(&header,
			    octets[r / 64 % (sizeof(octets) - 1)]);
		}
		str_add_char(&header, '\n');
		assert_true(header_encode(&header, HEADER_ASCII, NULL));
		assert_true(text_is_ascii(header.data, header.len));
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_each_field_by_its_syntax),
		cmocka_unit_test(
		    converts_domains_in_every_field_with_addresses),
		cmocka_unit_test(encodes_as_text_what_is_not_an_address),
		cmocka_unit_test(
		    keeps_encoded_words_and_the_blanks_beside_them),
		cmocka_unit_test(uses_the_declared_charset),
		cmocka_unit_test(
		    uses_the_declared_charset_for_domains_and_parameters),
		cmocka_unit_test(
		    never_puts_encoded_words_where_they_are_not_allowed),
		cmocka_unit_test(encodes_only_what_is_not_utf8_for_smtputf8),
		cmocka_unit_test(finds_addresses_that_need_smtputf8),
		cmocka_unit_test(takes_linear_time_for_hostile_values),
		cmocka_unit_test(always_returns_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
