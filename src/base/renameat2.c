/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the system call for C libraries without this function, such as musl. */
#include "base/renameat2.h"

#include <sys/syscall.h>
#include <unistd.h>

/* glibc gives the parameters other names.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
renameat2(int old_folder, const char *old_name, int new_folder,
    const char *new_name, unsigned flags)
{
	return (int)syscall(SYS_renameat2, old_folder, old_name, new_folder,
	    new_name, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
