/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Peers that read and write at the same time, reject input early, or
 * disconnect.
 */
#include "stream_pair.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/process.h"

/* As open_pair(), over TCP: closing a socket with unread data resets it. */
static int
open_tcp(void **state)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t size = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0
	    || listen(listener, 1) != 0
	    || getsockname(listener, (struct sockaddr *)&name, &size) != 0
	    || connect(client, (struct sockaddr *)&name, sizeof(name)) != 0)
		return -1;
	peer = accept(listener, NULL, NULL);
	close(listener);
	ours = (struct stream){ 0 };
	transport_init_socket(&ours.transport, client);
	return peer < 0 ? -1 : 0;
}

/*
 * Sends a reply of 500 octets after each line before it reads the next line.
 * The buffers of both sides become full long before the client has sent the
 * whole group.
 */
static void *
reply_to_every_line(void *arg)
{
	char buf[1024], reply[500];
	ssize_t got;

	(void)arg;
	memset(reply, 'x', sizeof(reply));
	memcpy(reply, "250 ", 4);
	reply[498] = '\r';
	reply[499] = '\n';
	while ((got = read(peer, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < got; i++)
			if (buf[i] == '\n'
			    && send(peer, reply, sizeof(reply), MSG_NOSIGNAL)
				!= (ssize_t)sizeof(reply))
				return NULL;
	return NULL;
}

static void
pipeline_recipients(void)
{
	struct error err = { 0 };
	struct str line = { 0 };
	size_t sent = 0, count = 10000;

	while (sent < count) {
		size_t replied = sent;

		while (sent < count && stream_fits(&ours, 15)) {
			assert_true(stream_put_line(&ours, "RCPT TO:<a@b>",
			    NULL, &err));
			sent++;
		}
		if (!stream_flush(&ours, LONG_TIME, CLOCK_NEVER, &err))
			fail_msg("%s", err.text);
		for (; replied < sent; replied++) {
			assert_true(stream_read_line(&ours, &line,
			    clock_after_seconds(LONG_TIME), &err));
			assert_int_equal(line.len, 498);
		}
	}
	str_free(&line);
}

static void
does_not_deadlock_while_the_server_sends_replies(void **state)
{
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, reply_to_every_line, NULL);
	pipeline_recipients();
	transport_close(&ours.transport);
	pthread_join(thread, NULL);
}

static void
ignore_alarm(int number)
{
	(void)number;
}

static void
works_while_signals_interrupt_it(void **state)
{
	const struct itimerval storm = { { 0, 300 }, { 0, 300 } };
	const struct itimerval calm = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = ignore_alarm };
	sigset_t alarm_only;
	pthread_t thread;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	/* The peer's thread must not be interrupted. */
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
	pthread_create(&thread, NULL, reply_to_every_line, NULL);
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	setitimer(ITIMER_REAL, &storm, NULL);
	pipeline_recipients();
	setitimer(ITIMER_REAL, &calm, NULL);
	transport_close(&ours.transport);
	pthread_join(thread, NULL);
}

static void *
flood_with_replies(void *arg)
{
	static const char line[] = "250 and another one\r\n";

	(void)arg;
	while (send(peer, line, sizeof(line) - 1, MSG_NOSIGNAL) > 0)
		continue;
	return NULL;
}

static void
stops_writing_if_the_peer_sends_too_much(void **state)
{
	static char block[STREAM_GROUP_MAX];
	struct error err = { 0 };
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, flood_with_replies, NULL);
	while (stream_write(&ours, block, sizeof(block), LONG_TIME, CLOCK_NEVER,
	    &err))
		continue;
	assert_int_equal(err.kind, ERROR_PROTOCOL);
	assert_true(ours.in.len <= STREAM_INPUT_MAX + 65536);
	error_free(&err);
	transport_close(&ours.transport);
	pthread_join(thread, NULL);
}

/* The peer rejects the message in the middle of its body, and closes without
 * reading the rest. */
static void *
reject_and_close(void *arg)
{
	char buf[65536];

	(void)arg;
	if (read(peer, buf, sizeof(buf)) > 0)
		say("552 5.3.4 too big\r\n");
	hang_up();
	return NULL;
}

