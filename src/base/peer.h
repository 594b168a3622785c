/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is at the other end of a Unix socket: the user and the groups that the
 * client had when it connected, as the kernel tells them.
 */
#ifndef VEREDUS_BASE_PEER_H
#define VEREDUS_BASE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct peer {
	uid_t uid;
	gid_t *groups; /* the group of the process and its further ones */
	size_t group_count;
	char *login; /* the name of the uid, or "uid-N" */
	/*
	 * The kernel gives this uid to every user of another user namespace, so
	 * that the name in the password database is not that of the client.
	 */
	bool is_overflow;
	char *label; /* of the security module, or NULL */
};

/*
 * Fills an empty struct for a connected socket.  Errors: ERROR_USAGE if the
 * descriptor is not a Unix socket, or if its socket has no name: a pair of
 * sockets says who made it, and not who uses it.  ERROR_SYSTEM.
 */
bool peer_read(int fd, struct peer *peer, struct error *err);
/*
 * Fills an empty struct for a user of the password database, or for a number.
 * Errors: ERROR_USAGE.
 */
bool peer_init(struct peer *peer, const char *user, struct error *err);
/* Returns the login name of a client with that uid, which the caller frees. */
char *peer_login(uid_t uid);
bool peer_has_group(const struct peer *peer, gid_t group);
void peer_free(struct peer *peer);

/*
 * Whether the path leads to the socket at which the client reached the process
 * (the same file, under any name).
 */
bool peer_reached_by(int fd, const char *path);

#endif
