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
#include "base/descriptors.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"

/* A command may print notes after its first line. */
#define OUTPUT_MAX ((size_t)1024 * 1024)

struct helper {
	const char *what, *path;
	char *const *argv;
	/* The whole output is the result, and the environment is empty;
	 * otherwise the first line that a command of the user prints. */
	bool is_our_program;
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

/* Interrupts ppoll(). */
static void
wake_up(int number)
{
	(void)number;
}

/* Runs in the child; calls only async-signal-safe functions. */
ATTR_NORETURN static void
exec_helper(const struct helper *h, int output)
{
	static char *const no_environment[] = { NULL };
	int input = open("/dev/null", O_RDONLY);
	int failure;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	process_default_signals();
	if (input < 0 || dup2(input, STDIN_FILENO) < 0
	    || dup2(output, STDOUT_FILENO) < 0
	    || (h->is_our_program && dup2(output, STDERR_FILENO) < 0))
		_exit(EX_OSERR);
	descriptors_close(NULL);
	execve(h->path, h->argv, h->is_our_program ? no_environment : environ);
	failure = file_errno_is_temporary(errno) ? EX_OSERR : 127;
	_exit(failure);
}

static bool
start_helper(struct helper *h, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, h->temporary_kind,
		    "%s: cannot create a pipe: %s", h->what, strerror(errno));
	h->pid = fork();
	if (h->pid == 0)
		exec_helper(h, ends[1]);
	close(ends[1]);
	if (h->pid < 0) {
		error_set(err, h->temporary_kind,
		    "%s: cannot start a process: %s", h->what, strerror(errno));
		close(ends[0]);
		return false;
	}
	setpgid(h->pid, h->pid);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	h->fd = ends[0];
	return true;
}

/* Only the first line of a user's command is needed: makes room in a full buffer
 * that holds it. */
static void
drop_notes(struct helper *h)
{
	const char *end;
	size_t keep;

	if (h->is_our_program || h->len < h->size || h->dropped > OUTPUT_MAX)
		return;
	end = memchr(h->output, '\n', h->len);
	if (end == NULL)
		return;
	keep = (size_t)(end + 1 - h->output);
	if (keep > h->max + 1)
		return; /* the line is too long */
	h->dropped += h->len - keep;
	h->len = keep;
}

/* Reads the output that is available.  Returns false if it is too long. */
static bool
read_output(struct helper *h)
{
	while (!h->at_end && h->len < h->size) {
		ssize_t n = read(h->fd, h->output + h->len, h->size - h->len);

		if (n > 0)
			h->len += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			h->at_end = true;
		else if (errno == EAGAIN)
			break;
		drop_notes(h);
	}
	return h->len < h->size;
}

/* Keeps the zombie (WNOWAIT): its process ID is not reused, so its process
 * group can still be killed safely. */
static bool
has_exited(struct helper *h)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
	    || info.si_pid != h->pid)
		return false;
	h->status = info.si_code == CLD_EXITED ? info.si_status : -1;
	return true;
}

static bool
fail_length(const struct helper *h, struct error *err)
{
	return error_set(err, h->permanent_kind,
	    "%s: the command printed more than %zu bytes", h->what,
	    h->dropped > 0 ? OUTPUT_MAX : h->max);
}

static bool
wait_helper(struct helper *h, struct error *err)
{
	for (;;) {
		struct pollfd pipe = { .fd = h->at_end ? -1 : h->fd,
			.events = POLLIN };
		int ms = clock_poll_timeout(h->deadline);
		struct timespec timeout = { .tv_sec = ms / 1000,
			.tv_nsec = (long)(ms % 1000) * 1000000 };
		/* Checked first: then read_output() reads all output. */
		bool exited = has_exited(h);

		if (!read_output(h))
			return fail_length(h, err);
		if (exited)
			return true;
		if (process_signal() != 0) {
			process_fail_signal("", err);
			return error_prefix(err, "%s", h->what);
		}
		if (clock_has_passed(h->deadline))
			return error_set(err, h->temporary_kind,
			    "%s: the command did not finish in time", h->what);
		ppoll(&pipe, 1, ms < 0 ? NULL : &timeout, &h->waiting);
	}
}

