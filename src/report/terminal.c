/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes lines to standard error without waiting for a reader for ever. */
#include "report/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"

/* Milliseconds that the reader of a full pipe may take. */
#define WRITE_TIMEOUT_MS 2000

/* The columns of the transient line that is shown now. */
static size_t transient;

static void
add_spaces(struct str *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		str_add_char(out, ' ');
}

/* Overwrites with spaces, because not every terminal can erase a line. */
static void
erase_transient(struct str *out)
{
	if (transient == 0)
		return;
	str_add_char(out, '\r');
	add_spaces(out, transient);
	str_add_char(out, '\r');
	transient = 0;
}

/*
 * Some callers read standard error only after the program exits.  If the pipe
 * stays full for this time, nothing more is written, to avoid a deadlock.
 */
static void
write_all(const struct str *text)
{
	static bool timed_out;

	if (!timed_out
	    && !file_write_until(STDERR_FILENO, text->data, text->len,
		clock_after(WRITE_TIMEOUT_MS)))
		timed_out = errno == EAGAIN;
}

void
terminal_line(const char *prefix, const char *line)
{
	struct str text = { 0 };

	erase_transient(&text);
	str_printf(&text, "%s%s\n", prefix, line);
	write_all(&text);
	str_free(&text);
}

void
terminal_warning(const char *name, const struct error *err)
{
	char *text = error_describe(err);
	char *prefix = alloc_printf("%s: warning: ", name);

	terminal_line(prefix, text);
	free(prefix);
	free(text);
}

/* The width of the terminal: a wider line could not be overwritten. */
static size_t
width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 79;
	return size.ws_col - 1U;
}

void
terminal_transient(const char *line)
{
	struct pollfd polled = { .fd = STDERR_FILENO, .events = POLLOUT };
	size_t len = strlen(line), columns = width();
	struct str text = { 0 };

	if (poll(&polled, 1, 0) <= 0)
		return;
	if (len > columns)
		len = columns;
	erase_transient(&text);
	str_append(&text, line, len);
	write_all(&text);
	transient = len;
	str_free(&text);
}

void
terminal_trace(void *ctx, enum stream_direction direction, const char *line)
{
	(void)ctx;
	terminal_line(direction == STREAM_SENT ? "--> " : "<-- ", line);
}
