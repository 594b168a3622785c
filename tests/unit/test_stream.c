/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_pair.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Lines. */

static void
reads_lines_that_end_in_crlf_or_lf(void **state)
{
	(void)state;
	say("220 a\r\n250-b\n\r\n\n250\r \rc\r\n");
	expect_line("220 a");
	expect_line("250-b");
	expect_line("");
	expect_line("");
	expect_line("250\r \rc");
	assert_int_equal(stream_buffered(&ours), 0);
}

static void
keeps_a_nul_in_a_line(void **state)
{
	struct error err = { 0 };
	struct str line = { 0 };

	(void)state;
	assert_int_equal(write(peer, "250 \0x\r\n", 8), 8);
	assert_true(stream_read_line(&ours, &line,
	    clock_after_seconds(LONG_TIME), &err));
	assert_int_equal(line.len, 6);
	assert_memory_equal(line.data, "250 \0x", 7);
	str_free(&line);
}

static void
never_returns_an_incomplete_line(void **state)
{
	(void)state;
	say("250 ok\r\n250 ok");
	hang_up();
	expect_line("250 ok");
	expect_no_line(ERROR_NETWORK);
	expect_no_line(ERROR_NETWORK);
	assert_true(ours.at_end);
}

static void
reports_the_end_of_the_connection(void **state)
{
	(void)state;
	assert_false(stream_poll_input(&ours));
	hang_up();
	assert_true(stream_poll_input(&ours));
	assert_int_equal(stream_buffered(&ours), 0);
	expect_no_line(ERROR_NETWORK);
}

static void
send_long_line(size_t len)
{
	char *text = malloc(len + 2);

	memset(text, 'x', len);
	memcpy(text + len, "\r\n", 2);
	assert_int_equal(write(peer, text, len + 2), len + 2);
	free(text);
}

static void
reads_the_longest_line_and_rejects_longer_ones(void **state)
{
	struct error err = { 0 };
	struct str line = { 0 };

	(void)state;
	send_long_line(STREAM_LINE_MAX - 2);
	send_long_line(STREAM_LINE_MAX - 1);
	assert_true(stream_read_line(&ours, &line,
	    clock_after_seconds(LONG_TIME), &err));
	assert_int_equal(line.len, STREAM_LINE_MAX - 2);
	expect_no_line(ERROR_PROTOCOL);
	str_free(&line);
}

static void *
flood_without_line_ends(void *arg)
{
	static char block[4096];

	(void)arg;
	while (send(peer, block, sizeof(block), MSG_NOSIGNAL) > 0)
		continue;
	return NULL;
}

static void
fails_for_a_line_that_does_not_end(void **state)
{
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, flood_without_line_ends, NULL);
	expect_no_line(ERROR_PROTOCOL);
	transport_close(&ours.transport);
	pthread_join(thread, NULL);
}

static void
keeps_the_buffer_small_for_many_lines(void **state)
{
	struct str text = { 0 };
	char expected[32];

	(void)state;
	for (int i = 0; i < 9000; i++)
		str_printf(&text, "250 %d\r\n", i);
	assert_int_equal(write(peer, text.data, text.len), text.len);
	for (int i = 0; i < 9000; i++) {
		snprintf(expected, sizeof(expected), "250 %d", i);
		expect_line(expected);
	}
	assert_true(ours.in.size < 65536);
	str_free(&text);
}

/* Deadlines. */

