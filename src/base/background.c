/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separates a child process from the caller of the program.
 */
#include "base/background.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

static bool
is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

static void
close_inherited(void)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned long long number;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (text_number(entry->d_name, 3, 1 << 20, &number)
		    && is_inherited((int)number))
			close((int)number);
	closedir(folder);
}

void
background_exit(int status)
{
	_exit(status);
}

enum background
background_fork(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child = null < 0 ? -1 : fork();

	if (child != 0) {
		if (null >= 0)
			close(null);
		return child < 0 ? BACKGROUND_FAILED : BACKGROUND_PARENT;
	}
	setsid();
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
	close_inherited();
	return BACKGROUND_CHILD;
}

/* A process in between ends at once, so that the child has no parent here. */
enum background
background_detach(void)
{
	int status = 0;
	pid_t between = fork();

	if (between < 0)
		return BACKGROUND_FAILED;
	if (between == 0) {
		enum background result = background_fork();

		if (result == BACKGROUND_CHILD)
			return BACKGROUND_CHILD;
		_exit(result == BACKGROUND_PARENT ? 0 : 1);
	}
	while (waitpid(between, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? BACKGROUND_PARENT : BACKGROUND_FAILED;
}
