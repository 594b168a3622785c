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
#include "server/fdpair.h"

/* Two pipes: our ends are in the transport, the peer's ends here. */
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
	fdpair_init(&ours.transport, our_input, our_output);
	return 0;
}

static void
hang_up(int *fd)
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
	hang_up(&to_us);
	hang_up(&from_us);
	close(our_input);
	close(our_output);
	return 0;
}

static void
say(const char *text)
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
says_when_it_would_have_to_wait(void **state)
{
	struct transport *t = &ours.transport;
	struct error err = { 0 };
	char block[8192] = "";
	ssize_t put;

	(void)state;
	assert_int_equal(t->read(t, block, 10, &err), TRANSPORT_WANT_READ);
	say("ab");
	assert_int_equal(t->read(t, block, 10, &err), 2);
	while ((put = t->write(t, block, sizeof(block), &err)) > 0)
		continue;
	assert_int_equal(put, TRANSPORT_WANT_WRITE);
	assert_false(error_is_set(&err));
}

static void
leaves_the_descriptors_as_they_were(void **state)
{
	int flags = fcntl(our_input, F_GETFL);

	(void)state;
	say("line\n");
	assert_true(write_line("answer", NULL));
	assert_int_equal(fcntl(our_input, F_GETFL), flags);
	stream_close(&ours);
	assert_int_equal(fcntl(our_input, F_GETFD), 0);
	assert_int_equal(fcntl(our_output, F_GETFD), 0);
}

static void
tells_the_end_of_the_input_from_a_failure(void **state)
{
	struct transport *t = &ours.transport;
	struct error err = { 0 };
	char block[10];

	(void)state;
	hang_up(&to_us);
	assert_int_equal(t->read(t, block, sizeof(block), &err), 0);
	hang_up(&from_us);
	assert_int_equal(t->write(t, block, sizeof(block), &err),
	    TRANSPORT_FAILED);
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
}

static void
names_a_descriptor_that_cannot_be_read(void **state)
{
	int fd = open("/dev/null", O_WRONLY);
	struct transport t;
	struct error err = { 0 };
	char block[10];

	(void)state;
	fdpair_init(&t, fd, our_output);
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
	say("a");
	assert_true(transport_wait(t, POLLIN, clock_now(), &ready, &err));
	assert_true(ready & POLLIN);
	/* A reader that has gone is no news while we wait for input. */
	assert_int_equal(t->read(t, &(char){ 0 }, 1, &err), 1);
	hang_up(&from_us);
	assert_false(transport_wait(t, POLLIN, clock_now(), &ready, &err));
	error_free(&err);
}

static void
answers_a_client_that_has_closed_its_side(void **state)
{
	struct error err = { 0 };
	char *data;
	char got[32] = "";
	size_t len;

	(void)state;
	say("QUIT\n");
	hang_up(&to_us);
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
shows_what_has_arrived_until_it_is_taken(void **state)
{
	struct error err = { 0 };
	int64_t deadline = clock_after_seconds(20);
	char *data;
	size_t len;

	(void)state;
	say("abc");
	assert_true(stream_peek(&ours, 1, &data, &len, deadline, &err));
	assert_int_equal(len, 3);
	stream_consume(&ours, 1);
	say("de");
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
		PIPE_TEST(says_when_it_would_have_to_wait),
		PIPE_TEST(leaves_the_descriptors_as_they_were),
		PIPE_TEST(tells_the_end_of_the_input_from_a_failure),
		PIPE_TEST(names_a_descriptor_that_cannot_be_read),
		PIPE_TEST(waits_for_either_descriptor),
		PIPE_TEST(answers_a_client_that_has_closed_its_side),
		PIPE_TEST(shows_what_has_arrived_until_it_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
