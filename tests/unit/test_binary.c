/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buffer_file.h"
#include "mail/message.h"
#include "mime/binary.h"

/* Receives the octets in pieces; returns header section, empty line and body,
 * or NULL if the message is rejected. */
static char *
receive(const char *octets, size_t len, size_t piece, struct error *err)
{
	struct binary_message b;
	struct message m = { 0 };
	struct str out = { 0 };
	bool ok = true;

	binary_message_begin(&b, NULL);
	for (size_t at = 0; ok && at < len; at += piece)
		ok = binary_message_add(&b, octets + at,
		    len - at < piece ? len - at : piece, err);
	if (ok && binary_message_end(&b, &m, err)) {
		size_t got;

		str_append(&out, str_text(&m.header), m.header.len);
		str_add_char(&out, '\n');
		assert_true(buffer_file_read(&m.body, 0,
		    str_reserve(&out, (size_t)m.body.size + 1),
		    (size_t)m.body.size + 1, &got, NULL));
		out.len += got;
		out.data[out.len] = '\0';
		assert_int_equal(strlen(out.data), out.len);
	} else {
		ok = false;
	}
	message_free(&m);
	binary_message_free(&b);
	return ok ? str_steal(&out) : NULL;
}

#define TEXT(t) t, sizeof(t) - 1
#define BINARY "Content-Transfer-Encoding: binary\r\n"
#define V "MIME-Version: 1.0\n"
#define BASE64 "Content-Transfer-Encoding: base64\n"

static const struct {
	const char *octets;
	size_t len;
	const char *expected; /* NULL: rejected with 5.6.1 */
} cases[] = {
	{ TEXT(""), "\n" },
	{ TEXT("a: b\r\n\r\nhi\r\n"), "a: b\n\nhi\n" },
	{ TEXT("a: b\r\n"), "a: b\n\n" },
	/* Regular content keeps its octets and what is declared. */
	{ TEXT(BINARY "\r\nhi\r\nthere\r\n"),
	    "Content-Transfer-Encoding: binary\n\nhi\nthere\n" },
	/* Text that is not declared as binary. */
	{ TEXT("a: b\r\n\r\nhi"), "a: b\n\nhi\n" },
	{ TEXT("a: b\r\n\r\nhi\nthere\r\n"), "a: b\n\nhi\nthere\n" },
	{ TEXT("a: b\r\n\r\nhi\0\rthere\r\n"), "a: b\n\nhi\nthere\n" },
	/* The whole message is binary. */
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\n\0"),
	    BASE64 "Content-Type: image/x\n" V "\nAA==\n" },
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\n\r\n"),
	    "Content-Transfer-Encoding: binary\nContent-Type: image/x\n\n\n" },
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\nx"),
	    BASE64 "Content-Type: image/x\n" V "\neA==\n" },
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\n\r"),
	    BASE64 "Content-Type: image/x\n" V "\nDQ==\n" },
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\n\n"),
	    BASE64 "Content-Type: image/x\n" V "\nCg==\n" },
	{ TEXT(BINARY "Content-Type: image/x\r\n\r\n\0\r\n"),
	    BASE64 "Content-Type: image/x\n" V "\nAA0K\n" },
	{ TEXT(BINARY "\r\na\nb\r\n"), BASE64 V "\nYQpiDQo=\n" },
	{ TEXT("Content-Type: image/x\r\n\r\n\0"),
	    "Content-Type: image/x\n" BASE64 V "\nAA==\n" },
	/* A part; the line end before the delimiter is not its content. */
	{ TEXT("Content-Type: multipart/mixed; boundary=b\r\n" BINARY
	       "\r\npre\r\n--b\r\n\r\ntext\r\n--b\r\n"
	       "Content-Type: image/x\r\n" BINARY
	       "\r\n\0\r\n\n--b\n\r\n--b--\r\nepi\0"),
	    "Content-Type: multipart/mixed; boundary=b\n"
	    "Content-Transfer-Encoding: 8bit\n"
	    "\npre\n--b\n\ntext\n--b\nContent-Type: image/x\n" BASE64
	    "\nAA0KCi0tYgo=\n--b--\nepi\n" },
	/* A part in a message in a part. */
	{ TEXT("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	       "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" BINARY
	       "Content-Type: image/x\r\n\r\n\0\r\n--b--\r\n"),
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: message/rfc822\n\nSubject: x\n" BASE64
	    "Content-Type: image/x\n" V "\nAA==\n--b--\n" },
	/* An encrypted message may be encoded, a part of a signed one not. */
	{ TEXT("Content-Type: application/pkcs7-mime\r\n" BINARY "\r\n\0"),
	    "Content-Type: application/pkcs7-mime\n" BASE64 V "\nAA==\n" },
	{ TEXT("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
	       "Content-Type: image/x\r\n" BINARY "\r\n\0\r\n--b--\r\n"),
	    NULL },
	{ TEXT("Content-Type: message/partial\r\n" BINARY "\r\n\0\r\n"), NULL },
};

static void
encodes_only_what_is_not_lines(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases) * COUNT_OF(pieces); i++) {
		size_t n = i / COUNT_OF(pieces);
		size_t piece = pieces[i % COUNT_OF(pieces)];
		struct error err = { 0 };
		char *got = receive(cases[n].octets, cases[n].len, piece, &err);

		if (cases[n].expected == NULL) {
			assert_null(got);
			assert_string_equal(err.status.enhanced, "5.6.1");
		} else if (got == NULL || strcmp(got, cases[n].expected) != 0) {
			fail_msg("case %zu in pieces of %zu: %s", n, piece,
			    got != NULL ? got : err.text);
		}
		error_free(&err);
		free(got);
	}
}

/* Decodes the lines of base64 after the header section. */
static void
decode_body(const char *message, struct str *out)
{
	const char *body = strstr(message, "\n\n") + 2;
	struct str text = { 0 };

	for (; *body != '\0'; body++)
		if (*body != '\n')
			str_add_char(&text, *body);
	assert_true(base64_decode(out, str_text(&text), text.len));
	str_free(&text);
}

/* Octets of the four kinds that the code distinguishes, in any order. */
static void
returns_every_octet(void **state)
{
	static const char kinds[] = { '\0', '\r', '\n', 'x' };
	static const char header[] = BINARY "Content-Type: image/x\r\n\r\n";
	static const size_t lengths[] = { 1, 5, 56, 57, 58, 114, 40000 };
	unsigned random = 1;

	(void)state;
	for (size_t i = 0; i < 70; i++) {
		size_t len = lengths[i % COUNT_OF(lengths)];
		struct str octets = { 0 }, got = { 0 };
		char *message;

		str_add(&octets, header);
		for (size_t j = 0; j < len; j++) {
			random = random * 1103515245 + 12345;
			str_add_char(&octets, kinds[random >> 16 & 3]);
		}
		/* Ensures that the content is not in lines. */
		str_add_char(&octets, '\0');
		message = receive(octets.data, octets.len, 1 + i * 777, NULL);
		assert_non_null(message);
		decode_body(message, &got);
		assert_int_equal(got.len, len + 1);
		assert_memory_equal(got.data, octets.data + sizeof(header) - 1,
		    got.len);
		free(message);
		str_free(&octets);
		str_free(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_only_what_is_not_lines),
		cmocka_unit_test(returns_every_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
