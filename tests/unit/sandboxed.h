/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes attempts in a sandbox.  Child processes make them, and tell the errno by
 * their exit status.
 */
#ifndef VEREDUS_TESTS_SANDBOXED_H
#define VEREDUS_TESTS_SANDBOXED_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "unit.h"

#define NO_SANDBOX 254 /* of a kernel that lacks a part of it */
#define KILLED 255

typedef int attempt_fn(void);

/* Returns the errno of the attempt, or 0. */
static inline int
attempt_in(const struct sandbox *s, attempt_fn *attempt)
{
	struct str missing = { 0 };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		/* The handler of cmocka would report a failure of the test. */
		signal(SIGSEGV, SIG_DFL);
		if (s != NULL
		    && sandbox_enter(s, &missing) == SANDBOX_INCOMPLETE)
			_exit(NO_SANDBOX);
		_exit(attempt() == 0 ? 0 : errno);
	}
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	if (!WIFEXITED(status))
		return KILLED;
	if (WEXITSTATUS(status) == NO_SANDBOX)
		skip();
	return WEXITSTATUS(status);
}

static inline int
tcp_socket(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Of socketcall(2), which the C library of i386 uses, the filter of system calls
 * cannot see the arguments. */
static inline int
bind_port(in_port_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return (int)syscall(SYS_bind, tcp_socket(), &address, sizeof(address));
}

static inline int
choose_address(void)
{
	return bind_port(0);
}

static inline int
run_true(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };

	return execve("/bin/true", argv, environ);
}

static inline int
run_a_child(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(run_true() == 0 ? 0 : errno);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	errno = WEXITSTATUS(status);
	return status == 0 ? 0 : -1;
}

#endif
