/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process of veredus-oauth: it outlives its caller, keeps what it knows from
 * other processes, and cannot be stopped between a request and the file that has
 * its answer.
 */
#ifndef VEREDUS_HELPERS_OAUTH_GUARD_H
#define VEREDUS_HELPERS_OAUTH_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "oauth/failure.h"

/* Called first: no core file, no tracing, no environment, a session of its own,
 * and no signal when the caller ends. */
bool guard_start(struct oauth_failure *failure);

/* If the process is root's and the folder belongs to another user, it becomes
 * that user for good.  *owner is who it is then. */
bool guard_become_owner(const char *folder, uid_t *owner,
    struct oauth_failure *failure);

/*
 * From now on no signal ends the process, except that an alarm kills it after so
 * many seconds; 0 is no alarm.  guard_relax() cancels the alarm, and a signal that
 * came counts then.
 */
void guard_critical(unsigned seconds);
void guard_relax(void);

#endif