/* If one of our programs fails, the error text is its first line of output. */
static bool
check_status(const struct helper *h, struct error *err)
{
	if (h->status == 127 || h->status == 126)
		return error_set(err, ERROR_CONFIG,
		    "%s: the command was not found or cannot be run", h->what);
	if (h->status < 0)
		return error_set(err, h->temporary_kind,
		    "%s: the command was killed by a signal", h->what);
	if (h->status > 0 && h->is_our_program && h->len > 0)
		return error_set(err, h->temporary_kind, "%s: %.*s", h->what,
		    (int)strcspn(h->output, "\n"), h->output);
	if (h->status > 0)
		return error_set(err, h->temporary_kind,
		    "%s: the command failed with exit status %d", h->what,
		    h->status);
	return true;
}

/* Reduces the output to its first line, without the line end and a byte order
 * mark. */
static bool
take_first_line(struct helper *h, struct error *err)
{
	size_t mark = text_mark_length(h->output, h->len);
	char *end;

	if (text_is_utf16(h->output, h->len))
		return error_set(err, ERROR_CONFIG,
		    "%s: the output of the command " TEXT_UTF16_PROBLEM,
		    h->what);
	h->len -= mark;
	memmove(h->output, h->output + mark, h->len);
	end = memchr(h->output, '\n', h->len);
	if (end)
		h->len = (size_t)(end - h->output);
	if (memchr(h->output, '\0', h->len))
		return error_set(err, ERROR_CONFIG,
		    "%s: the first line that the command printed contains a "
		    "NUL byte",
		    h->what);
	if (h->len > 0 && h->output[h->len - 1] == '\r')
		h->len--;
	if (h->len == 0)
		return error_set(err, ERROR_SECRET,
		    "%s: the command printed nothing on its first line",
		    h->what);
	return true;
}

static bool
run_child(struct helper *h, struct error *err)
{
	bool ok;

	if (!start_helper(h, err))
		return false;
	h->size = h->max + 3;
	h->output = alloc_zeroed(h->size + 1, 1);
	process_await_helper(true, h->pid);
	ok = wait_helper(h, err);
	process_await_helper(false, 0);
	ok = ok && check_status(h, err)
	    && (h->is_our_program || take_first_line(h, err));
	if (ok && h->len > h->max)
		ok = fail_length(h, err);
	if (!ok)
		kill(-h->pid, SIGKILL);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(h->fd);
	return ok;
}

/* The caller frees h->output, also after an error. */
static bool
run(struct helper *h, struct error *err)
{
	struct sigaction old, action = { .sa_handler = wake_up };
	sigset_t child;
	bool ok;

	sigemptyset(&action.sa_mask);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	process_hold_signals(&h->waiting);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &action, &old);

	ok = run_child(h, err);

	sigaction(SIGCHLD, &old, NULL);
	sigprocmask(SIG_SETMASK, &h->waiting, NULL);
	return ok;
}

bool
command_read_line(const char *what, const char *command, int64_t deadline,
    struct secret *line, struct error *err)
{
	char name[] = "sh", option[] = "-c";
	char *copy = alloc_string(command);
	char *argv[] = { name, option, copy, NULL };
	struct helper h = { .what = what,
		.path = "/bin/sh",
		.argv = argv,
		.temporary_kind = ERROR_SECRET,
		.permanent_kind = ERROR_CONFIG,
		.max = SECRET_MAX,
		.deadline = deadline };
	bool ok = run(&h, err);

	if (ok)
		secret_set(line, h.output, h.len);
	secret_wipe(h.output, h.size);
	free(h.output);
	secret_wipe(copy, strlen(copy)); /* some commands have a password */
	free(copy);
	return ok;
}

bool
command_read_output(char *const argv[], size_t max, int64_t deadline,
    struct str *output, struct error *err)
{
	const char *slash = strrchr(argv[0], '/');
	struct helper h = { .what = slash ? slash + 1 : argv[0],
		.path = argv[0],
		.argv = argv,
		.is_our_program = true,
		.temporary_kind = ERROR_SYSTEM,
		.permanent_kind = ERROR_SYSTEM,
		.max = max,
		.deadline = deadline };
	bool ok = run(&h, err);

	if (ok)
		str_append(output, h.output, h.len);
	free(h.output);
	return ok;
}
