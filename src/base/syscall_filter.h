/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A filter of system calls (seccomp(2)): this process and its children can no
 * longer make those that a client of mail servers never needs.
 */
#ifndef VEREDUS_BASE_SYSCALL_FILTER_H
#define VEREDUS_BASE_SYSCALL_FILTER_H

#include <stdbool.h>

/* Groups of system calls that may stay allowed. */
enum syscall_group {
	SYSCALL_EXEC = 1 << 0,  /* to run another program */
	SYSCALL_BIND = 1 << 1,  /* to choose the local address of a socket */
	SYSCALL_KEYS = 1 << 2,  /* to use the kernel's keys (keyrings(7)) */
	SYSCALL_TRACE = 1 << 3, /* to trace another process */
	SYSCALL_ACCEPT = 1 << 4 /* to accept a client; listen(2) came before */
};

/* Whether the filter is known for this architecture. */
bool syscall_filter_exists(void);

/*
 * Installs the filter.  A denied call fails with EPERM.  The groups are those
 * that stay allowed.  The process must have set PR_SET_NO_NEW_PRIVS.  On failure
 * returns false with errno set: ENOSYS on an unknown architecture.
 */
bool syscall_filter_install(unsigned groups);

#endif
