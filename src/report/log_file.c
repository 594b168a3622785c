/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends lines to a log file that several processes may share. */
#include "report/log_file.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "base/text.h"

/* Give up if another process holds the lock for longer. */
#define LOCK_SECONDS 5
#define LOCK_PAUSE_MS 50

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

static bool
lock(int fd)
{
	int64_t end = clock_after_seconds(LOCK_SECONDS);
	struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (clock_has_passed(end)) {
			errno = EAGAIN;
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool
append(const char *file, const struct str *text)
{
	int fd = file_open_append(file);
	bool ok = fd >= 0 && lock(fd) && file_write(fd, text->data, text->len);
	int number = errno;

	if (fd >= 0 && close(fd) != 0 && ok)
		return false;
	errno = number;
	return ok;
}

bool
logfile_append(const char *file, const char *time_format, const char *line,
    struct error *err)
{
	struct str text = { 0 };
	bool ok;

	add_time(&text, time_format);
	str_add(&text, line);
	str_add_char(&text, '\n');
	ok = strcmp(file, "-") == 0
	    ? file_write(STDOUT_FILENO, text.data, text.len)
	    : append(file, &text);
	str_free(&text);
	return ok
	    || error_set(err, ERROR_CREATE, "cannot write to logfile %s: %s",
		file, strerror(errno));
}
