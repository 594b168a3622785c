/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Separates a child process from the caller of the program.
 */
#include "base/background.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
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
