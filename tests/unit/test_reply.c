/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "smtp/reply.h"

/* Opens a stream that receives these octets and then the end of the
 * connection. */
static void
receive(struct stream *s, const char *octets, size_t len)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], octets, len), len);
	close(pair[1]);
	transport_init_socket(&s->transport, pair[0]);
}

static bool
read_octets(const char *octets, size_t len, struct reply *reply,
    struct error *err)
{
	struct stream s = { 0 };
	bool ok;

	receive(&s, octets, len);
	ok = reply_read(&s, reply, clock_after_seconds(10), err);
	stream_close(&s);
	return ok;
}

static void
reads_complete_replies(void **state)
{
	static const struct {
		const char *octets;
		int code;
		const char *status;
		size_t lines;
		const char *first;
	} cases[] = {
		{ "250 ok\r\n", 250, "", 1, "ok" },
		{ "250 2.1.0 ok\r\n", 250, "2.1.0", 1, "2.1.0 ok" },
		{ "250\r\n", 250, "", 1, "" },
		{ "250 \r\n", 250, "", 1, "" },
		{ "250 bare line feed\n", 250, "", 1, "bare line feed" },
		{ "250-a\r\n250-b\r\n250 c\r\n", 250, "", 3, "a" },
		{ "250-\r\n250\r\n", 250, "", 2, "" },
		{ "550 2.0.0 liar\r\n", 550, "", 1, "2.0.0 liar" },
		{ "250 5.1.1 liar\r\n", 250, "", 1, "5.1.1 liar" },
		{ "450 4.2.0\r\n", 450, "4.2.0", 1, "4.2.0" },
		{ "354 go ahead\r\n", 354, "", 1, "go ahead" },
		{ "599 odd\r\n", 599, "", 1, "odd" },
		{ "250 ok\r\n250 more\r\n", 250, "", 1, "ok" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct reply reply = { 0 };
		struct error err = { 0 };

		if (!read_octets(cases[i].octets, strlen(cases[i].octets),
			&reply, &err))
			fail_msg("%s: %s", cases[i].octets, err.text);
		assert_int_equal(reply.status.code, cases[i].code);
		assert_string_equal(reply.status.enhanced, cases[i].status);
		assert_int_equal(reply.lines.count, cases[i].lines);
		assert_string_equal(reply.lines.items[0], cases[i].first);
		reply_free(&reply);
	}
}

static void
rejects_invalid_replies(void **state)
{
	static const char *const cases[] = { "\r\n", "2\r\n", "25\r\n",
		"2500 x\r\n", "25a x\r\n", "099 x\r\n", "199 x\r\n",
		"600 x\r\n", " 250 x\r\n", "250x\r\n", "250_x\r\n", "hello\r\n",
		"HTTP/1.1 400 Bad Request\r\n", "250-a\r\n251 b\r\n",
		"250-a\r\n\r\n", "+OK\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct reply reply = { 0 };
		struct error err = { 0 };

		assert_false(
		    read_octets(cases[i], strlen(cases[i]), &reply, &err));
		if (err.kind != ERROR_PROTOCOL)
			fail_msg("%s: %s", cases[i], err.text);
		assert_int_equal(reply.lines.count, 0);
		error_free(&err);
	}
}

static void
rejects_a_nul_in_the_code(void **state)
{
	struct reply reply = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_false(read_octets("2\0"
				 "50 ok\r\n",
	    9, &reply, &err));
	assert_int_equal(err.kind, ERROR_PROTOCOL);
	error_free(&err);
}

static void
reports_a_lost_connection_instead_of_a_reply(void **state)
{
	static const char *const cases[] = { "", "2", "250 ok", "250 ok\r",
		"250-ok\r\n", "250-ok\r\n250 o" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct reply reply = { 0 };
		struct error err = { 0 };

		assert_false(
		    read_octets(cases[i], strlen(cases[i]), &reply, &err));
		assert_int_equal(err.kind, ERROR_NETWORK);
		assert_true(err.temporary);
		error_free(&err);
	}
}

/* A stream that has received a reply of so many lines of this length. */
static bool
read_long_reply(size_t lines, size_t length, struct error *err)
{
	struct stream s = { .at_end = true };
	struct reply reply = { 0 };
	bool ok;

	for (size_t i = 1; i <= lines; i++) {
		str_add(&s.in, i < lines ? "250-" : "250 ");
		for (size_t at = 4; at < length; at++)
			str_add_char(&s.in, 'x');
		str_add(&s.in, "\r\n");
	}
	ok = reply_read(&s, &reply, clock_after_seconds(10), err);
	reply_free(&reply);
	stream_close(&s);
	return ok;
}

static void
limits_the_lines_and_the_octets_of_a_reply(void **state)
{
	static const struct {
		size_t lines, length;
		bool ok;
	} cases[] = {
		{ REPLY_LINES_MAX, 10, true },
		{ REPLY_LINES_MAX + 1, 10, false },
		{ REPLY_OCTETS_MAX / 10000, 10000, true },
		{ REPLY_OCTETS_MAX / 10000 + 1, 10000, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct error err = { 0 };

		assert_int_equal(read_long_reply(cases[i].lines,
				     cases[i].length, &err),
		    cases[i].ok);
		if (!cases[i].ok) {
			assert_int_equal(err.kind, ERROR_PROTOCOL);
			assert_string_equal(err.text,
			    "the server's reply is too long");
		}
		error_free(&err);
	}
}

static void
shows_replies_without_control_characters(void **state)
{
	static const char octets[] = "550-5.1.1 no\x1b[2J\0such\r\n"
				     "550 5.1.1 user \xc2\x9b here\r\n";
	struct stream s = { 0 };
	struct reply reply = { 0 };
	struct error err = { 0 };
	char *text;

	(void)state;
	receive(&s, octets, sizeof(octets) - 1);
	assert_true(reply_read(&s, &reply, clock_after_seconds(10), &err));
	text = reply_text(&reply, &s);
	assert_string_equal(text, "550 5.1.1 no?[2J?such user ? here");
	free(text);
	reply_free(&reply);
	stream_close(&s);
}

static void
hides_a_secret_that_the_server_repeats(void **state)
{
	static const char octets[] =
	    "535 5.7.8 bad AHVzZXIAc2VjcmV0 secret\r\n";
	struct stream s = { 0 };
	struct reply reply = { 0 };
	struct error err = { 0 };

	(void)state;
	receive(&s, octets, sizeof(octets) - 1);
	stream_hide(&s, "secret");
	stream_hide(&s, "AHVzZXIAc2VjcmV0");
	assert_true(reply_read(&s, &reply, clock_after_seconds(10), &err));
	assert_false(reply_rejected(&reply, &s, STAGE_AUTH, &err));
	assert_string_equal(err.said, "535 5.7.8 bad [hidden] [hidden]");
	error_free(&err);
	reply_free(&reply);
	stream_close(&s);
}

static void
makes_an_error_of_a_rejection(void **state)
{
	static const struct {
		const char *octets;
		enum smtp_stage stage;
		enum error_kind kind;
		bool temporary;
		const char *status;
	} cases[] = {
		{ "550 5.1.1 no\r\n", STAGE_RCPT, ERROR_REJECTED, false,
		    "5.1.1" },
		{ "550 no\r\n", STAGE_RCPT, ERROR_REJECTED, false, "5.1.1" },
		{ "550 2.0.0 no\r\n", STAGE_RCPT, ERROR_REJECTED, false,
		    "5.1.1" },
		{ "450 later\r\n", STAGE_RCPT, ERROR_REJECTED, true, "4.2.0" },
		{ "535 no\r\n", STAGE_AUTH, ERROR_REJECTED, false, "5.7.8" },
		{ "553 no\r\n", STAGE_MAIL, ERROR_REJECTED, false, "5.1.7" },
		{ "554 no\r\n", STAGE_GREETING, ERROR_REJECTED, false,
		    "5.3.2" },
		{ "554 no\r\n", STAGE_END_OF_DATA, ERROR_REJECTED, false,
		    "5.0.0" },
		{ "354 what\r\n", STAGE_MAIL, ERROR_PROTOCOL, false, "5.5.0" },
		{ "250 what\r\n", STAGE_DATA, ERROR_PROTOCOL, false, "5.5.0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stream s = { 0 };
		struct reply reply = { 0 };
		struct error err = { 0 };

		assert_true(read_octets(cases[i].octets,
		    strlen(cases[i].octets), &reply, &err));
		assert_false(reply_rejected(&reply, &s, cases[i].stage, &err));
		assert_int_equal(err.kind, cases[i].kind);
		assert_int_equal(err.stage,
		    err.kind == ERROR_REJECTED ? cases[i].stage : STAGE_NONE);
		assert_int_equal(err.temporary, cases[i].temporary);
		assert_string_equal(err.status.enhanced, cases[i].status);
		assert_int_equal(err.status.code, reply.status.code);
		assert_non_null(err.said);
		error_free(&err);
		reply_free(&reply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_complete_replies),
		cmocka_unit_test(rejects_invalid_replies),
		cmocka_unit_test(rejects_a_nul_in_the_code),
		cmocka_unit_test(reports_a_lost_connection_instead_of_a_reply),
		cmocka_unit_test(limits_the_lines_and_the_octets_of_a_reply),
		cmocka_unit_test(shows_replies_without_control_characters),
		cmocka_unit_test(hides_a_secret_that_the_server_repeats),
		cmocka_unit_test(makes_an_error_of_a_rejection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
