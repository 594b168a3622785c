/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs commands and reads their output.  A command ends when its process exits,
 * not at the end of its output: a background process may keep the pipe open.
 * So ppoll() waits for the pipe and for SIGCHLD, which is blocked elsewhere.
 */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/text.h"

/* A command may print notes after its first line. */
#define OUTPUT_MAX ((size_t)1024 * 1024)
/* What is kept of the errors of a filter, and the room for what is not. */
#define FILTER_ERRORS_MAX ((size_t)1024)
#define FILTER_BLOCK ((size_t)64 * 1024)

enum command_kind {
	/* Prints a line, for a setting. */
	COMMAND_FOR_LINE,
	/* A program of ours, whose whole output is the result; it has no
	 * environment. */
	COMMAND_PROGRAM,
	/* Has input and output of its own; its errors are read. */
	COMMAND_FILTER
};

struct command {
	const char *what, *path;
	char *const *argv;
	enum command_kind kind;
	const struct command_filter *filter; /* of COMMAND_FILTER */
	enum error_kind temporary_kind;
	enum error_kind permanent_kind;
	size_t max; /* of the output */
	pid_t pid;
	int fd; /* of the pipe with the output */
	char *output;
	size_t size; /* of the buffer: max, a line end, one excess byte */
	size_t len;
	size_t dropped; /* octets after the first line that did not fit */
	bool at_end;    /* of the output */
	int status;     /* the exit status, or -1 after a signal */
	int64_t deadline;
	sigset_t waiting; /* the signal mask in ppoll() */
};

/* Sets the descriptors 0 to 2; `pipe` is that of the output that is read. */
static bool
set_descriptors(const struct command *c, int pipe)
{
	const struct command_filter *f = c->filter;
	int input = f != NULL ? f->input : open("/dev/null", O_RDONLY);
	int output = f != NULL ? f->output : pipe;
	int errors = c->kind == COMMAND_FOR_LINE ? STDERR_FILENO : pipe;

	return input >= 0 && dup2(input, STDIN_FILENO) >= 0
	    && dup2(output, STDOUT_FILENO) >= 0
	    && dup2(errors, STDERR_FILENO) >= 0;
}

/* Runs in the child; calls only async-signal-safe functions. */
ATTR_NORETURN static void
exec_command(const struct command *c, int output)
{
	static char *const no_environment[] = { NULL };
	char *const *const environment[] = { [COMMAND_FOR_LINE] = environ,
		[COMMAND_PROGRAM] = no_environment,
		[COMMAND_FILTER] =
		    c->filter != NULL ? c->filter->environment : NULL };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	process_default_signals();
	if (!set_descriptors(c, output)
	    || (c->kind == COMMAND_FILTER && chdir("/") != 0))
		_exit(EX_OSERR);
	process_exec(c->path, c->argv, environment[c->kind]);
}

static bool
start_command(struct command *c, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set_about(err, c->temporary_kind, c->what,
		    "cannot create a pipe: %s", strerror(errno));
	c->pid = fork();
	if (c->pid == 0)
		exec_command(c, ends[1]);
	close(ends[1]);
	if (c->pid < 0) {
		error_set_about(err, c->temporary_kind, c->what,
		    "cannot start a process: %s", strerror(errno));
		close(ends[0]);
		return false;
	}
	setpgid(c->pid, c->pid);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	c->fd = ends[0];
	return true;
}

/* Keeps the first octets of the errors of a filter; returns whether there were
 * more. */
static bool
drop_errors(struct command *c)
{
	if (c->kind != COMMAND_FILTER || c->len <= c->max)
		return false;
	c->len = c->max;
	c->output[c->len] = '\0';
	return true;
}

/* Only the first line of a user's command is needed: makes room in a full buffer
 * that holds it. */
static void
drop_notes(struct command *c)
{
	const char *end;
	size_t keep;

	if (c->kind != COMMAND_FOR_LINE || c->len < c->size
	    || c->dropped > OUTPUT_MAX)
		return;
	end = memchr(c->output, '\n', c->len);
	if (end == NULL)
		return;
	keep = (size_t)(end + 1 - c->output);
	if (keep > c->max + 1)
		return; /* the line is too long */
	c->dropped += c->len - keep;
	c->len = keep;
}

