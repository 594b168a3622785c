/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A transport over a pair of sockets.  The test acts as the proxy.
 */
#ifndef VEREDUS_TESTS_PROXY_PAIR_H
#define VEREDUS_TESTS_PROXY_PAIR_H

#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

#include "net/proxy.h"

static const struct proxy_login no_login;
static struct transport ours;
static int proxy;

/* Text that is no host, and must not reach the proxy. */
static const char *const invalid_hosts[] = { "", "a b", "a>b", "a\r\nb",
	"12345", "127.1", "fe80::1%lo", "mx.example:25" };

static int
open_pair(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return -1;
	transport_init_socket(&ours, fds[0]);
	proxy = fds[1];
	return 0;
}

static int
close_pair(void **state)
{
	(void)state;
	transport_close(&ours);
	close(proxy);
	return 0;
}

#endif
