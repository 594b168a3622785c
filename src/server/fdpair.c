/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/fdpair.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that is gone or broken is ready, too: to say so. */
static bool
is_ready(int fd, short event)
{
	struct pollfd pfd = { .fd = fd, .events = event };

	return poll(&pfd, 1, 0) > 0;
}

static bool
may_go_on(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static ssize_t
pair_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	int fd = t->fd_plus_1 - 1;
	ssize_t got;

	if (!is_ready(fd, POLLIN))
		return TRANSPORT_WANT_READ;
	got = read(fd, buf, len);
	if (got >= 0)
		return got;
	if (may_go_on(errno))
		return TRANSPORT_WANT_READ;
	error_set(err, ERROR_INPUT, "cannot read the input: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

/* A pipe that can be written to has room for PIPE_BUF octets. */
static ssize_t
pair_write(struct transport *t, const void *buf, size_t len, struct error *err)
{
	int fd = t->out_plus_1 - 1;
	ssize_t put;

	if (!is_ready(fd, POLLOUT))
		return TRANSPORT_WANT_WRITE;
	put = write(fd, buf, len < PIPE_BUF ? len : PIPE_BUF);
	if (put > 0)
		return put;
	if (put == 0 || may_go_on(errno))
		return TRANSPORT_WANT_WRITE;
	error_set(err, ERROR_NETWORK, "cannot write the output: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

void
fdpair_init(struct transport *t, int input, int output)
{
	*t = (struct transport){ .fd_plus_1 = input + 1,
		.out_plus_1 = output + 1,
		.read = pair_read,
		.write = pair_write };
}
