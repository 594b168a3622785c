/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separates a child process from the caller of the program.
 */
#include "base/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptors.h"

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
	descriptors_close(descriptor_is_own);
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
