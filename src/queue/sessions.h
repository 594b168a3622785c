/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many processes deliver queued messages of an account at once, which of
 * them are queue runs, and which one tries a destination first.  A process
 * counts until its descriptor is closed, or the process has ended; child
 * processes inherit the descriptor.
 */
#ifndef VEREDUS_QUEUE_SESSIONS_H
#define VEREDUS_QUEUE_SESSIONS_H

#include <stdbool.h>

#include "queue/folder.h"
#include "queue/pauses.h"

#define QUEUE_SESSIONS_MAX 100

/*
 * Counts this process among those that deliver for the account of the
 * destination; false if there are `limit` of them (1 to QUEUE_SESSIONS_MAX).
 * Without a file to count in, there is no limit, and *fd is -1.
 */
bool queue_session_begin(const struct queue_folder *folder,
    const struct queue_destination *d, unsigned limit, int *fd);
/* Opens the file for a queue run, whose processes share the descriptor; -1 if
 * there is none. */
int queue_sessions_open(const struct queue_folder *folder);
/* Makes this queue run that of the account; false if another one is. */
bool queue_run_begin(int fd, const struct queue_destination *d);
enum queue_probe {
	QUEUE_PROBE_OWN,   /* no other process tries the servers */
	QUEUE_PROBE_WORKS, /* another one has an open session */
	QUEUE_PROBE_BUSY   /* another one tries them */
};

/*
 * Makes this process the only one that tries the account's servers, until it
 * closes *fd or calls queue_probe_works().  With `wait`, waits while another one
 * tries them: BUSY then means that a signal ended the wait.  Without a file, and
 * in other cases than OWN, *fd is -1.
 */
enum queue_probe queue_probe_begin(const struct queue_folder *folder,
    const struct queue_destination *d, bool wait, int *fd);
/* The process has an open session, until it closes the descriptor. */
void queue_probe_works(int fd, const struct queue_destination *d);

#endif
