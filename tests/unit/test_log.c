/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int logger;
static int connections;

/* glibc declares the address as a union, which is not the same in ISO C. */
#pragma GCC diagnostic ignored "-Wpedantic"

/* Takes the place of libc's function: the logger is at another address. */
int
connect(int fd, const struct sockaddr *unused, socklen_t len)
{
	(void)unused;
	(void)len;
	connections++;
	return (int)syscall(SYS_connect, fd, &address, sizeof(address));
}

static void
start_logger(void)
{
	unlink(address.sun_path);
	logger = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(logger, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
}

static int
make_address(void **state)
{
	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path),
	    "/tmp/veredus-log.%ld", (long)getpid());
	unlink(address.sun_path); /* of a test that was killed */
	return 0;
}

static int
remove_address(void **state)
{
	(void)state;
	close(logger);
	return unlink(address.sun_path);
}

static void
expect_line(const char *text)
{
	char line[200] = "";
	ssize_t n = recv(logger, line, sizeof(line) - 1, 0);

	assert_true(n > (ssize_t)strlen(text));
	assert_string_equal(line + (size_t)n - strlen(text), text);
}

static void
connects_for_each_line(void **state)
{
	(void)state;
	start_logger();
	connections = 0;
	assert_true(log_line(LOG_INFO, "first"));
	assert_true(log_line(LOG_INFO, "second"));
	expect_line("first");
	expect_line("second");
	assert_int_equal(connections, 2);
	close(logger);
}

/* From here on, as this cannot be undone. */
static void
keeps_the_connection(void **state)
{
	(void)state;
	start_logger();
	connections = 0;
	log_keep_connection();
	assert_true(log_line(LOG_INFO, "first"));
	assert_true(log_line(LOG_INFO, "second"));
	expect_line("first");
	expect_line("second");
	assert_int_equal(connections, 1);
}

static void
finds_a_logger_that_was_started_again(void **state)
{
	(void)state;
	close(logger);
	start_logger();
	connections = 0;
	assert_true(log_line(LOG_INFO, "third"));
	expect_line("third");
	assert_int_equal(connections, 1);

	close(logger);
	assert_false(log_line(LOG_INFO, "lost"));
	start_logger();
	assert_true(log_line(LOG_INFO, "fourth"));
	expect_line("fourth");
}

static void
waits_a_second_for_a_logger_that_does_not_read(void **state)
{
	int lines = 0;

	(void)state;
	while (log_line(LOG_INFO, "a line"))
		lines++;
	assert_true(lines > 0);
	/* Now it does not wait at all. */
	for (int i = 0; i < 1000; i++)
		assert_false(log_line(LOG_INFO, "a line"));
	for (int i = 0; i < lines; i++)
		expect_line("a line");
	assert_true(log_line(LOG_INFO, "again"));
	expect_line("again");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_for_each_line),
		cmocka_unit_test(keeps_the_connection),
		cmocka_unit_test(finds_a_logger_that_was_started_again),
		cmocka_unit_test(
		    waits_a_second_for_a_logger_that_does_not_read),
	};

	return cmocka_run_group_tests(tests, make_address, remove_address);
}
