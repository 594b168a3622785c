/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts by locks, which end with the processes that hold them: an account has a
 * range of octets in a file, and each session locks one of them.  The file stays
 * empty, because a lock may be beyond its end.
 */
#include "queue/sessions.h"

#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define NAME "sessions"
/* Accounts that share a range share its limit. */
#define RANGES 65536
#define RANGE_SIZE 128

_Static_assert(QUEUE_SESSIONS_MAX <= RANGE_SIZE, "a range has all sessions");

/* FNV-1a, which is no secret: the names of accounts are the user's own. */
static off_t
range_of(const char *account)
{
	uint32_t hash = 2166136261U;

	for (const char *p = account; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619U;
	return (off_t)(hash % RANGES) * RANGE_SIZE;
}

static bool
lock_octet(int fd, off_t at)
{
	struct flock octet = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &octet) == 0;
}

bool
queue_session_begin(const struct queue_folder *folder, const char *account,
    unsigned limit, int *fd)
{
	off_t range = range_of(account);

	*fd = openat(folder->root_plus_1 - 1, NAME,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (*fd < 0)
		return true;
	for (unsigned i = 0; i < limit; i++)
		if (lock_octet(*fd, range + (off_t)i))
			return true;
	close(*fd);
	*fd = -1;
	return false;
}
