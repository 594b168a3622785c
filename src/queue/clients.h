/* SPDX-FileCopyrightText: 2026 The veredus authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many processes of a service have a client of the same user at once.
 */
#ifndef VEREDUS_QUEUE_CLIENTS_H
#define VEREDUS_QUEUE_CLIENTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "queue/folder.h"

#define QUEUE_CLIENTS_MAX 100

/*
 * Counts this process among those of the user; false if there are `limit` of
 * them (1 to QUEUE_CLIENTS_MAX).  *fd is a descriptor, which child processes
 * inherit: the process counts until it is closed everywhere.  Without a file to
 * count in, there is no limit, and *fd is -1.
 */
bool queue_client_begin(const struct queue_folder *folder, uid_t uid,
    unsigned limit, int *fd);

#endif
