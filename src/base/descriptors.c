/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the open descriptors of this process, and closes some of them. */
#include "base/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/close_range.h"
#include "base/text.h"

/* How many descriptors to close if their limit is unknown or larger. */
#define DESCRIPTORS_MAX 65536

bool
descriptor_is_own(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

/* Tries all numbers. */
static void
close_numbers(bool (*keeps)(int fd))
{
	long max = sysconf(_SC_OPEN_MAX);

	if (max < 0 || max > DESCRIPTORS_MAX)
		max = DESCRIPTORS_MAX;
	for (int fd = 3; fd < max; fd++)
		if (keeps == NULL || !keeps(fd))
			close(fd);
}

void
descriptors_close(bool (*keeps)(int fd))
{
	const struct dirent *entry;
	unsigned long long number;
	DIR *folder;

	if (keeps == NULL && close_range(3, ~0U, 0) == 0)
		return;
	folder = keeps == NULL ? NULL : opendir("/proc/self/fd");
	if (folder == NULL) {
		close_numbers(keeps);
		return;
	}
	while ((entry = readdir(folder)) != NULL)
		if (text_number(entry->d_name, 3, 1 << 20, &number)
		    && (int)number != dirfd(folder) && !keeps((int)number))
			close((int)number);
	closedir(folder);
}