static void
write_until_it_fails(struct error *err)
{
	static char block[STREAM_GROUP_MAX];

	while (stream_write(&ours, block, sizeof(block), LONG_TIME, CLOCK_NEVER,
	    err))
		continue;
}

static void
keeps_the_reply_of_a_peer_that_closes(void **state)
{
	struct error err = { 0 };
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, reject_and_close, NULL);
	write_until_it_fails(&err);
	pthread_join(thread, NULL);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_true(stream_buffered(&ours) > 0);
	expect_line("552 5.3.4 too big");
	expect_no_line(ERROR_NETWORK);
	error_free(&err);
}

/* The caller passes no error at the end of a session. */
static void
accepts_null_in_place_of_an_error_after_a_reset(void **state)
{
	struct str line = { 0 };

	(void)state;
	assert_true(stream_write(&ours, "x", 1, 1, CLOCK_NEVER, NULL));
	hang_up();
	assert_true(stream_poll_input(&ours));
	assert_true(error_is_set(&ours.fault));
	assert_false(stream_read_line(&ours, &line, CLOCK_NEVER, NULL));
	assert_false(stream_write(&ours, "x", 1, 1, CLOCK_NEVER, NULL));
	str_free(&line);
}

/* The peer closes its read side only, and replies later. */
static void *
reject_after_a_while(void *arg)
{
	char c;

	(void)arg;
	shutdown(peer, SHUT_RD);
	while (recv(peer, &c, 1, 0) > 0)
		continue;
	sleep(1);
	say("452 4.3.1 disk full\r\n");
	return NULL;
}

static void
reads_a_reply_after_the_peer_stopped_reading(void **state)
{
	struct error err = { 0 };
	pthread_t thread;

	(void)state;
	pthread_create(&thread, NULL, reject_after_a_while, NULL);
	write_until_it_fails(&err);
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
	expect_line("452 4.3.1 disk full");
	pthread_join(thread, NULL);
}

static void
stops_writing_after_an_early_reply(void **state)
{
	struct error err = { 0 };

	(void)state;
	ours.stop_on_input = true;
	assert_true(stream_write(&ours, "x", 1, 1, CLOCK_NEVER, &err));
	say("552 5.3.4 too big\r\n");
	write_until_it_fails(&err);
	assert_int_equal(err.kind, ERROR_NETWORK);
	assert_int_equal(ours.sent, 1);
	error_free(&err);
	expect_line("552 5.3.4 too big");
}

static void *
reject_when_full(void *arg)
{
	(void)arg;
	sleep(1);
	say("552 5.3.4 too big\r\n");
	return NULL;
}

static void
stops_waiting_to_write_after_an_early_reply(void **state)
{
	struct error err = { 0 };
	pthread_t thread;

	(void)state;
	ours.stop_on_input = true;
	pthread_create(&thread, NULL, reject_when_full, NULL);
	write_until_it_fails(&err);
	pthread_join(thread, NULL);
	assert_int_equal(err.kind, ERROR_NETWORK);
	error_free(&err);
	expect_line("552 5.3.4 too big");
}

/* The test runs in a child, because a caught signal stays caught. */
static void
stops_an_upload_that_never_waits_after_a_signal(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		struct error err = { 0 };

		process_catch_signals();
		raise(SIGTERM);
		stream_write(&ours, "x", 1, LONG_TIME, CLOCK_NEVER, &err);
		_exit((int)err.kind);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), ERROR_INTERRUPTED);
	expect_sent("");
}

#define TCP_TEST(f) cmocka_unit_test_setup_teardown(f, open_tcp, close_pair)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(does_not_deadlock_while_the_server_sends_replies),
		TCP_TEST(does_not_deadlock_while_the_server_sends_replies),
		PAIR_TEST(works_while_signals_interrupt_it),
		PAIR_TEST(stops_writing_if_the_peer_sends_too_much),
		PAIR_TEST(keeps_the_reply_of_a_peer_that_closes),
		TCP_TEST(keeps_the_reply_of_a_peer_that_closes),
		PAIR_TEST(accepts_null_in_place_of_an_error_after_a_reset),
		PAIR_TEST(reads_a_reply_after_the_peer_stopped_reading),
		PAIR_TEST(stops_writing_after_an_early_reply),
		PAIR_TEST(stops_waiting_to_write_after_an_early_reply),
		PAIR_TEST(stops_an_upload_that_never_waits_after_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
