/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "decode.h"
#include "mail/read_message.h"
#include "mime/downgrade.h"
#include "mime/structure.h"

/* Reads a message: header section, empty line, body. */
static void
read_message(struct message *m, const char *text, size_t len)
{
	struct message_reader in;
	struct error err = { 0 };
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	message_reader_begin(&in, m, false);
	assert_true(message_reader_feed(&in, copy, len, &err));
	assert_true(message_reader_end(&in, &err));
	message_reader_free(&in);
	free(copy);
}

/* Appends the whole message, and compares the members of its struct with it. */
static void
show_message(const struct message *m, struct str *out)
{
	struct error err = { 0 };
	size_t got, start, lines = 0;

	str_append(out, str_text(&m->header), m->header.len);
	str_add_char(out, '\n');
	start = out->len;
	assert_true(buffer_file_read(&m->body, 0,
	    str_reserve(out, (size_t)m->body.size), (size_t)m->body.size, &got,
	    &err));
	out->len += got;
	out->data[out->len] = '\0';
	for (size_t i = start; i < out->len; i++)
		lines += out->data[i] == '\n';
	assert_int_equal(m->body_lines, lines);
	assert_int_equal(m->has_8bit_body,
	    !text_is_ascii(out->data + start, out->len - start));
	assert_int_equal(m->has_8bit_header,
	    !text_is_ascii(str_text(&m->header), m->header.len));
	assert_int_equal(m->has_long_lines,
	    longest_line(out->data + start, out->len - start)
		> MESSAGE_LINE_MAX);
}

#define MIXED "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=a\n"
#define CTE "Content-Transfer-Encoding: "
#define UMLAUT "\303\244"

