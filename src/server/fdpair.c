/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* A transport over a pair of descriptors: one to read from, one to write to. */
#include "server/fdpair.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Also true for a broken descriptor: the read or write then fails. */
static bool
is_ready(int fd, short event)
{
	struct pollfd pfd = { .fd = fd, .events = event };

	return poll(&pfd, 1, 0) > 0;
}

static bool
is_temporary(int number)
{
	return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

static ssize_t
fdpair_read(struct transport *t, void *buf, size_t len, struct error *err)
{
	int fd = t->fd_plus_1 - 1;
	ssize_t got;

	if (!is_ready(fd, POLLIN))
		return TRANSPORT_WANT_READ;
	got = read(fd, buf, len);
	if (got >= 0)
		return got;
	if (is_temporary(errno))
		return TRANSPORT_WANT_READ;
	error_set(err, ERROR_INPUT, "cannot read from the client: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

/* When poll() reports that a pipe is writable, it has room for PIPE_BUF octets;
 * a longer write could block. */
static ssize_t
fdpair_write(struct transport *t, const void *buf, size_t len,
    struct error *err)
{
	int fd = t->out_plus_1 - 1;
	ssize_t sent;

	if (!is_ready(fd, POLLOUT))
		return TRANSPORT_WANT_WRITE;
	sent = write(fd, buf, len < PIPE_BUF ? len : PIPE_BUF);
	if (sent > 0)
		return sent;
	if (sent == 0 || is_temporary(errno))
		return TRANSPORT_WANT_WRITE;
	error_set(err, ERROR_NETWORK, "cannot write to the client: %s",
	    strerror(errno));
	return TRANSPORT_FAILED;
}

void
fdpair_init(struct transport *t, int input, int output)
{
	*t = (struct transport){ .fd_plus_1 = input + 1,
		.out_plus_1 = output + 1,
		.read = fdpair_read,
		.write = fdpair_write };
}
