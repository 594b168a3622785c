/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * NAME.lock of the token store: one process at a time asks for a token, and the
 * last failure is noted in the file, so that the others do not ask as well.
 */
#ifndef VEREDUS_HELPERS_OAUTH_LOCK_H
#define VEREDUS_HELPERS_OAUTH_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "oauth/failure.h"
#include "oauth/params.h"

/* { 0 } is no lock. */
struct lock {
	char *path;
	int fd;
	bool held;
};

/* Opens the file, and creates it.  Failures: OAUTH_CONFIG, OAUTH_SPACE,
 * OAUTH_TEMPORARY. */
bool lock_open(struct lock *lock, const struct oauth_params *p, uid_t owner,
    struct oauth_failure *failure);
void lock_free(struct lock *lock);

/* Tries once to get the lock: lock->held.  False if the file system has no locks;
 * then nothing is renewed.  Failures: OAUTH_TEMPORARY. */
bool lock_try(struct lock *lock, struct oauth_failure *failure);
/* Waits until the deadline (base/clock.h).  Failures: OAUTH_TEMPORARY. */
bool lock_wait(struct lock *lock, int64_t deadline,
    struct oauth_failure *failure);
/* Between two attempts. */
void lock_pause(void);

/* Fills an empty struct with the noted failure; a damaged note is none. */
void lock_read_note(const struct lock *lock, struct oauth_failure *note);
/* Replaces the note, as far as there is room; NULL removes it. */
void lock_write_note(const struct lock *lock, const struct oauth_failure *note);

#endif
