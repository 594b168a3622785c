/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replaces read() in a module that is included after this file: under PIPE_BREAKS, a
 * read error follows the first octets that were read.
 */
#ifndef VEREDUS_TESTS_BROKEN_PIPE_H
#define VEREDUS_TESTS_BROKEN_PIPE_H

#include <errno.h>
#include <unistd.h>

static enum { PIPE_WORKS, PIPE_BREAKS, PIPE_IS_BROKEN } pipe_state;

static ssize_t
broken_read(int fd, void *data, size_t len)
{
	ssize_t n;

	if (pipe_state == PIPE_IS_BROKEN) {
		errno = EIO;
		return -1;
	}
	n = read(fd, data, len);
	if (pipe_state == PIPE_BREAKS && n > 0)
		pipe_state = PIPE_IS_BROKEN;
	return n;
}

#define read broken_read

#endif
