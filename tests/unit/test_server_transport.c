/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/stream.h"
#include "server/io.h"

/* Two pipes: the transport has one end of each, the test the other. */
static int to_us, from_us, our_input, our_output;
static struct stream ours;

static int
open_pipes(void **state)
{
	int in[2], out[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (pipe(in) != 0 || pipe(out) != 0)
		return -1;
	our_input = in[0];
	to_us = in[1];
	from_us = out[0];
	our_output = out[1];
	ours = (struct stream){ .serves = true };
	server_transport_init(&ours.transport, our_input, our_output);
	return 0;
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
close_pipes(void **state)
{
	(void)state;
	stream_close(&ours);
	close_end(&to_us);
	close_end(&from_us);
	close(our_input);
	close(our_output);
	return 0;
}

static void
send_text(const char *text)
{
	assert_int_equal(write(to_us, text, strlen(text)), strlen(text));
}

static bool
write_line(const char *line, struct error *err)
{
	return stream_put_line(&ours, line, NULL, err)
	    && stream_flush(&ours, 0, clock_after_seconds(20), err);
}

static void
returns_want_when_it_would_block(void **state)
{
	struct transport *t = &ours.transport;
	struct error err = { 0 };
	char block[8192] = "";
	ssize_t put;

	(void)state;
	assert_int_equal(t->read(t, block, 10, &err), TRANSPORT_WANT_READ);
	send_text("ab");
	assert_int_equal(t->read(t, block, 10, &err), 2);
	while ((put = t->write(t, block, sizeof(block), &err)) > 0)
		continue;
	assert_int_equal(put, TRANSPORT_WANT_WRITE);
	assert_false(error_is_set(&err));
}

static void
does_not_change_or_close_the_descriptors(void **state)
{
	int flags = fcntl(our_input, F_GETFL);

	(void)state;
	send_text("line\n");
	assert_true(write_line("reply", NULL));
	assert_int_equal(fcntl(our_input, F_GETFL), flags);
	stream_close(&ours);
	assert_int_equal(fcntl(our_input, F_GETFD), 0);
	assert_int_equal(fcntl(our_output, F_GETFD), 0);
}

static void
distinguishes_end_of_input_from_an_error(void **state)
{
	struct transport *t = &ours.transport;
	struct error err = { 0 };
	char block[10];

	(void)state;
	close_end(&to_us);
	assert_int_equal(t->read(t, block, sizeof(block), &err), 0);
	close_end(&from_us);
	assert_int_equal(t->write(t, block, sizeof(block), &err),
	    TRANSPORT_FAILED);
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
}

static void
reports_a_descriptor_that_cannot_be_read(void **state)
{
	int fd = open("/dev/null", O_WRONLY);
	struct transport t;
	struct error err = { 0 };
	char block[10];

	(void)state;
	server_transport_init(&t, fd, our_output);
	assert_int_equal(t.read(&t, block, sizeof(block), &err),
	    TRANSPORT_FAILED);
	assert_int_equal(err.kind, ERROR_INPUT);
	error_free(&err);
	close(fd);
}

static void
waits_for_either_descriptor(void **state)
{
	struct transport *t = &ours.transport;
	struct error err = { 0 };
	short ready;

	(void)state;
	assert_true(transport_wait(t, POLLOUT, clock_now(), &ready, &err));
	assert_true(ready & POLLOUT);
	assert_false(transport_wait(t, POLLIN, clock_now(), &ready, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
	send_text("a");
	assert_true(transport_wait(t, POLLIN, clock_now(), &ready, &err));
	assert_true(ready & POLLIN);
	/* A closed output must not end a wait for input. */
	assert_int_equal(t->read(t, &(char){ 0 }, 1, &err), 1);
	close_end(&from_us);
	assert_false(transport_wait(t, POLLIN, clock_now(), &ready, &err));
	error_free(&err);
}

static void
replies_to_a_client_that_has_closed_its_output(void **state)
{
	struct error err = { 0 };
	char *data;
	char got[32] = "";
	size_t len;

	(void)state;
	send_text("QUIT\n");
	close_end(&to_us);
	assert_true(
	    stream_peek(&ours, 5, &data, &len, clock_after_seconds(20), &err));
	stream_consume(&ours, len);
	assert_false(
	    stream_peek(&ours, 1, &data, &len, clock_after_seconds(20), &err));
	error_free(&err);
	assert_true(write_line("221 bye", &err));
	assert_int_equal(read(from_us, got, sizeof(got)), 9);
	assert_string_equal(got, "221 bye\r\n");
}

static void
keeps_received_octets_until_they_are_consumed(void **state)
{
	struct error err = { 0 };
	int64_t deadline = clock_after_seconds(20);
	char *data;
	size_t len;

	(void)state;
	send_text("abc");
	assert_true(stream_peek(&ours, 1, &data, &len, deadline, &err));
	assert_int_equal(len, 3);
	stream_consume(&ours, 1);
	send_text("de");
	assert_true(stream_peek(&ours, 4, &data, &len, deadline, &err));
	assert_int_equal(len, 4);
	assert_memory_equal(data, "bcde", 4);
	assert_false(stream_peek(&ours, 5, &data, &len, clock_now(), &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	error_free(&err);
}

int
main(void)
{
#define PIPE_TEST(f) cmocka_unit_test_setup_teardown(f, open_pipes, close_pipes)
	const struct CMUnitTest tests[] = {
		PIPE_TEST(returns_want_when_it_would_block),
		PIPE_TEST(does_not_change_or_close_the_descriptors),
		PIPE_TEST(distinguishes_end_of_input_from_an_error),
		PIPE_TEST(reports_a_descriptor_that_cannot_be_read),
		PIPE_TEST(waits_for_either_descriptor),
		PIPE_TEST(replies_to_a_client_that_has_closed_its_output),
		PIPE_TEST(keeps_received_octets_until_they_are_consumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
