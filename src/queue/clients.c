/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts by locks, which end with the processes that hold them: each user has a
 * range of octets in a file that stays empty.
 */
#include "queue/clients.h"

#include <fcntl.h>
#include <unistd.h>

#define NAME "clients"
#define RANGE_SIZE 128

_Static_assert(QUEUE_CLIENTS_MAX <= RANGE_SIZE, "a range has all clients");
_Static_assert(sizeof(off_t) == 8, "every uid has a range");

bool
queue_client_begin(const struct queue_folder *folder, uid_t uid, unsigned limit,
    int *fd)
{
	struct flock octet = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = 1 };

	*fd = openat(folder->root_plus_1 - 1, NAME,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (*fd < 0)
		return true;
	for (unsigned i = 0; i < limit; i++) {
		octet.l_start = (off_t)uid * RANGE_SIZE + (off_t)i;
		if (fcntl(*fd, F_OFD_SETLK, &octet) == 0)
			return true;
	}
	close(*fd);
	*fd = -1;
	return false;
}