static void
times_out_if_no_line_arrives(void **state)
{
	struct error err = { 0 };
	struct str line = { 0 };

	(void)state;
	say("250 o");
	assert_false(
	    stream_read_line(&ours, &line, clock_after_seconds(1), &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);

	ours.deadline = clock_after_seconds(1);
	assert_false(stream_read_line(&ours, &line, CLOCK_NEVER, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
	str_free(&line);
}

static void
reads_a_reply_that_arrived_before_the_deadline(void **state)
{
	struct error err = { 0 };
	struct str line = { 0 };

	(void)state;
	say("250 ok\r\n");
	assert_true(
	    stream_read_line(&ours, &line, clock_now() - 1200000, &err));
	assert_string_equal(str_text(&line), "250 ok");
	str_free(&line);
}

static void
times_out_if_the_peer_does_not_read(void **state)
{
	static char block[STREAM_GROUP_MAX];
	struct error err = { 0 };

	(void)state;
	while (stream_write(&ours, block, sizeof(block), 1, CLOCK_NEVER, &err))
		continue;
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_true(ours.sent > 0);
	error_free(&err);
}

static void
stops_writing_at_the_deadline(void **state)
{
	static char block[STREAM_GROUP_MAX];
	struct error err = { 0 };

	(void)state;
	ours.deadline = clock_after_seconds(1);
	while (stream_write(&ours, block, sizeof(block), 0, CLOCK_NEVER, &err))
		continue;
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
}

/* Groups of commands. */

static void
writes_a_group_at_once(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(stream_put_line(&ours, "MAIL FROM:<>", NULL, &err));
	assert_true(stream_put_line(&ours, "RCPT TO:<a@b>", NULL, &err));
	str_append(&ours.out, "x.y", 3);
	expect_sent("");
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("MAIL FROM:<>\r\nRCPT TO:<a@b>\r\nx.y");
	assert_int_equal(ours.sent, 32);
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("");
}

static void
sends_the_body_after_the_commands(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(stream_put_line(&ours, "BDAT 4 LAST", NULL, &err));
	assert_true(
	    stream_write(&ours, "a\r\n.", 4, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("BDAT 4 LAST\r\na\r\n.");
	assert_true(stream_write(&ours, "b", 1, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("b");
	assert_int_equal(ours.sent, 18);
}

static void
reports_whether_a_line_fits_into_a_group(void **state)
{
	static const char block[STREAM_GROUP_MAX + 1];

	(void)state;
	assert_true(stream_fits(&ours, STREAM_GROUP_MAX));
	assert_false(stream_fits(&ours, STREAM_GROUP_MAX + 1));
	assert_false(stream_fits(&ours, SIZE_MAX));
	str_append(&ours.out, block, 10);
	assert_true(stream_fits(&ours, STREAM_GROUP_MAX - 10));
	assert_false(stream_fits(&ours, STREAM_GROUP_MAX - 9));
	str_append(&ours.out, block, sizeof(block));
	assert_false(stream_fits(&ours, 0));
}

static void
rejects_a_line_with_control_characters(void **state)
{
	static const char *const lines[] = { "RCPT TO:<a@b>\r\nDATA", "a\nb",
		"a\rb", "a\tb", "a\x7f" };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		assert_false(stream_put_line(&ours, lines[i], NULL, &err));
		assert_int_equal(err.kind, ERROR_INTERNAL);
		error_free(&err);
	}
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("");
}

static void
writes_nothing_after_a_failure(void **state)
{
	struct error err = { 0 };

	(void)state;
	ours.deadline = clock_now() - 1;
	while (stream_write(&ours, "half a message\r\n", 16, 0, 0, &err))
		continue;
	error_free(&err);
	ours.deadline = CLOCK_NEVER;
	assert_true(stream_put_line(&ours, ".", NULL, &err));
	assert_false(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
	assert_false(stream_write(&ours, ".", 1, 1, CLOCK_NEVER, &err));
	error_free(&err);
}

static void
wipes_a_secret_after_sending_it(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_true(stream_put_line(&ours, "AUTH PLAIN c2VzYW1l",
	    "AUTH PLAIN [hidden]", &err));
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	expect_sent("AUTH PLAIN c2VzYW1l\r\n");
	for (size_t i = 0; i < strlen("AUTH PLAIN c2VzYW1l\r\n"); i++)
		assert_int_equal(ours.out.data[i], 0);
	assert_null(memmem(ours.out.data, ours.out.size, "c2V", 3));
}

/* Trace. */

static struct str traced;

static void
note(void *ctx, enum stream_direction direction, const char *line)
{
	str_printf(ctx, "%s%s\n", direction == STREAM_SENT ? "> " : "< ", line);
}

static void
traces_each_line_once_cleaned_and_redacted(void **state)
{
	struct error err = { 0 };

	(void)state;
	ours.trace = note;
	ours.trace_ctx = &traced;
	stream_hide(&ours, "sesame");
	stream_hide(&ours, "AGJvYgBzZXNhbWU=");
	stream_put_line(&ours, "EHLO a", NULL, &err);
	stream_put_line(&ours,
	    "AUTH PLAIN AGJvYgBzZXNhbWU=", "AUTH PLAIN [hidden]", &err);
	stream_put_line(&ours, "AGJvYgBzZXNhbWU", NULL, &err);
	str_append(&ours.out, "body", 4);
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	say("250 \x1b[31m\r\n535 sesame? AGJvYgBzZXNhbWU= c2VzYW1l\r\n");
	expect_line("250 \x1b[31m");
	expect_line("535 sesame? AGJvYgBzZXNhbWU= c2VzYW1l");
	stream_remark(&ours, "TLS1.3 sesame");
	assert_string_equal(str_text(&traced),
	    "> EHLO a\n"
	    "> AUTH PLAIN [hidden]\n"
	    "> [hidden]\n"
	    "< 250 ?[31m\n"
	    "< 535 [hidden]? [hidden] [hidden]\n"
	    "< TLS1.3 [hidden]\n");
	str_free(&traced);
}

static void
redacts_and_cleans_a_text(void **state)
{
	struct str text = { 0 };

	(void)state;
	stream_redact(&ours, &text);
	assert_string_equal(str_text(&text), "");
	stream_hide(&ours, "a\x07z");
	str_add(&text, "no \x07 a\x07z");
	stream_redact(&ours, &text);
	assert_string_equal(str_text(&text), "no ? [hidden]");
	str_free(&text);
}

static void
is_empty_after_it_is_closed(void **state)
{
	struct error err = { 0 };

	(void)state;
	str_append(&ours.out, "x", 1);
	stream_hide(&ours, "sesame");
	stream_close(&ours);
	stream_close(&ours);
	assert_int_equal(stream_buffered(&ours), 0);
	assert_false(stream_flush(&ours, 1, CLOCK_NEVER, &err));
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(reads_lines_that_end_in_crlf_or_lf),
		PAIR_TEST(keeps_a_nul_in_a_line),
		PAIR_TEST(never_returns_an_incomplete_line),
		PAIR_TEST(reports_the_end_of_the_connection),
		PAIR_TEST(reads_the_longest_line_and_rejects_longer_ones),
		PAIR_TEST(fails_for_a_line_that_does_not_end),
		PAIR_TEST(keeps_the_buffer_small_for_many_lines),
		PAIR_TEST(times_out_if_no_line_arrives),
		PAIR_TEST(reads_a_reply_that_arrived_before_the_deadline),
		PAIR_TEST(times_out_if_the_peer_does_not_read),
		PAIR_TEST(stops_writing_at_the_deadline),
		PAIR_TEST(writes_a_group_at_once),
		PAIR_TEST(sends_the_body_after_the_commands),
		PAIR_TEST(reports_whether_a_line_fits_into_a_group),
		PAIR_TEST(rejects_a_line_with_control_characters),
		PAIR_TEST(writes_nothing_after_a_failure),
		PAIR_TEST(wipes_a_secret_after_sending_it),
		PAIR_TEST(traces_each_line_once_cleaned_and_redacted),
		PAIR_TEST(redacts_and_cleans_a_text),
		PAIR_TEST(is_empty_after_it_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
