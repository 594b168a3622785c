/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens what --report names, and writes its lines. */
#include "report/report_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "report/append.h"

#define DESCRIPTOR "fd:"
#define DESCRIPTOR_MAX 65535

/* How long all lines of the program wait for a reader, in milliseconds.  Without
 * an end, a reader that waits for the end of the program would hang. */
static int64_t patience = 10000;

static struct {
	bool is_open;
	bool is_used;
	int fd;
	const char *name; /* as --report has it */
	struct stat file; /* what fd was when it was opened */
} target;

static bool
open_file(const char *path, struct error *err)
{
	const char *why;

	target.fd = file_open_append(path, &why);
	return target.fd >= 0
	    || error_set(err, ERROR_CREATE, "--report: cannot open %s: %s",
		path, why);
}

static bool
use_descriptor(const struct cmdline *cmdline, int fd, struct error *err)
{
	bool talks_smtp =
	    cmdline->mode == MODE_SERVE || cmdline->mode == MODE_SERVICE;
	int flags = fcntl(fd, F_GETFL);

	target.fd = fd;
	if (fd == STDIN_FILENO)
		return error_set(err, ERROR_USAGE,
		    "--report=%s: descriptor 0 is the input", cmdline->report);
	if (talks_smtp && fd == STDOUT_FILENO)
		return error_set(err, ERROR_USAGE,
		    "--report=%s: the SMTP client reads standard output; name "
		    "a file or another descriptor",
		    cmdline->report);
	return (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
	    || error_set(err, ERROR_USAGE,
		"--report=%s: descriptor %d is not open for writing",
		cmdline->report, fd);
}

static bool
open_target(const struct cmdline *cmdline, struct error *err)
{
	const char *name = cmdline->report;
	const char *number = name + strlen(DESCRIPTOR);
	unsigned long long fd;

	if (*name == '\0')
		return error_set(err, ERROR_USAGE,
		    "--report= names neither a file nor a descriptor");
	if (strcmp(name, "-") == 0)
		return use_descriptor(cmdline, STDOUT_FILENO, err);
	if (strncmp(name, DESCRIPTOR, strlen(DESCRIPTOR)) != 0)
		return open_file(name, err);
	if (*number == '\0')
		return error_set(err, ERROR_USAGE,
		    "--report=%s has no number of a descriptor: write fd:3, "
		    "for example",
		    name);
	if (!text_number(number, 0, DESCRIPTOR_MAX, &fd))
		return error_set(err, ERROR_USAGE,
		    "--report=%s: %s is no number of a descriptor", name,
		    number);
	return use_descriptor(cmdline, (int)fd, err);
}

bool
report_file_open(const struct cmdline *cmdline, struct error *err)
{
	target.name = cmdline->report;
	target.is_open = open_target(cmdline, err)
	    && (fstat(target.fd, &target.file) == 0
		|| error_set(err, ERROR_CREATE, "--report=%s: %s", target.name,
		    strerror(errno)));
	return target.is_open;
}

bool
report_file_is_open(void)
{
	return target.is_open;
}

bool
report_file_is_stdout(void)
{
	return target.is_open && target.fd == STDOUT_FILENO;
}

bool
report_file_is_unused(void)
{
	return target.is_open && !target.is_used;
}

/* Its number may be that of another file in a process in the background. */
static bool
is_same_file(void)
{
	struct stat now;

	return fstat(target.fd, &now) == 0 && now.st_dev == target.file.st_dev
	    && now.st_ino == target.file.st_ino;
}

/*
 * The processes of a queue run share a pipe, whose writes are mixed if they are
 * long, or a file.  The lock is that of a process, so that it excludes those that
 * were forked, too.
 */
static bool
lock(short type, int64_t deadline)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct flock whole = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(target.fd, F_SETLK, &whole) != 0) {
		if ((errno != EAGAIN && errno != EACCES)
		    || clock_has_passed(deadline))
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* What cannot be locked is written all the same. */
static bool
write_line(const struct str *line)
{
	const int64_t deadline = clock_after(patience);
	bool is_locked = lock(F_WRLCK, deadline);
	int errnum;
	bool ok;

	if (!S_ISREG(target.file.st_mode))
		ok = file_write_until(target.fd, line->data, line->len,
		    deadline);
	else if (is_locked)
		ok = append_line(target.fd, line);
	else
		ok = file_write(target.fd, line->data, line->len);
	errnum = errno;
	if (is_locked)
		(void)lock(F_UNLCK, deadline);
	errno = errnum;
	return ok;
}

bool
report_file_write(const struct str *line, struct error *err)
{
	int64_t start = clock_now();
	const char *why = NULL;

	target.is_used = true;
	if (!is_same_file())
		return true;
	if (!write_line(line))
		why = errno == EAGAIN ? "nobody reads it" : strerror(errno);
	patience -= clock_now() - start;
	if (patience < 0)
		patience = 0;
	return why == NULL
	    || error_set(err, ERROR_CREATE, "cannot write the report to %s: %s",
		target.name, why);
}
