/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <string.h>

#include "mime/entity.h"

static void
reads_type_and_encoding(void **state)
{
	static const struct {
		const char *header;
		enum mime_kind kind;
		enum mime_encoding encoding;
		const char *boundary;
		bool protected;
	} cases[] = {
		{ "", MIME_TEXT, MIME_IDENTITY, NULL, false },
		{ "Content-Type: TEXT/html\n", MIME_TEXT, MIME_IDENTITY, NULL,
		    false },
		{ "Content-Type: nonsense\n", MIME_TEXT, MIME_IDENTITY, NULL,
		    false },
		{ "Content-Type:\n image/png;\n\tname=x\n"
		  "Content-transfer-encoding : BASE64 \n",
		    MIME_OTHER, MIME_BASE64, NULL, false },
		{ "Content-Transfer-Encoding: 8Bit (really)\n", MIME_TEXT,
		    MIME_IDENTITY, NULL, false },
		{ "Content-Transfer-Encoding: Quoted-Printable;x\n", MIME_TEXT,
		    MIME_QUOTED_PRINTABLE, NULL, false },
		{ "Content-Transfer-Encoding: x-uuencode\n", MIME_TEXT,
		    MIME_UNKNOWN, NULL, false },
		{ "Content-Type: multipart/mixed; boundary=abc\n",
		    MIME_MULTIPART, MIME_IDENTITY, "abc", false },
		{ "Content-Type: multipart/x (;boundary=z);a=\"b;boundary=c\" ;"
		  "\n BOUNDARY = \"a \\\"b;  \" ; boundary=d\n",
		    MIME_MULTIPART, MIME_IDENTITY, "a \"b;", false },
		{ "Content-Type: multipart/mixed; boundary*=us-ascii''a; "
		  "boundary=b\n",
		    MIME_FIXED, MIME_IDENTITY, NULL, false },
		{ "Content-Type: multipart/mixed; boundary=b; "
		  "boundary*=us-ascii''a\n",
		    MIME_MULTIPART, MIME_IDENTITY, "b", false },
		{ "Content-Type: multipart/mixed\n", MIME_FIXED, MIME_IDENTITY,
		    NULL, false },
		{ "Content-Type: multipart/mixed; boundary=\"\"\n", MIME_FIXED,
		    MIME_IDENTITY, NULL, false },
		{ "Content-Type: multipart/mixed; boundary=\303\244\n",
		    MIME_FIXED, MIME_IDENTITY, NULL, false },
		{ "Content-Type: multipart/signed; boundary=a\n",
		    MIME_MULTIPART, MIME_IDENTITY, "a", true },
		{ "Content-Type: multipart/encrypted; boundary=a\n",
		    MIME_MULTIPART, MIME_IDENTITY, "a", true },
		{ "Content-Type: multipart/mixed; boundary=a\n"
		  "Content-Transfer-Encoding: base64\n",
		    MIME_MULTIPART, MIME_BASE64, "a", false },
		{ "Content-Type: application/PKCS7-mime; name=x\n", MIME_OTHER,
		    MIME_IDENTITY, NULL, true },
		{ "Content-Type: message/rfc822\n", MIME_MESSAGE, MIME_IDENTITY,
		    NULL, false },
		{ "Content-Type: message/partial\n", MIME_FIXED, MIME_IDENTITY,
		    NULL, false },
		{ "Content-Type: message/rfc822\n"
		  "Content-Transfer-Encoding: base64\n",
		    MIME_FIXED, MIME_BASE64, NULL, false },
		{ "Content-Type: message/delivery-status\n", MIME_FIXED,
		    MIME_IDENTITY, NULL, false },
		{ "Content-Type: message/global-delivery-status\n", MIME_TEXT,
		    MIME_IDENTITY, NULL, false },
		{ "Content-Type: message/global-headers\n", MIME_TEXT,
		    MIME_IDENTITY, NULL, false },
		{ "Content-Type: text/rfc822-headers\n", MIME_FIXED,
		    MIME_IDENTITY, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };
		struct mime_entity entity;

		str_add(&header, cases[i].header);
		mime_entity_read(&entity, &header, false);
		if (entity.kind != cases[i].kind
		    || entity.encoding != cases[i].encoding
		    || entity.protected != cases[i].protected)
			fail_msg("%s", cases[i].header);
		if (cases[i].boundary == NULL)
			assert_null(entity.boundary);
		else
			assert_string_equal(entity.boundary, cases[i].boundary);
		mime_entity_free(&entity);
		str_free(&header);
	}
}

static void
reads_other_spellings_of_identity(void **state)
{
	static const struct {
		const char *value;
		enum mime_encoding encoding;
		bool binary;
	} cases[] = {
		{ "", MIME_IDENTITY, false },
		{ ";", MIME_IDENTITY, false },
		{ "8 bit", MIME_IDENTITY, false },
		{ "8-bit", MIME_IDENTITY, false },
		{ "8_BIT", MIME_IDENTITY, false },
		{ "8bits", MIME_IDENTITY, false },
		{ "8bit;", MIME_IDENTITY, false },
		{ "\"8bit\"", MIME_IDENTITY, false },
		{ "(of UTF-8) 8bit (see above)", MIME_IDENTITY, false },
		{ "8bit, quoted", MIME_IDENTITY, false },
		{ "7-bit", MIME_IDENTITY, false },
		{ "7 bits.", MIME_IDENTITY, false },
		{ "Plain", MIME_IDENTITY, false },
		{ "None", MIME_IDENTITY, false },
		{ "utf8", MIME_IDENTITY, false },
		{ "\"Binary\" ;", MIME_IDENTITY, true },
		{ "BINARY (exact)", MIME_IDENTITY, true },
		{ "\"base64\"", MIME_BASE64, false },
		{ "(x) quoted-printable (y)", MIME_QUOTED_PRINTABLE, false },
		{ "base-64", MIME_UNKNOWN, false },
		{ "quoted printable", MIME_UNKNOWN, false },
		{ "9bit", MIME_UNKNOWN, false },
		{ "8", MIME_UNKNOWN, false },
		{ "8bit8bit", MIME_UNKNOWN, false },
		{ "\303\244", MIME_UNKNOWN, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct str header = { 0 };
		struct mime_entity entity;

		str_printf(&header, "Content-Transfer-Encoding: %s\n",
		    cases[i].value);
		mime_entity_read(&entity, &header, false);
		if (entity.encoding != cases[i].encoding
		    || entity.binary != cases[i].binary)
			fail_msg("%s", cases[i].value);
		mime_entity_free(&entity);
		str_free(&header);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_type_and_encoding),
		cmocka_unit_test(reads_other_spellings_of_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