static bool
fail_length(const struct command *c, struct error *err)
{
	return error_set_about(err, c->permanent_kind, c->what,
	    "the command printed more than %zu bytes",
	    c->dropped > 0 ? OUTPUT_MAX : c->max);
}

/* Reads the output that is available, but not for ever from a filter that goes on
 * writing errors: its deadline counts.  What was read before an error may be only
 * the beginning of a secret. */
static bool
read_output(struct command *c, struct error *err)
{
	while (!c->at_end && c->len < c->size) {
		ssize_t n = read(c->fd, c->output + c->len, c->size - c->len);

		if (n > 0)
			c->len += (size_t)n;
		else if (n == 0)
			c->at_end = true;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			return error_set_about(err, c->temporary_kind, c->what,
			    "cannot read the output of the command: %s",
			    strerror(errno));
		if (drop_errors(c))
			break;
		drop_notes(c);
	}
	return c->len < c->size || fail_length(c, err);
}

/* Keeps the zombie (WNOWAIT): its process ID is not reused, so its process
 * group can still be killed safely. */
static bool
has_exited(struct command *c)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
	    || info.si_pid != c->pid)
		return false;
	c->status = info.si_code == CLD_EXITED ? info.si_status : -1;
	return true;
}

static bool
wait_command(struct command *c, struct error *err)
{
	for (;;) {
		struct pollfd pipe = { .fd = c->at_end ? -1 : c->fd,
			.events = POLLIN };
		/* Checked first: then read_output() reads all output. */
		bool exited = has_exited(c);

		if (!read_output(c, err))
			return false;
		if (exited)
			return true;
		if (process_signal() != 0) {
			process_fail_signal("", err);
			return error_subject(err, "%s", c->what);
		}
		if (clock_has_passed(c->deadline))
			return error_set_about(err, c->temporary_kind, c->what,
			    "the command did not finish in time");
		process_poll(&pipe, 1, c->deadline, &c->waiting);
	}
}

/* Says why a filter fails, with the first line that it wrote.  A program may
 * fail and have the status 0: that line is then the remark. */
static bool
check_filter(const struct command *c, struct error *err)
{
	int len = (int)strcspn(c->output, "\r\n");
	const char *colon = len > 0 ? ": " : "";

	if (c->status == 0) {
		str_append(c->filter->remark, c->output, (size_t)len);
		return true;
	}
	if (c->status == EX_DATAERR)
		return error_set(err, c->permanent_kind,
		    "the filter rejected the message%s%.*s", colon, len,
		    c->output);
	if (c->status < 0)
		return error_set_about(err, c->temporary_kind, c->what,
		    "the command was killed by a signal%s%.*s", colon, len,
		    c->output);
	return error_set_about(err, c->temporary_kind, c->what,
	    "the command failed with exit status %d%s%.*s", c->status, colon,
	    len, c->output);
}

/* If one of our programs fails, the error text is its first line of output. */
static bool
check_status(const struct command *c, struct error *err)
{
	if (c->status == PROCESS_NOT_FOUND || c->status == 126)
		return error_set_about(err, ERROR_CONFIG, c->what,
		    "the command was not found or cannot be run");
	if (c->status < 0)
		return error_set_about(err, c->temporary_kind, c->what,
		    "the command was killed by a signal");
	if (c->status > 0 && c->kind == COMMAND_PROGRAM && c->len > 0)
		return error_set_about(err, c->temporary_kind, c->what, "%.*s",
		    (int)strcspn(c->output, "\n"), c->output);
	if (c->status > 0)
		return error_set_about(err, c->temporary_kind, c->what,
		    "the command failed with exit status %d", c->status);
	return true;
}

/* Reduces the output to its first line, without the line end and a byte order
 * mark. */
