/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts by locks, which end with the processes that hold them: an account has a
 * range of octets in a file, and each session locks one of them; two more are for
 * queue runs.  The file stays empty, because a lock may be beyond its end.
 */
#include "queue/sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define NAME "sessions"
/* Accounts that share a range share its limit. */
#define RANGES 65536
#define RANGE_SIZE 128

/* Octets of a range behind those of the sessions. */
#define OCTET_RUN 126
#define OCTET_PROBE 127

_Static_assert(QUEUE_SESSIONS_MAX <= OCTET_RUN, "a range has all sessions");

/* FNV-1a, which is no secret: the names of accounts are the user's own. */
static uint32_t
add_to_hash(uint32_t hash, const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619U;
	return hash;
}

static off_t
range_of(const struct queue_destination *d)
{
	uint32_t hash = add_to_hash(2166136261U, d->account);

	if (d->configuration != NULL)
		hash = add_to_hash(hash, d->configuration);
	return (off_t)(hash % RANGES) * RANGE_SIZE;
}

static bool
lock_octet(int fd, short type, off_t at, bool wait)
{
	struct flock octet = { .l_type = type,
		.l_whence = SEEK_SET,
		.l_start = at,
		.l_len = 1 };

	return fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &octet) == 0;
}

int
queue_sessions_open(const struct queue_folder *folder)
{
	return openat(folder->root_plus_1 - 1, NAME,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
}

bool
queue_session_begin(const struct queue_folder *folder,
    const struct queue_destination *d, unsigned limit, int *fd)
{
	off_t range = range_of(d);

	*fd = queue_sessions_open(folder);
	if (*fd < 0)
		return true;
	for (unsigned i = 0; i < limit; i++)
		if (lock_octet(*fd, F_WRLCK, range + (off_t)i, false))
			return true;
	close(*fd);
	*fd = -1;
	return false;
}

bool
queue_run_begin(int fd, const struct queue_destination *d)
{
	return fd < 0 || lock_octet(fd, F_WRLCK, range_of(d) + OCTET_RUN, false)
	    || (errno != EAGAIN && errno != EACCES);
}

/*
 * The process that tries has the lock alone, and shares it once a session is
 * open.
 */
enum queue_probe
queue_probe_begin(const struct queue_folder *folder,
    const struct queue_destination *d, bool wait, int *fd)
{
	off_t at = range_of(d) + OCTET_PROBE;
	enum queue_probe result = QUEUE_PROBE_WORKS;

	*fd = queue_sessions_open(folder);
	if (*fd < 0 || lock_octet(*fd, F_WRLCK, at, false))
		return QUEUE_PROBE_OWN;
	if (!lock_octet(*fd, F_RDLCK, at, wait))
		result = QUEUE_PROBE_BUSY;
	else if (lock_octet(*fd, F_WRLCK, at, false))
		return QUEUE_PROBE_OWN;
	close(*fd);
	*fd = -1;
	return result;
}

void
queue_probe_works(int fd, const struct queue_destination *d)
{
	(void)lock_octet(fd, F_RDLCK, range_of(d) + OCTET_PROBE, false);
}
