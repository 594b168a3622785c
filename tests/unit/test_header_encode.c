/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "base/text.h"
#include "decode.h"
#include "mail/header_encode.h"

static void
encodes_each_field_by_its_syntax(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "Subject: plain  \nTo: a@x\n",
		    "Subject: plain  \nTo: a@x\n" },
		{ "Subject: \303\244\n", "Subject: =?utf-8?B?w6Q=?=\n" },
		{ "Subject: gr\303\274n und blau\n",
		    "Subject: =?utf-8?Q?gr=C3=BCn?= und blau\n" },
		{ "Subject: a \303\244 \303\266\n b \303\274\nX: y\n",
		    "Subject: a =?utf-8?B?w6Qgw7Y=?=\n b =?utf-8?B?w7w=?=\n"
		    "X: y\n" },
		{ "X-Y:\303\244\n", "X-Y:=?utf-8?B?w6Q=?=\n" },
		{ "Subject: \344\n", "Subject: =?unknown-8bit?B?5A==?=\n" },
		{ "From: J\303\266rg Maier <j@x>\n",
		    "From: =?utf-8?Q?J=C3=B6rg_Maier?= <j@x>\n" },
		{ "From: \"J\303\266rg, M.\"<j@x>, Bob <b@x>\n",
		    "From: =?utf-8?Q?J=C3=B6rg=2C_M=2E?= <j@x>, Bob <b@x>\n" },
		{ "To: a@x, \303\204: b@x, \"c d\" <c@x>;\n",
		    "To: a@x, =?utf-8?B?w4Q=?=: b@x, \"c d\" <c@x>;\n" },
		{ "Cc: a@x (J\303\266rg (M))\n",
		    "Cc: a@x (=?utf-8?Q?J=C3=B6rg_=28M=29?=)\n" },
		{ "Cc: \"(\" <a@x> (\303\244), (b) c@x\n",
		    "Cc: \"(\" <a@x> (=?utf-8?B?w6Q=?=), (b) c@x\n" },
		{ "Content-Type: image/png; name=\"b\303\244r \\\"x.png\"\n",
		    "Content-Type: image/png; "
		    "name*=utf-8''b%C3%A4r%20%22x.png\n" },
		{ "Content-Disposition: attachment;\n filename=\344.txt; "
		  "size=3\n",
		    "Content-Disposition: attachment;\n "
		    "filename*=unknown-8bit''%E4.txt; size=3\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };
		struct error err = { 0 };

		str_add(&header, cases[i].before);
		assert_true(header_encode(&header, &err));
		assert_string_equal(header.data, cases[i].after);
		str_free(&header);
	}
}

static void
rejects_values_that_cannot_be_encoded(void **state)
{
	static const char *const cases[] = {
		"To: j\303\266rg@x\n",
		"To: <j\303\266rg@x>\n",
		"To: a@m\303\274nchen.example\n",
		"To: \"\303\244\"@x\n",
		"To: \303\244\n",
		"From: a <b@x> \303\244\n",
		"To: a@[\303\244]\n",
		"To: \"\303\244\n",
		"Content-Type: text/\303\244\n",
		"Content-Type: text/plain (\303\244); a=b\n",
		"Content-Type: text/plain; \303\244=b\n",
		"Content-Type: text/plain; a*=\303\244\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };
		struct error err = { 0 };

		str_add(&header, "Subject: \303\244\n");
		str_add(&header, cases[i]);
		if (header_encode(&header, &err))
			fail_msg("%s", header.data);
		assert_int_equal(err.kind, ERROR_UNSUPPORTED);
		assert_string_equal(err.status.enhanced, "5.6.7");
		assert_memory_equal(header.data, "Subject: \303\244\n", 12);
		str_free(&header);
		error_free(&err);
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
		if (header_encode(&header, NULL))
			assert_true(text_is_ascii(header.data, header.len));
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_each_field_by_its_syntax),
		cmocka_unit_test(rejects_values_that_cannot_be_encoded),
		cmocka_unit_test(always_returns_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
