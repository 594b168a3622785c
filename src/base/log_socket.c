/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Connects to loggers and writes to them, with a deadline. */
#include "base/log_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/* Between two attempts to connect, in milliseconds. */
#define RETRY_INTERVAL 20

/* Returns the connected socket, or -1. */
static int
connect_once(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int errnum;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0
	    || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	errnum = errno;
	close(fd);
	errno = errnum;
	return -1;
}

int
log_socket_connect(const char *path, int type, int64_t deadline)
{
	int fd = connect_once(path, type);

	while (fd < 0 && errno == EAGAIN && !clock_has_passed(deadline)) {
		poll(NULL, 0, RETRY_INTERVAL);
		fd = connect_once(path, type);
	}
	return fd;
}

bool
log_socket_write(int fd, const char *data, size_t len, size_t short_len,
    int64_t deadline)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EMSGSIZE && short_len != 0
		    && len > short_len) {
			len = short_len;
		} else if (errno == EAGAIN && !clock_has_passed(deadline)) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, clock_poll_timeout(deadline));
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}
