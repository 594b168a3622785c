/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes/output.h"

#include <string.h>

#include "unit.h"

#define DAY 86400
#define END 1766275200 /* 2025-12-21 00:00:00 UTC */

static void
describes_a_certificate(void **state)
{
	struct tls_peer peer = { .activation = END - 30 * DAY,
		.expiration = END,
		.sha256 = { "0123", "abcd" } };
	struct str out = { 0 };

	(void)state;
	str_add(&peer.subject, "CN=mx.test");
	str_add(&peer.issuer, "CN=Test\x1b[2JCA");
	str_add(&peer.names, "mx.test, 127.0.0.1");
	output_certificate(&out, OUTPUT_DETAIL, &peer, END - 7 * DAY);
	assert_string_equal(str_text(&out),
	    "        subject: CN=mx.test\n"
	    "        issuer: CN=Test?[2JCA\n"
	    "        names: mx.test, 127.0.0.1\n"
	    "        valid from: 2025-11-21 00:00:00 UTC\n"
	    "        valid until: 2025-12-21 00:00:00 UTC\n"
	    "        days left: 7\n"
	    "        SHA-256: 0123\n"
	    "        SHA-256 of the key: spki:abcd\n");
	str_free(&out);
	str_free(&peer.subject);
	str_free(&peer.issuer);
	str_free(&peer.names);
}

static const struct {
	long seconds;
	const char *line;
} rows[] = {
	{ 30 * DAY, "days left: 30\n" },
	{ DAY + 1, "days left: 1\n" },
	{ DAY - 1, "days left: 0\n" },
	{ 0, "days left: 0\n" },
	{ -1, "days left: -1\n" },
	{ -DAY, "days left: -1\n" },
	{ -DAY - 1, "days left: -2\n" },
};

static void
rounds_the_days_left_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct tls_peer peer = { .expiration = END };
		struct str out = { 0 };

		output_certificate(&out, OUTPUT_TOP, &peer,
		    END - rows[i].seconds);
		if (strstr(str_text(&out), rows[i].line) == NULL)
			fail_msg("expected %s in %s", rows[i].line,
			    str_text(&out));
		str_free(&out);
	}
}

static void
names_a_server_by_host_and_port_or_by_socket(void **state)
{
	struct str out = { 0 };

	(void)state;
	output_host(&out, NULL, "mx.test", 25);
	output_host(&out, "/run/lmtp", NULL, 0);
	assert_string_equal(str_text(&out),
	    "Host: mx.test port 25\nSocket: /run/lmtp\n");
	str_free(&out);
}

static void
cleans_labels_and_values(void **state)
{
	struct str out = { 0 };

	(void)state;
	output_line(&out, OUTPUT_TOP, "RCPT <a\r\nb>", "250 ok\x9b");
	output_format(&out, OUTPUT_PART, "result", "%s %d", "a\tb", 75);
	assert_string_equal(str_text(&out),
	    "RCPT <a b>: 250 ok?\n    result: a b 75\n");
	str_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(describes_a_certificate),
		cmocka_unit_test(rounds_the_days_left_down),
		cmocka_unit_test(names_a_server_by_host_and_port_or_by_socket),
		cmocka_unit_test(cleans_labels_and_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