static void
encodes_only_parts_with_8_bit_text(void **state)
{
	static const struct {
		const char *what, *before, *after;
	} cases[] = {
		{ "plain text",
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n" CTE "8bit\nTo: x\n\n"
		    "gr\303\274n =\nblau \n",
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n" CTE "quoted-printable\nTo: x\n\n"
		    "gr=C3=BCn =3D\nblau=20\n" },
		{ "text that declares nothing", "To: x\n\naaaa" UMLAUT "\n",
		    "To: x\nMIME-Version: 1.0\n"
		    "Content-Type: text/plain; charset=unknown-8bit\n" CTE
		    "quoted-printable\n\naaaa=C3=A4\n" },
		{ "text in another script",
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n\n\320\264\320\260\n",
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n" CTE "base64\n\n0LTQsA0K\n" },
		{ "header only", "Subject: \303\244\nTo: x\n\nplain\n",
		    "Subject: =?utf-8?B?w6Q=?=\nTo: x\n\nplain\n" },
		{ "header and body",
		    "Subject: \303\244\nMIME-Version: 1.0\n"
		    "Content-Type: text/html\n\n<p>a" UMLAUT "bcd\n",
		    "Subject: =?utf-8?B?w6Q=?=\nMIME-Version: 1.0\n"
		    "Content-Type: text/html\n" CTE
		    "quoted-printable\n\n<p>a=C3=A4bcd\n" },
		{ "a delivery status of RFC 6533",
		    MIXED "\n--a\n\nx\n--a\n"
			  "Content-Type: message/global-delivery-status\n" CTE
			  "8bit\n\nReporting-MTA: dns; a\n\n"
			  "Final-Recipient: utf-8; " UMLAUT "@b\n--a--\n",
		    MIXED "\n--a\n\nx\n--a\n"
			  "Content-Type: message/global-delivery-status\n" CTE
			  "quoted-printable\n\nReporting-MTA: dns; a\n\n"
			  "Final-Recipient: utf-8; =C3=A4@b\n--a--\n" },
		{ "a header section of RFC 6533",
		    MIXED "\n--a\nContent-Type: message/global-headers\n\n"
			  "Subject: some words " UMLAUT "\n--a--\n",
		    MIXED "\n--a\nContent-Type: message/global-headers\n" CTE
			  "quoted-printable\n\n"
			  "Subject: some words =C3=A4\n--a--\n" },
		{ "one of two parts",
		    MIXED CTE "8bit\n\n" UMLAUT "?\n--a\n" CTE
			      "7bit\nX: y\n\n=a \n--a\nX: y\n" CTE
			      " 8bit\nY: z\n\n1234" UMLAUT "\n--a--\n" UMLAUT
			      "\n",
		    MIXED CTE
		    "7bit\n\n=C3=A4?\n--a\n" CTE
		    "7bit\nX: y\n\n=a \n--a\nX: y\n" CTE
		    "quoted-printable\nY: z\n\n1234=C3=A4\n--a--\n=C3=A4\n" },
		{ "binary data",
		    MIXED "\n--a\nContent-Type: application/octet-stream\n" CTE
			  "binary\n\n\001\377\002\376\n\n--a--\n",
		    MIXED "\n--a\nContent-Type: application/octet-stream\n" CTE
			  "base64\n\nAf8C/g0K\n--a--\n" },
		{ "multipart in multipart",
		    MIXED "\n--a\nContent-Type: multipart/related; "
			  "boundary=\"a b\"\n" CTE
			  "8bit\n\n--a b\n\n12345" UMLAUT
			  "\n--a b\n\nxyz\n--a b--\n\n--a--\n",
		    MIXED "\n--a\nContent-Type: multipart/related; "
			  "boundary=\"a b\"\n" CTE "7bit\n\n--a b\n" CTE
			  "quoted-printable\n\n12345=C3=A4"
			  "\n--a b\n\nxyz\n--a b--\n\n--a--\n" },
		{ "a message inside",
		    MIXED "\n--a\nContent-Type: message/rfc822\n" CTE
			  "8bit\n\nFrom: J\303\266rg <j@x>\n"
			  "Subject: b\n\nabcde" UMLAUT "\n--a--\n",
		    MIXED "\n--a\nContent-Type: message/rfc822\n" CTE
			  "7bit\n\nFrom: =?utf-8?Q?J=C3=B6rg?= <j@x>\n"
			  "Subject: b\nMIME-Version: 1.0\n"
			  "Content-Type: text/plain; charset=unknown-8bit\n" CTE
			  "quoted-printable\n\nabcde=C3=A4\n--a--\n" },
		{ "a line of an mbox in a message inside",
		    MIXED "\n--a\nContent-Type: message/rfc822\n\n"
			  "From j\303\266rg@x Mon Jan  1 00:00:00 2024\n"
			  "MIME-Version: 1.0\nContent-Type: text/plain\n\nx\n"
			  "--a--\n\303\244\n",
		    MIXED "\n--a\nContent-Type: message/rfc822\n\n"
			  "From j=C3=B6rg@x Mon Jan  1 00:00:00 2024\n"
			  "MIME-Version: 1.0\nContent-Type: text/plain\n\nx\n"
			  "--a--\n=C3=A4\n" },
		{ "no empty line before a message inside",
		    MIXED "\n--a\nContent-Type: message/rfc822\n"
			  "abcde \303\244\n--a--\n",
		    MIXED "\n--a\nContent-Type: message/rfc822\n\n"
			  "MIME-Version: 1.0\n"
			  "Content-Type: text/plain; charset=unknown-8bit\n" CTE
			  "quoted-printable\n\nabcde =C3=A4\n--a--\n" },
		{ "a file name",
		    MIXED "\n--a\nContent-Disposition: attachment; "
			  "filename=\"" UMLAUT "\"\n\nx\n--a--\n",
		    MIXED "\n--a\nContent-Disposition: attachment; "
			  "filename*=utf-8''%C3%A4\n\nx\n--a--\n" },
		{ "a part without header",
		    MIXED "\n--a\nabcde" UMLAUT "\n--a--\n",
		    MIXED "\n--a\n" CTE
			  "quoted-printable\n\nabcde=C3=A4\n--a--\n" },
		{ "8-bit text in encoded parts",
		    MIXED "\n--a\n" CTE "quoted-printable\n\n=3D" UMLAUT
			  "\n--a--\n",
		    MIXED "\n--a\n" CTE "quoted-printable\n\n=3D=C3=A4"
			  "\n--a--\n" },
		{ "a signed part that is ASCII",
		    MIXED "\n--a\n\n12345" UMLAUT
			  "\n--a\nContent-Type: multipart/signed; boundary=b\n"
			  "\n--b\n" CTE "8bit\n\n =a \n--b--\n--a--\n",
		    MIXED "\n--a\n" CTE "quoted-printable\n\n12345=C3=A4"
			  "\n--a\nContent-Type: multipart/signed; boundary=b\n"
			  "\n--b\n" CTE "8bit\n\n =a \n--b--\n--a--\n" },
		{ "a delimiter that never comes",
		    MIXED CTE "8bit\nX: y\n\nabcdef" UMLAUT
			      "\n--A\n\nx=y\n--a--\n",
		    "MIME-Version: 1.0\n"
		    "Content-Type: text/plain; charset=utf-8\n" CTE
		    "quoted-printable\nX: y\n\nabcdef=C3=A4\n"
		    "=2D-A\n\nx=3Dy\n=2D-a--\n" },
		{ "a delimiter of a part that never comes",
		    MIXED "\n--a\nContent-Type: multipart/alternative; "
			  "boundary=b\n\nabcdef\344\n--a--\n",
		    MIXED "\n--a\nContent-Type: text/plain; "
			  "charset=unknown-8bit\n" CTE
			  "quoted-printable\n\nabcdef=E4\n--a--\n" },
		{ "text after the delimiters of a part",
		    MIXED "\n--a\nContent-Type: multipart/mixed; boundary=b\n"
			  "\n--b\n\nx\n--b--\n\303\244: y\n--a--\n",
		    MIXED "\n--a\nContent-Type: multipart/mixed; boundary=b\n"
			  "\n--b\n\nx\n--b--\n=C3=A4: y\n--a--\n" },
		{ "text before the delimiters, like a field when encoded",
		    MIXED "\n--a\nContent-Type: multipart/mixed; boundary=b\n"
			  "\303\244: y\n--b\n\nx\n--b--\n--a--\n",
		    MIXED "\n--a\nContent-Type: multipart/mixed; boundary=b\n"
			  "\n=C3=A4: y\n--b\n\nx\n--b--\n--a--\n" },
		{ "a multipart that is declared as encoded",
		    MIXED CTE "base64\n\n--a\n\n12345" UMLAUT "\n--a--\n",
		    MIXED CTE "7bit\n\n--a\n" CTE
			      "quoted-printable\n\n12345=C3=A4\n--a--\n" },
		{ "other names of encodings",
		    MIXED CTE "8 bit\n\n--a\n" CTE "8-bit;\n\n12345" UMLAUT
			      "\n--a\n" CTE "plain\n\nx\n--a\n" CTE
			      "\"7bit\"\n\nx\n--a\n" CTE "x-y\n\nx\n--a--\n",
		    MIXED CTE "7bit\n\n--a\n" CTE
			      "quoted-printable\n\n12345=C3=A4\n--a\n" CTE
			      "7bit\n\nx\n--a\n" CTE "7bit\n\nx\n--a\n" CTE
			      "x-y\n\nx\n--a--\n" },
		{ "a delivery status in ASCII",
		    MIXED "\n--a\n\n12345" UMLAUT "\n--a\nContent-Type: "
			  "message/delivery-status\n" CTE
			  "8bit\n\nReporting-MTA: dns; x\n--a--\n",
		    MIXED "\n--a\n" CTE "quoted-printable\n\n12345=C3=A4\n"
			  "--a\nContent-Type: message/delivery-status\n" CTE
			  "7bit\n\nReporting-MTA: dns; x\n--a--\n" },
		{ "a line that would become a delimiter",
		    "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
		    "boundary=\"a=3D\"\n\n--a=3D\n\n12345" UMLAUT
		    "\n--a=\n--a=3D--\n",
		    "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
		    "boundary=\"a=3D\"\n\n--a=3D\n" CTE
		    "quoted-printable\n\n12345=C3=A4\n=2D-a=3D\n--a=3D--\n" },
		{ "no end of the parts", MIXED "\n--a\n\n12345" UMLAUT "\n",
		    MIXED "\n--a\n" CTE "quoted-printable\n\n12345=C3=A4\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 };
		struct error err = { 0 };
		struct str got = { 0 };

		read_message(&m, cases[i].before, strlen(cases[i].before));
		if (!message_make_7bit(&m, &err))
			fail_msg("%s: %s", cases[i].what, err.text);
		show_message(&m, &got);
		if (strcmp(got.data, cases[i].after) != 0)
			print_message("%s\n", cases[i].what);
		assert_string_equal(got.data, cases[i].after);
		str_free(&got);
		message_free(&m);
	}
}

#define PART(header) MIXED "\n--a\n\nx\n--a\n" header "\n\n" UMLAUT "\n--a--\n"

static void
rejects_8_bit_text_in_parts_that_must_not_change(void **state)
{
	static const char *const cases[] = {
		CTE "base64\n\nYW" UMLAUT "Jj\n",
		PART("Content-Type: message/delivery-status"),
		PART("Content-Type: message/disposition-notification"),
		PART("Content-Type: message/external-body; access-type=x"),
		PART("Content-Type: text/rfc822-headers"),
		PART("Content-Type: message/rfc822\n" CTE "quoted-printable"),
		MIXED CTE "quoted-printable\n\n" UMLAUT "\n",
		"Content-Type: multipart/signed; boundary=b\n\n" UMLAUT "\n",
		"Content-Type: multipart/signed; boundary=b\n\n"
		"--b\n\n" UMLAUT "\n--b--\n",
		"Content-Type: multipart/encrypted; boundary=b\n\n"
		"--b\nX: " UMLAUT "\n\n" UMLAUT "\n--b--\n",
		"Content-Type: multipart/signed; boundary=b\n\n"
		"--b\nContent-Type: multipart/mixed; boundary=c\n\n"
		"--c\n\nx\n--c--\n" UMLAUT "\n--b--\n",
		MIXED "\n--a\nContent-Type: application/pkcs7-mime\n\n" UMLAUT
		      "\n",
		"Content-Type: message/partial\n\n" UMLAUT "\n",
		"Content-Type: multipart/mixed\n\n" UMLAUT "\n",
		CTE "x-uuencode\n\n" UMLAUT "\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 };
		struct error err = { 0 };
		struct str before = { 0 }, after = { 0 };

		read_message(&m, cases[i], strlen(cases[i]));
		show_message(&m, &before);
		if (message_make_7bit(&m, &err))
			fail_msg("%s", cases[i]);
		assert_int_equal(err.kind, ERROR_UNSUPPORTED);
		assert_string_equal(err.status.enhanced, "5.6.3");
		assert_int_equal(error_exit_status(&err), 65);
		show_message(&m, &after);
		assert_string_equal(before.data, after.data);
		str_free(&before);
		str_free(&after);
		error_free(&err);
		message_free(&m);
	}
}

static void
says_which_part_cannot_be_sent_and_why(void **state)
{
	static const struct {
		const char *message, *text;
	} cases[] = {
		{ PART("Content-Type: message/delivery-status"),
		    "part 2 of the message (message/delivery-status) has 8-bit "
		    "text, the server does not offer 8BITMIME, and its type "
		    "forbids an encoding: write it in ASCII" },
		{ CTE "x-uuencode\n\n" UMLAUT "\n",
		    "the message (text/plain) has 8-bit text, the server does "
		    "not offer 8BITMIME, and its Content-Transfer-Encoding is "
		    "unknown: declare 8bit, quoted-printable or base64" },
		{ CTE "base64\n\nYW" UMLAUT "Jj\n",
		    "the message (text/plain) has 8-bit text, the server does "
		    "not offer 8BITMIME, and it is declared as base64, but is "
		    "not: declare the encoding that it has" },
		{ "Content-Type: multipart/mixed\n\n" UMLAUT "\n",
		    "the message (multipart/mixed) has 8-bit text, the server "
		    "does not offer 8BITMIME, and it cannot be divided into "
		    "parts: give its Content-Type a boundary of up to 250 "
		    "ASCII characters" },
		{ PART("Content-Type: message/rfc822\n" CTE "quoted-printable"),
		    "part 2 of the message (message/rfc822) has 8-bit text, "
		    "the server does not offer 8BITMIME, and it is declared as "
		    "quoted-printable, which its type forbids: declare it as "
		    "8bit" },
		{ "Content-Type: multipart/signed; boundary=b\n\n"
		  "--b\nX: " UMLAUT "\n\nx\n--b--\n",
		    "the header of part 1 of the message (text/plain) has "
		    "8-bit text, the server does not offer 8BITMIME, and it is "
		    "signed or encrypted and must not be changed: encode the "
		    "text as quoted-printable before it is signed" },
		{ "Content-Type: multipart/signed; boundary=b\n\n"
		  "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
		  "--c\n\nx\n--c--\n" UMLAUT "\n--b--\n",
		    "text around the parts of part 1 of the message has 8-bit "
		    "text, the server does not offer 8BITMIME, and it is "
		    "signed or encrypted and must not be changed: encode the "
		    "text as quoted-printable before it is signed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 };
		struct error err = { 0 };

		read_message(&m, cases[i].message, strlen(cases[i].message));
		assert_false(message_make_7bit(&m, &err));
		assert_string_equal(err.text, cases[i].text);
		error_free(&err);
		message_free(&m);
	}
}

/* Appends the text with a thousand letters for each "@". */
static void
expand(const char *text, struct str *out)
{
	for (; *text != '\0'; text++)
		for (size_t i = 0; i < (*text == '@' ? 1000 : 1); i++)
			str_add_char(out, *text == '@' ? 'x' : *text);
}

/* Parts with overlong lines are encoded if they may change.  Otherwise their
 * lines are broken. */
static void
shortens_lines_without_loss_if_possible(void **state)
{
	static const struct {
		const char *what, *before, *header;
		bool kept, broken;
	} cases[] = {
		{ "plain text", "To: y\n\n@\n", CTE "quoted-printable\n",
		    .broken = false },
		{ "text that declares nothing", "To: y\n\n@\n",
		    "To: y\nMIME-Version: 1.0\n"
		    "Content-Type: text/plain; charset=us-ascii\n" CTE
		    "quoted-printable\n\n",
		    .broken = false },
		{ "a part", MIXED "\n--a\nX: y\n\n@\n--a--\n",
		    "\n--a\nX: y\n" CTE "quoted-printable\n\n", .kept = false },
		{ "base64", CTE "base64\n\n@\n", CTE "base64\n\n",
		    .kept = false },
		{ "quoted-printable", CTE "quoted-printable\n\n@\n",
		    CTE "quoted-printable\n\n", .kept = false },
		{ "a signed part",
		    "Content-Type: multipart/signed; boundary=b\n\n"
		    "--b\nX: y\n\n@\n--b--\n",
		    "--b\nX: y\n\n", .kept = true, .broken = true },
		{ "header of a signed part",
		    "Content-Type: multipart/signed; boundary=b\n\n"
		    "--b\nX: y@\nY: z\n\nx\n--b--\n",
		    "\nY: z\n\nx", .kept = true, .broken = true },
		{ "preamble in a signed part",
		    "Content-Type: multipart/signed; boundary=b\n\n"
		    "--b\nContent-Type: multipart/mixed; boundary=c\n\n"
		    "@\n--c\n\nx\n--c--\n--b--\n",
		    "--c\n\nx\n--c--\n--b--\n", .kept = true },
		{ "encrypted data",
		    "Content-Type: application/pkcs7-mime\n\n@\n",
		    "pkcs7-mime\n\n", .kept = true, .broken = true },
		{ "an unknown encoding", CTE "x-uuencode\n\n@\n",
		    CTE "x-uuencode\n\n", .kept = true, .broken = true },
		{ "preamble and epilogue",
		    MIXED "\n@\n--a\nX: y\n\nx\n--a--\n@\n", "\n--a\nX: y\n\nx",
		    .kept = false },
		{ "a delimiter that never comes", MIXED "\n@\n--A\n\nx\n",
		    "Content-Type: text/plain; charset=us-ascii\n" CTE
		    "quoted-printable\n",
		    .kept = false },
		{ "text that is declared as base64", CTE "base64\n\n@.\n",
		    CTE "base64\n\n", .kept = true, .broken = true },
		{ "a delivery status",
		    "Content-Type: message/delivery-status\n\nX: @ @\n",
		    "delivery-status\n\nX: xxx", .kept = true, .broken = true },
		{ "an enclosed message that is declared as encoded",
		    "Content-Type: message/rfc822\n" CTE
		    "quoted-printable\n\nX: @ @\n",
		    CTE "quoted-printable\n\nX: xxx", .kept = true,
		    .broken = true },
		{ "no boundary", "Content-Type: multipart/mixed\n\n@\n",
		    "multipart/mixed\n\n", .kept = true, .broken = true },
		{ "the header", "Subject: @ @\nTo: y\n\nx\n", "To: y\n\nx\n",
		    .broken = true },
		{ "header of a part", MIXED "\n--a\nX: 1 @2 3\n\n@\n--a--\n",
		    CTE, .broken = true },
		{ "short lines", "To: y\n\nx\n", "To: y\n\nx\n",
		    .kept = false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 };
		struct error err = { 0 };
		struct str text = { 0 }, kept = { 0 }, got = { 0 };

		expand(cases[i].before, &text);
		read_message(&m, text.data, text.len);
		assert_true(message_shorten_lines(&m, &err));
		show_message(&m, &kept);
		if (m.has_long_lines != cases[i].kept
		    || (cases[i].kept
			&& (m.broken_lines
			    || strcmp(text.data, kept.data) != 0)))
			fail_msg("%s: %s", cases[i].what, kept.data);
		assert_true(message_break_lines(&m, &err));
		show_message(&m, &got);
		assert_false(m.has_long_lines);
		if (m.broken_lines != cases[i].broken
		    || longest_line(got.data, got.len) > MESSAGE_LINE_MAX
		    || strstr(got.data, cases[i].header) == NULL)
			fail_msg("%s: %s", cases[i].what, got.data);
		str_free(&text);
		str_free(&kept);
		str_free(&got);
		message_free(&m);
	}
}

/* Random messages and their contents. */

static void
add_content(struct str *out, uint64_t *seed)
{
	static const char octets[] = "ab \n=.-\303\244\377F\t";
	size_t len = next_random(seed) % (next_random(seed) % 4 ? 60 : 3000);
	size_t set = next_random(seed) % 4;

	for (; len > 0; len--) {
		unsigned r = next_random(seed);

		if (set == 0)
			str_add_char(out, (char)('a' + r % 26));
		else
			str_add_char(out, octets[r % (sizeof(octets) - 1)]);
	}
}

static void
add_entity(struct str *out, uint64_t *seed, size_t depth)
{
	static const char *const types[] = {
		"X: y\n",
		"Content-Type: text/plain\n" CTE "8bit\n",
		"Content-Type: image/png\n" CTE "binary\n",
		"Content-Type: text/html; charset=utf-8\n",
	};
	size_t parts = next_random(seed) % 4;

	if (depth == 0 || next_random(seed) % 2 == 0) {
		str_add(out, types[next_random(seed) % COUNT_OF(types)]);
		str_add_char(out, '\n');
		add_content(out, seed);
		return;
	}
	if (next_random(seed) % 4 == 0) {
		str_add(out, "Content-Type: message/rfc822\n\nTo: z\n");
		add_entity(out, seed, depth - 1);
		return;
	}
	str_printf(out,
	    "Content-Type: multipart/mixed; boundary=b%zu\n" CTE "8bit\n\n",
	    depth);
	for (size_t i = 0; i < parts; i++) {
		str_printf(out, "\n--b%zu\n", depth);
		add_entity(out, seed, depth - 1);
	}
	str_printf(out, "\n--b%zu--\n", depth);
}

/* Appends the decoded content of all parts. */
static void
gather_content(const struct message *m, struct str *out)
{
	struct mime_walk w;
	struct mime_piece piece;
	struct error err = { 0 };

	mime_walk_begin(&w, &m->header, &m->body);
	while (mime_walk_next(&w, &piece, &err)) {
		size_t len = (size_t)(piece.end - piece.start), got;
		char *text = malloc(len + 1);

		if (piece.kind == MIME_PIECE_HEADER
		    || piece.kind == MIME_PIECE_DELIMITER) {
			free(text);
			continue;
		}
		assert_true(buffer_file_read(&m->body, piece.start, text, len,
		    &got, &err));
		str_printf(out, "[%d:", w.entity.kind);
		if (w.entity.encoding == MIME_QUOTED_PRINTABLE)
			decode_quoted(out, text, len);
		else if (w.entity.encoding == MIME_BASE64)
			assert_true(decode_packed(out, text, len));
		else
			str_append(out, text, len);
		str_add_char(out, ']');
		free(text);
	}
	mime_walk_end(&w);
}

static void
decodes_to_the_same_contents(void **state)
{
	uint64_t seed = 11;

	(void)state;
	for (size_t round = 0; round < 400; round++) {
		struct message m = { 0 };
		struct error err = { 0 };
		struct str text = { 0 }, before = { 0 }, after = { 0 };
		struct str whole = { 0 };

		add_entity(&text, &seed, 3);
		read_message(&m, text.data, text.len);
		gather_content(&m, &before);
		assert_true(round % 2 ? message_shorten_lines(&m, &err)
				      : message_make_7bit(&m, &err));
		gather_content(&m, &after);
		assert_int_equal(before.len, after.len);
		assert_memory_equal(before.data, after.data, before.len);
		show_message(&m, &whole);
		if (round % 2 == 0)
			assert_true(text_is_ascii(whole.data, whole.len));
		str_free(&text);
		str_free(&before);
		str_free(&after);
		str_free(&whole);
		message_free(&m);
	}
}

/* Random sequences of pieces of messages. */
static void
converts_any_input(void **state)
{
	static const char *const words[] = { "--a", "--b", "--a--", "\n", "\n",
		"\n\n", "Content-Type: multipart/mixed; boundary=", "a", "b",
		"Content-Type: multipart/signed; boundary=a\n", "\"",
		"Content-Type: message/rfc822\n", CTE "8bit\n", CTE "base64\n",
		CTE "quoted-printable\n", UMLAUT, " ", "=", "x",
		"To: ", "Content-Type: text/plain\n", "(" };
	uint64_t seed = 5;

	(void)state;
	for (size_t round = 0; round < 3000; round++) {
		struct message m = { 0 };
		struct str text = { 0 }, whole = { 0 };

		for (size_t i = next_random(&seed) % 60; i > 0; i--)
			str_add(&text,
			    words[next_random(&seed) % COUNT_OF(words)]);
		if (round % 3 == 0)
			expand("@", &text);
		read_message(&m, str_text(&text), text.len);
		assert_true(message_shorten_lines(&m, NULL));
		if (message_make_7bit(&m, NULL)) {
			assert_true(message_break_lines(&m, NULL));
			show_message(&m, &whole);
			assert_true(text_is_ascii(whole.data, whole.len));
			assert_true(longest_line(whole.data, whole.len)
			    <= MESSAGE_LINE_MAX);
		}
		str_free(&text);
		str_free(&whole);
		message_free(&m);
	}
}

#define LONG_LINE 2000

static void
downgrades_a_copy_and_keeps_the_message(void **state)
{
	static const struct {
		const char *what, *text;
		bool long_line, fits, shares_body;
		struct message_form form;
		const char *header; /* header section of the copy */
		const char *body;   /* start of the body of the copy */
	} cases[] = {
		{ "ASCII fits", "To: x\n\ntext\n", false, true, true,
		    { true, true, true }, "To: x\n", "text\n" },
		{ "8-bit text fits 8BITMIME", "To: x\n\n" UMLAUT "\n", false,
		    true, true, { true, false, true }, "To: x\n", UMLAUT "\n" },
		{ "a long line fits BINARYMIME", "To: x\n\n", true, true, true,
		    { true, false, false }, "To: x\n", "xxx" },
		{ "8-bit header section", "X: " UMLAUT "\n\ntext\n", false,
		    false, true, { true, false, true }, "X: =?utf-8?B?w6Q=?=\n",
		    "text\n" },
		{ "8-bit header section and ASCII body",
		    "X: " UMLAUT "\n\ntext\n", false, false, true,
		    { true, true, true }, "X: =?utf-8?B?w6Q=?=\n", "text\n" },
		{ "8-bit body",
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n\naaaa" UMLAUT "\n",
		    false, false, false, { true, true, true },
		    "MIME-Version: 1.0\nContent-Type: text/plain; "
		    "charset=utf-8\n" CTE "quoted-printable\n",
		    "aaaa=C3=A4\n" },
		{ "a long line", "Content-Type: application/pkcs7-mime\n\n",
		    true, false, false, { true, false, true },
		    "Content-Type: application/pkcs7-mime\n", "xxx" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct message m = { 0 }, copy = { 0 };
		struct error err = { 0 };
		struct str text = { 0 }, before = { 0 }, after = { 0 };
		struct str seen = { 0 };

		str_add(&text, cases[i].text);
		for (size_t n = 0; cases[i].long_line && n < LONG_LINE; n++)
			str_add_char(&text, 'x');
		str_add(&text, cases[i].long_line ? "\n" : "");
		read_message(&m, text.data, text.len);
		show_message(&m, &before);
		if (message_fits(&m, &cases[i].form) != cases[i].fits)
			fail_msg("%s: fits is wrong", cases[i].what);
		assert_true(message_downgrade(&m, &cases[i].form, &copy, &err));
		assert_true(message_fits(&copy, &cases[i].form));
		assert_string_equal(str_text(&copy.header), cases[i].header);
		assert_int_equal(copy.body.shared, cases[i].shares_body);
		show_message(&copy, &seen);
		assert_int_equal(strncmp(seen.data + copy.header.len + 1,
				     cases[i].body, strlen(cases[i].body)),
		    0);
		assert_int_equal(copy.broken_lines,
		    cases[i].long_line && !cases[i].fits);
		message_free(&copy);
		show_message(&m, &after);
		assert_string_equal(str_text(&before), str_text(&after));
		assert_false(m.broken_lines);
		str_free(&text);
		str_free(&before);
		str_free(&after);
		str_free(&seen);
		message_free(&m);
	}
}

/* How the rest of the field is encoded does not matter here. */
static void
keeps_the_boundary_of_an_invalid_field(void **state)
{
	static const char before[] =
	    "MIME-Version: 1.0\nContent-Type: multipart/mixed; "
	    "boundary=\"a \\\"b\"\303\n\n--a \"b\n\n12345" UMLAUT
	    "\n--a \"b--\n";
	static const char start[] = "Content-Type: multipart/mixed; "
				    "boundary=\"a \\\"b\"";
	static const char body[] =
	    "\n\n--a \"b\n" CTE "quoted-printable\n\n12345=C3=A4\n"
	    "--a \"b--\n";
	struct message m = { 0 };
	struct error err = { 0 };
	struct str got = { 0 };

	(void)state;
	read_message(&m, before, sizeof(before) - 1);
	assert_true(message_make_7bit(&m, &err));
	show_message(&m, &got);
	assert_non_null(strstr(got.data, start));
	assert_non_null(strstr(got.data, body));
	str_free(&got);
	message_free(&m);
}

static void
folds_a_header_line_that_gets_too_long(void **state)
{
	const struct message_form form = { .ascii_header = true };
	struct message m = { 0 }, copy = { 0 };
	struct error err = { 0 };
	struct str text = { 0 };

	(void)state;
	str_add(&text, "Content-Disposition: attachment; filename=\"");
	for (size_t i = 0; i < 400; i++)
		str_add(&text, UMLAUT);
	str_add(&text, "\"\n\nx\n");
	read_message(&m, text.data, text.len);
	assert_true(message_downgrade(&m, &form, &copy, &err));
	assert_true(text_is_ascii(copy.header.data, copy.header.len));
	assert_true(longest_line(copy.header.data, copy.header.len)
	    <= MESSAGE_LINE_MAX);
	str_free(&text);
	message_free(&copy);
	message_free(&m);
}

/* Folding encodes the words of a field whose line is too long. */
static void
notes_that_folding_made_the_header_ascii(void **state)
{
	struct message m = { 0 };
	struct error err = { 0 };
	struct str text = { 0 }, seen = { 0 };

	(void)state;
	expand("From: :\"J" UMLAUT "@@ x " UMLAUT "\n\ny\n", &text);
	read_message(&m, text.data, text.len);
	assert_true(message_shorten_lines(&m, &err));
	show_message(&m, &seen);
	str_free(&text);
	str_free(&seen);
	message_free(&m);
}

static void
returns_an_empty_copy_on_errors(void **state)
{
	const struct message_form form = { .ascii = true };
	struct message m = { 0 }, copy = { 0 };
	struct error err = { 0 };
	char text[] = "Content-Type: application/pkcs7-mime\n\n" UMLAUT "\n";

	(void)state;
	read_message(&m, text, strlen(text));
	assert_false(message_downgrade(&m, &form, &copy, &err));
	assert_string_equal(err.status.enhanced, "5.6.3");
	assert_null(copy.header.data);
	assert_int_equal(copy.body.size, 0);
	assert_int_equal(m.body.size, 3);
	error_free(&err);
	message_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_only_parts_with_8_bit_text),
		cmocka_unit_test(
		    rejects_8_bit_text_in_parts_that_must_not_change),
		cmocka_unit_test(says_which_part_cannot_be_sent_and_why),
		cmocka_unit_test(shortens_lines_without_loss_if_possible),
		cmocka_unit_test(decodes_to_the_same_contents),
		cmocka_unit_test(converts_any_input),
		cmocka_unit_test(downgrades_a_copy_and_keeps_the_message),
		cmocka_unit_test(keeps_the_boundary_of_an_invalid_field),
		cmocka_unit_test(folds_a_header_line_that_gets_too_long),
		cmocka_unit_test(notes_that_folding_made_the_header_ascii),
		cmocka_unit_test(returns_an_empty_copy_on_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