static bool
take_first_line(struct command *c, struct error *err)
{
	size_t mark = text_mark_length(c->output, c->len);
	char *end;

	if (text_is_utf16(c->output, c->len))
		return error_set_about(err, ERROR_CONFIG, c->what,
		    "the output of the command " TEXT_UTF16_PROBLEM);
	c->len -= mark;
	memmove(c->output, c->output + mark, c->len);
	end = memchr(c->output, '\n', c->len);
	if (end)
		c->len = (size_t)(end - c->output);
	if (memchr(c->output, '\0', c->len))
		return error_set_about(err, ERROR_CONFIG, c->what,
		    "the first line that the command printed contains a "
		    "NUL byte");
	if (c->len > 0 && c->output[c->len - 1] == '\r')
		c->len--;
	if (c->len == 0)
		return error_set_about(err, ERROR_SECRET, c->what,
		    "the command printed nothing on its first line");
	return true;
}

/* Whether the command that has ended was successful. */
static bool
check_result(struct command *c, struct error *err)
{
	switch (c->kind) {
	case COMMAND_FILTER:
		return check_filter(c, err);
	case COMMAND_PROGRAM:
		if (!check_status(c, err))
			return false;
		break;
	case COMMAND_FOR_LINE:
		if (!check_status(c, err) || !take_first_line(c, err))
			return false;
		break;
	}
	return c->len <= c->max || fail_length(c, err);
}

static bool
run_child(struct command *c, struct error *err)
{
	bool ok;

	if (!start_command(c, err))
		return false;
	c->size = c->max + (c->kind == COMMAND_FILTER ? FILTER_BLOCK : 3);
	c->output = alloc_zeroed(c->size + 1, 1);
	process_await_helper(true, c->pid);
	ok = wait_command(c, err);
	process_await_helper(false, 0);
	ok = ok && check_result(c, err);
	if (!ok)
		kill(-c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(c->fd);
	return ok;
}

/* The caller frees c->output, also after an error. */
static bool
run(struct command *c, struct error *err)
{
	bool ok;

	process_hold_child_signals(&c->waiting);
	ok = run_child(c, err);
	process_release_child_signals(&c->waiting);
	return ok;
}

/* Runs a command line of a setting; the caller frees c->output. */
static bool
run_shell(struct command *c, const char *line, struct error *err)
{
	char name[] = "sh", option[] = "-c";
	char *copy = alloc_string(line);
	char *argv[] = { name, option, copy, NULL };
	bool ok;

	c->path = "/bin/sh";
	c->argv = argv;
	ok = run(c, err);
	c->argv = NULL;
	secret_wipe(copy, strlen(copy)); /* some commands have a password */
	free(copy);
	return ok;
}

bool
command_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err)
{
	struct command c = { .what = what,
		.temporary_kind = ERROR_SECRET,
		.permanent_kind = ERROR_CONFIG,
		.max = SECRET_MAX,
		.deadline = deadline };
	bool ok = run_shell(&c, command, err);

	if (ok)
		secret_set(line, c.output, c.len);
	secret_wipe(c.output, c.size);
	free(c.output);
	return ok;
}

bool
command_read_output(char *const argv[], size_t max, int64_t deadline,
    struct str *output, struct error *err)
{
	const char *slash = strrchr(argv[0], '/');
	struct command c = { .what = slash ? slash + 1 : argv[0],
		.path = argv[0],
		.argv = argv,
		.kind = COMMAND_PROGRAM,
		.temporary_kind = ERROR_SYSTEM,
		.permanent_kind = ERROR_SYSTEM,
		.max = max,
		.deadline = deadline };
	bool ok = run(&c, err);

	if (ok)
		str_append(output, c.output, c.len);
	free(c.output);
	return ok;
}

bool
command_filter(const char *what, const char *command,
    const struct command_filter *filter, int64_t deadline, struct error *err)
{
	struct command c = { .what = what,
		.kind = COMMAND_FILTER,
		.filter = filter,
		.temporary_kind = ERROR_FILTER,
		.permanent_kind = ERROR_MESSAGE,
		.max = FILTER_ERRORS_MAX,
		.deadline = deadline };
	bool ok = run_shell(&c, command, err);

	free(c.output);
	return ok;
}
