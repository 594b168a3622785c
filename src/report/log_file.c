/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends lines to a log file that several processes may share. */
#include "report/log_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"
#include "report/append.h"

/* How long all lines of the program wait for other programs, in milliseconds:
 * the server may have taken the message, and a caller that kills the program
 * sends it again. */
static int64_t patience = 1000;

static void
add_time(struct str *out, const char *format)
{
	time_t now = time(NULL);
	struct tm parts = { 0 };
	char text[256];

	if (format == NULL)
		format = "%b %d %H:%M:%S";
	localtime_r(&now, &parts);
	/* The format is the user's own, and strftime() takes no arguments. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(text, sizeof(text), format, &parts) == 0)
		return;
#pragma GCC diagnostic pop
	text_clean(out, text, strlen(text), sizeof(text));
	str_add_char(out, ' ');
}

/* Devices such as /dev/null are log files, too. */
static bool
write_line(int fd, const struct str *text, int64_t deadline)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
	    ? append_line(fd, text)
	    : file_write_until(fd, text->data, text->len, deadline);
}

/* Returns NULL, or why the text was not written. */
static const char *
append(const char *file, const struct str *text, int64_t deadline)
{
	const char *why;
	int fd = file_open_append(file, &why);

	if (fd < 0)
		return why;
	if (!file_lock(fd, deadline))
		why = errno == EAGAIN ? "another program has locked it"
				      : strerror(errno);
	else if (!write_line(fd, text, deadline))
		why = strerror(errno);
	if (close(fd) != 0 && why == NULL)
		why = strerror(errno);
	return why;
}

static const char *
write_to_stdout(const struct str *text, int64_t deadline)
{
	if (file_write_until(STDOUT_FILENO, text->data, text->len, deadline))
		return NULL;
	return errno == EAGAIN ? "nobody reads it" : strerror(errno);
}

bool
logfile_append(const char *file, const char *time_format, const char *line,
    struct error *err)
{
	int64_t start = clock_now();
	int64_t deadline = clock_after(patience);
	struct str text = { 0 };
	const char *why;

	add_time(&text, time_format);
	str_add(&text, line);
	str_add_char(&text, '\n');
	why = strcmp(file, "-") == 0 ? write_to_stdout(&text, deadline)
				     : append(file, &text, deadline);
	patience -= clock_now() - start;
	if (patience < 0)
		patience = 0;
	str_free(&text);
	return why == NULL
	    || error_set(err, ERROR_CREATE,
		"cannot write to the log file %s: %s", file, why);
}
