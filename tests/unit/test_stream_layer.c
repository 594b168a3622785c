/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_pair.h"

/* A transport that performs one step of a script in each call. */

struct step {
	ssize_t result; /* result of read or write; ignored if data is set */
	const char *data;
};

static struct script {
	const struct step *reads, *writes, *flushes;
	size_t pending;
	char wire[65536];
	size_t written;
} script;

static ssize_t
scripted_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	const struct step *step = script.reads;

	(void)t;
	assert_non_null(step);
	if (step->result == TRANSPORT_FAILED)
		error_set(err, ERROR_TLS, "bad record");
	else
		script.reads++;
	if (step->data == NULL)
		return step->result;
	assert_true(strlen(step->data) <= len);
	memcpy(buf, step->data, strlen(step->data));
	return (ssize_t)strlen(step->data);
}

static ssize_t
scripted_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	ssize_t count = script.writes ? script.writes++->result : (ssize_t)len;

	(void)t;
	(void)err;
	if (count < 0)
		return count;
	if (count == 0 || (size_t)count > len)
		count = (ssize_t)len;
	memcpy(script.wire + script.written, buf, (size_t)count);
	script.written += (size_t)count;
	return count;
}

static ssize_t
scripted_flush(struct transport *t, struct error *err)
{
	(void)t;
	(void)err;
	return script.flushes->result == 1 ? 1 : script.flushes++->result;
}

static size_t
scripted_pending(const struct transport *t)
{
	(void)t;
	if (script.pending == 0 || script.reads->data == NULL)
		return 0;
	return script.pending;
}

/* The socket of the transport is always ready for reading and writing. */
static int
open_script(void **state)
{
	static const struct step flushed[] = { { 1, NULL } };

	if (open_pair(state) != 0 || write(peer, "x", 1) != 1)
		return -1;
	script = (struct script){ .flushes = flushed };
	ours.transport.read = scripted_read;
	ours.transport.write = scripted_write;
	ours.transport.flush = scripted_flush;
	ours.transport.pending = scripted_pending;
	return 0;
}

static void
reads_a_reply_split_at_every_octet(void **state)
{
	static const char reply[] = "250-mx.example\r\n250 ok\r\n";

	(void)state;
	for (size_t i = 1; i < sizeof(reply) - 1; i++) {
		char first[sizeof(reply)] = "";
		const struct step steps[] = { { TRANSPORT_WANT_READ, NULL },
			{ 0, first }, { TRANSPORT_WANT_READ, NULL },
			{ 0, reply + i }, { 0, NULL } };

		memcpy(first, reply, i);
		ours.at_end = false;
		script.reads = steps;
		expect_line("250-mx.example");
		expect_line("250 ok");
		expect_no_line(ERROR_NETWORK);
	}
}

static void
reads_octet_by_octet(void **state)
{
	static const struct step steps[] = { { 0, "2" }, { 0, "5" }, { 0, "0" },
		{ TRANSPORT_WANT_WRITE, NULL }, { 0, " " }, { 0, "\r" },
		{ TRANSPORT_WANT_READ, NULL }, { 0, "\n" },
		{ TRANSPORT_WANT_READ, NULL } };

	(void)state;
	script.reads = steps;
	expect_line("250 ");
	assert_int_equal(stream_buffered(&ours), 0);
}

static void
reports_the_error_of_the_transport(void **state)
{
	static const struct step steps[] = { { 0, "250 a\r\n250" },
		{ TRANSPORT_FAILED, NULL } };

	(void)state;
	script.reads = steps;
	expect_line("250 a");
	expect_no_line(ERROR_TLS);
	expect_no_line(ERROR_TLS);
	assert_false(ours.at_end);
	assert_true(stream_poll_input(&ours));
}

static void
reads_what_the_transport_has_buffered(void **state)
{
	static const struct step steps[] = { { 0, "250 a\r\n" },
		{ 0, "250 b\r\n" }, { TRANSPORT_WANT_READ, NULL } };

	(void)state;
	script.reads = steps;
	script.pending = 7;
	assert_int_equal(stream_buffered(&ours), 14);
	expect_line("250 a");
	expect_line("250 b");
}

static void
writes_although_the_transport_wants_to_read(void **state)
{
	static const struct step writes[] = { { 1, NULL },
		{ TRANSPORT_WANT_READ, NULL }, { 2, NULL },
		{ TRANSPORT_WANT_WRITE, NULL }, { 0, NULL }, { 0, NULL } };
	static const struct step reads[] = { { TRANSPORT_WANT_READ, NULL },
		{ 0, "250 a\r\n" }, { TRANSPORT_WANT_WRITE, NULL },
		{ 0, "250 b\r\n" }, { TRANSPORT_WANT_READ, NULL } };
	static const struct step flushes[] = { { TRANSPORT_WANT_WRITE, NULL },
		{ TRANSPORT_WANT_READ, NULL }, { 1, NULL } };
	struct error err = { 0 };

	(void)state;
	script.reads = reads;
	script.writes = writes;
	script.flushes = flushes;
	assert_true(stream_put_line(&ours, "MAIL FROM:<>", NULL, &err));
	assert_true(stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err));
	assert_int_equal(script.written, 14);
	assert_memory_equal(script.wire, "MAIL FROM:<>\r\n", 14);
	expect_line("250 a");
	expect_line("250 b");
}

static size_t at_close;

static void
scripted_close(struct transport *t)
{
	at_close = script.written;
	close(t->fd_plus_1 - 1);
}

/* The transport sends QUIT when it closes, without flush() and without
 * waiting. */
static void
sends_the_last_line_when_the_transport_closes(void **state)
{
	static const struct step nothing[] = { { TRANSPORT_WANT_READ, NULL } };
	static const struct step full[] = { { TRANSPORT_WANT_WRITE, NULL } };

	(void)state;
	script.reads = nothing;
	script.flushes = NULL;
	ours.transport.close = scripted_close;
	stream_send_and_close(&ours, "QUIT");
	assert_int_equal(at_close, 6);
	assert_memory_equal(script.wire, "QUIT\r\n", 6);
	assert_false(transport_is_open(&ours.transport));

	stream_send_and_close(&ours, "QUIT");
	assert_int_equal(script.written, 6);

	hang_up();
	assert_int_equal(open_script(state), 0);
	script.writes = full;
	ours.transport.close = scripted_close;
	stream_send_and_close(&ours, "QUIT");
	assert_int_equal(at_close, 0);
}

#define SCRIPT_TEST(f) \
	cmocka_unit_test_setup_teardown(f, open_script, close_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SCRIPT_TEST(reads_a_reply_split_at_every_octet),
		SCRIPT_TEST(reads_octet_by_octet),
		SCRIPT_TEST(reports_the_error_of_the_transport),
		SCRIPT_TEST(reads_what_the_transport_has_buffered),
		SCRIPT_TEST(writes_although_the_transport_wants_to_read),
		SCRIPT_TEST(sends_the_last_line_when_the_transport_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
