/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks for a password on the controlling terminal with echo turned off.
 */
#include "config/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"

/* The kernel limits a line of input to this many octets. */
#define LINE_SIZE 4096

static int
open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	/* Reading from it in the background would stop the process. */
	if (fd >= 0 && tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool
terminal_is_there(void)
{
	int fd = open_terminal();

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void
show(int fd, const char *text)
{
	/* Without a prompt the user can still answer. */
	if (write(fd, text, strlen(text)) < 0)
		return;
}

static bool
hide_input(int fd, struct termios *before)
{
	struct termios hidden;

	if (tcgetattr(fd, before) < 0)
		return false;
	hidden = *before;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	hidden.c_lflag |= ICANON | ISIG;
	hidden.c_iflag |= ICRNL;
	hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
	hidden.c_cc[VQUIT] = _POSIX_VDISABLE;
	return tcsetattr(fd, TCSAFLUSH, &hidden) == 0;
}

/* Signals are unblocked only in ppoll(), so that none can arrive unnoticed
 * between the check of the flag and the wait. */
static bool
wait_for_line(int fd, int64_t deadline, const sigset_t *waiting,
    struct error *err)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	for (;;) {
		if (process_signal() != 0)
			return process_fail_signal(
			    " while asking for the password", err);
		if (clock_has_passed(deadline))
			return error_set(err, ERROR_SECRET,
			    "no password was entered in time");
		if (process_poll(&input, 1, deadline, waiting) > 0)
			return true;
	}
}

static bool
read_line(int fd, int64_t deadline, struct secret *answer, struct error *err)
{
	char line[LINE_SIZE];
	sigset_t waiting;
	ssize_t len = 0;
	bool ok;

	process_hold_signals(&waiting);
	process_hold_alarm(true);
	ok = wait_for_line(fd, deadline, &waiting, err);
	process_hold_alarm(false);
	if (ok)
		len = read(fd, line, sizeof(line));
	sigprocmask(SIG_SETMASK, &waiting, NULL);

	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (ok && len > 0)
		secret_set(answer, line, (size_t)len);
	else if (ok)
		ok = error_set(err, ERROR_SECRET, "no password was entered");
	secret_wipe(line, sizeof(line));
	return ok;
}

bool
terminal_ask(const char *prompt, int64_t deadline, struct secret *answer,
    struct error *err)
{
	int fd = open_terminal();
	struct termios before;
	bool ok;

	if (fd < 0)
		return error_set(err, ERROR_SECRET,
		    "there is no terminal on which to ask for the password");
	if (!hide_input(fd, &before)) {
		error_set(err, ERROR_SECRET,
		    "cannot turn off echo on the terminal: %s",
		    strerror(errno));
		close(fd);
		return false;
	}
	show(fd, prompt);
	ok = read_line(fd, deadline, answer, err);
	tcsetattr(fd, TCSAFLUSH, &before);
	show(fd, "\n");
	close(fd);
	return ok;
}
