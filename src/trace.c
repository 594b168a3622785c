/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace.h"

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

void
trace_line(const char *prefix, const char *line)
{
	struct str text = { 0 };
	size_t done = 0;

	str_printf(&text, "%s%s\n", prefix, line);
	while (done < text.len) {
		ssize_t n =
		    write(STDERR_FILENO, text.data + done, text.len - done);

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
