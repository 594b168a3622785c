/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work that goes on after the caller of the program has its answer.
 */
#ifndef VEREDUS_BASE_BACKGROUND_H
#define VEREDUS_BASE_BACKGROUND_H

#include "base/attr.h"

enum background {
	BACKGROUND_FAILED, /* there is no other process; errno is set */
	BACKGROUND_PARENT, /* this process is to end and answer */
	BACKGROUND_CHILD   /* this process goes on */
};

/*
 * Forks.  The child has a session of its own, /dev/null in place of the standard
 * descriptors, and none of the descriptors that this program inherited, so that
 * nobody waits for it.  Descriptors with FD_CLOEXEC are those of this program.
 */
enum background background_fork(void);
/* The same for a parent that goes on, too, and need not wait for the child. */
enum background background_detach(void);
/* Ends one of the two processes, without the work that is the other's. */
ATTR_NORETURN void background_exit(int status);

#endif
