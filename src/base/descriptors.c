/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the open descriptors of this process, and closes some of them. */
#include "base/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"

bool
descriptor_is_own(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

void
descriptors_close(bool (*keeps)(int fd))
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	unsigned long long number;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		if (text_number(entry->d_name, 3, 1 << 20, &number)
		    && (int)number != dirfd(folder) && !keeps((int)number))
			close((int)number);
	closedir(folder);
}
