/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the system call for C libraries without this function, such as musl. */
#include "base/close_range.h"

#include <sys/syscall.h>

/* glibc gives the parameters other names.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int
close_range(unsigned first, unsigned last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
