/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/str.h"

/* How long somebody may take to read what is in the pipe. */
#define PATIENCE_MS 2000

/*
 * Some callers read our stderr only when we have ended: a pipe that is full
 * must not hold us for ever.  What does not get through in time is lost.
 */
static bool
may_write(void)
{
	static bool deaf;
	struct pollfd polled = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (!deaf && poll(&polled, 1, PATIENCE_MS) == 0)
		deaf = true;
	return !deaf;
}

void
trace_line(const char *prefix, const char *line)
{
	struct str text = { 0 };
	size_t done = 0;

	str_printf(&text, "%s%s\n", prefix, line);
	while (done < text.len && may_write()) {
		size_t len = text.len - done;
		/* A pipe with room has room for so many octets. */
		ssize_t n = write(STDERR_FILENO, text.data + done,
		    len < PIPE_BUF ? len : PIPE_BUF);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	str_free(&text);
}

void
trace_to_stderr(void *ctx, enum stream_direction direction, const char *line)
{
	(void)ctx;
	trace_line(direction == STREAM_SENT ? "--> " : "<-- ", line);
}
