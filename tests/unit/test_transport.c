/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "net/transport.h"

/* The transport, and the socket of its peer. */
static struct transport ours;
static int peer;

static int
open_pair(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return -1;
	transport_init_socket(&ours, fds[0]);
	peer = fds[1];
	return 0;
}

static int
close_pair(void **state)
{
	(void)state;
	transport_close(&ours);
	if (peer >= 0)
		close(peer);
	return 0;
}

static void
hang_up(void)
{
	close(peer);
	peer = -1;
}

static void
reads_without_waiting(void **state)
{
	struct error err = { 0 };
	char buf[16];

	(void)state;
	assert_int_equal(ours.read(&ours, buf, 16, &err), TRANSPORT_WANT_READ);
	assert_int_equal(write(peer, "220 hi", 6), 6);
	assert_int_equal(ours.read(&ours, buf, 4, &err), 4);
	assert_int_equal(ours.read(&ours, buf, 16, &err), 2);
	assert_int_equal(ours.read(&ours, buf, 16, &err), TRANSPORT_WANT_READ);
	hang_up();
	assert_int_equal(ours.read(&ours, buf, 16, &err), 0);
	assert_false(error_is_set(&err));
}

static void
writes_without_waiting(void **state)
{
	static char block[65536];
	struct error err = { 0 };
	ssize_t put;

	(void)state;
	do
		put = ours.write(&ours, block, sizeof(block), &err);
	while (put > 0);
	assert_int_equal(put, TRANSPORT_WANT_WRITE);
	assert_false(error_is_set(&err));
}

static void
reports_a_closed_connection_without_a_signal(void **state)
{
	struct error err = { 0 };

	(void)state;
	hang_up();
	assert_int_equal(ours.write(&ours, "x", 1, &err), TRANSPORT_FAILED);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "Broken pipe"));
	error_free(&err);
}

static void
reports_a_reset(void **state)
{
	const struct linger hard = { .l_onoff = 1 };
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t size = sizeof(name);
	struct error err = { 0 };
	struct transport t;
	char buf[4];
	short ready;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0), served;

	(void)state;
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)),
	    0);
	assert_int_equal(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&name, &size);
	assert_int_equal(connect(client, (struct sockaddr *)&name,
			     sizeof(name)),
	    0);
	served = accept(listener, NULL, NULL);
	setsockopt(served, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(served);
	close(listener);

	transport_init_socket(&t, client);
	assert_true(
	    transport_wait(&t, POLLIN, clock_after_seconds(30), &ready, &err));
	assert_int_equal(t.read(&t, buf, 4, &err), TRANSPORT_FAILED);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_non_null(strstr(err.text, "reset"));
	error_free(&err);
	transport_close(&t);
}

static void
closes_once(void **state)
{
	int fd = ours.fd_plus_1 - 1;

	(void)state;
	assert_true(transport_is_open(&ours));
	transport_close(&ours);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_false(transport_is_open(&ours));
	transport_close(&ours);
}

static void
reports_which_events_are_ready(void **state)
{
	struct error err = { 0 };
	short ready;

	(void)state;
	assert_true(
	    transport_wait(&ours, POLLIN | POLLOUT, CLOCK_NEVER, &ready, &err));
	assert_int_equal(ready, POLLOUT);
	assert_int_equal(write(peer, "x", 1), 1);
	assert_true(transport_wait(&ours, POLLIN, CLOCK_NEVER, &ready, &err));
	assert_int_equal(ready, POLLIN);
}

static void
times_out(void **state)
{
	struct error err = { 0 };
	int64_t start = clock_now();
	short ready;

	(void)state;
	assert_false(transport_wait(&ours, POLLIN, clock_after_seconds(1),
	    &ready, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_true(clock_now() - start >= 1000);
	error_free(&err);
}

static void
reports_input_although_the_deadline_has_passed(void **state)
{
	struct error err = { 0 };
	int64_t past = clock_now() - 1200000;
	short ready;

	(void)state;
	assert_int_equal(write(peer, "250 ok", 6), 6);
	assert_true(transport_wait(&ours, POLLIN, past, &ready, &err));
	assert_int_equal(ready, POLLIN);
}

static void
sleeps_without_a_socket(void **state)
{
	const struct transport none = { 0 };
	struct error err = { 0 };
	int64_t start = clock_now();
	short ready;

	(void)state;
	assert_false(
	    transport_wait(&none, 0, clock_after_seconds(1), &ready, &err));
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_true(clock_now() - start >= 1000);
	error_free(&err);
}

static void
ignore_alarm(int number)
{
	(void)number;
}

static void
waits_until_the_deadline_despite_signals(void **state)
{
	const struct itimerval storm = { { 0, 500 }, { 0, 500 } };
	const struct itimerval calm = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = ignore_alarm };
	struct error err = { 0 };
	int64_t start = clock_now();
	short ready;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &storm, NULL);
	assert_false(transport_wait(&ours, POLLIN, clock_after_seconds(1),
	    &ready, &err));
	setitimer(ITIMER_REAL, &calm, NULL);
	assert_int_equal(err.kind, ERROR_TIMEOUT);
	assert_true(clock_now() - start >= 1000);
	error_free(&err);
}

/* Returns the result of a wait during which SIGTERM arrives.  The wait runs in
 * a child, because a caught signal stays caught. */
static enum error_kind
wait_for_a_signal(void)
{
	enum error_kind kind = ERROR_NONE;
	int gate[2], status = 0;
	char c = 0;
	pid_t child;

	assert_int_equal(pipe(gate), 0);
	child = fork();
	if (child == 0) {
		struct error err = { 0 };
		short ready;

		alarm(60);
		process_catch_signals();
		if (write(gate[1], "", 1) == 1)
			transport_wait(&ours, POLLIN, CLOCK_NEVER, &ready,
			    &err);
		_exit((int)err.kind);
	}
	if (read(gate[0], &c, 1) == 1)
		kill(child, SIGTERM);
	waitpid(child, &status, 0);
	if (WIFEXITED(status))
		kind = (enum error_kind)WEXITSTATUS(status);
	close(gate[0]);
	close(gate[1]);
	return kind;
}

static void
never_misses_a_signal_before_a_wait(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(wait_for_a_signal(), ERROR_INTERRUPTED);
}

/* After a signal only input makes a transport ready. */
static void
reads_a_reply_after_a_signal_but_sends_nothing(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct error err = { 0 };
		int bad = 0;
		short ready;

		process_catch_signals();
		raise(SIGTERM);
		bad += transport_wait(&ours, POLLIN | POLLOUT, CLOCK_NEVER,
		    &ready, &err);
		bad += err.kind != ERROR_INTERRUPTED;
		bad += strstr(err.text, "15") == NULL;
		bad += write(peer, "250 ok", 6) != 6;
		bad +=
		    !transport_wait(&ours, POLLIN, CLOCK_NEVER, &ready, &err);
		bad += transport_check_signal(&err);
		_exit(bad);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

#define PAIR_TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(reads_without_waiting),
		PAIR_TEST(writes_without_waiting),
		PAIR_TEST(reports_a_closed_connection_without_a_signal),
		cmocka_unit_test(reports_a_reset),
		PAIR_TEST(closes_once),
		PAIR_TEST(reports_which_events_are_ready),
		PAIR_TEST(times_out),
		PAIR_TEST(reports_input_although_the_deadline_has_passed),
		cmocka_unit_test(sleeps_without_a_socket),
		PAIR_TEST(waits_until_the_deadline_despite_signals),
		PAIR_TEST(never_misses_a_signal_before_a_wait),
		PAIR_TEST(reads_a_reply_after_a_signal_but_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
