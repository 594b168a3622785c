/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream over a pair of sockets.  The test acts as the peer.
 */
#ifndef VEREDUS_TESTS_STREAM_PAIR_H
#define VEREDUS_TESTS_STREAM_PAIR_H

#include "unit.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/stream.h"

/* In seconds; this is long enough for a slow machine. */
#define LONG_TIME 60

static struct stream ours;
static int peer;

static int
open_pair(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return -1;
	ours = (struct stream){ .deadline = CLOCK_NEVER };
	transport_init_socket(&ours.transport, fds[0]);
	peer = fds[1];
	return 0;
}

static void
hang_up(void)
{
	if (peer >= 0)
		close(peer);
	peer = -1;
}

static int
close_pair(void **state)
{
	(void)state;
	stream_close(&ours);
	hang_up();
	return 0;
}

ATTR_UNUSED static void
say(const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(peer, text, len), len);
}

ATTR_UNUSED static void
expect_line(const char *wanted)
{
	struct error err = { 0 };
	struct str line = { 0 };

	if (!stream_read_line(&ours, &line, clock_after_seconds(LONG_TIME),
		&err))
		fail_msg("no line: %s", err.text);
	assert_string_equal(str_text(&line), wanted);
	str_free(&line);
}

ATTR_UNUSED static void
expect_no_line(enum error_kind kind)
{
	struct error err = { 0 };
	struct str line = { 0 };

	assert_false(stream_read_line(&ours, &line,
	    clock_after_seconds(LONG_TIME), &err));
	assert_int_equal(err.kind, kind);
	error_free(&err);
	str_free(&line);
}

/* Compares the data that has arrived at the peer, without waiting for more. */
ATTR_UNUSED static void
expect_sent(const char *wanted)
{
	char got[4096] = "";

	recv(peer, got, sizeof(got) - 1, MSG_DONTWAIT);
	assert_string_equal(got, wanted);
}

#define PAIR_TEST(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

#endif
